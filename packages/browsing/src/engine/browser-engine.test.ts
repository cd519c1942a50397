import { TaborError } from "@tabor/onion-core";
import { describe, expect, it } from "vitest";
import type { TabId } from "../api.ts";
import { EngineBench, TAB, VIEW } from "./testing/engine-bench.ts";
import { CIRCUIT, type Script } from "./testing/scripted-fetcher.ts";

const page = (body: string): Script => ({ body: [`<!doctype html>${body}`] });
const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3);

/** The addresses of the view in a text, in order. */
const addresses = (text: string): string[] =>
  [...text.matchAll(/\/~v\/[\w-]+(?:[?#][^"')\s]*)?/g)].map(([found]) => found);

describe("a document", () => {
  it("is shown with the addresses of the view in place of its own, and told of", async () => {
    const bench = new EngineBench({
      "https://a.example/": [page(`<title> Home </title><a href="/two#part">two</a><script>1</script>`)],
    });
    const { status, headers, text } = await bench.go("https://a.example/");
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(text).not.toMatch(/example|script/);
    expect(addresses(text)).toEqual([expect.stringMatching(/#part$/)]);
    expect(bench.events.map(({ type }) => type)).toEqual([
      "started",
      "progress",
      "committed",
      "title",
      "finished",
    ]);
    expect(bench.of("committed")[0]).toMatchObject({
      url: "https://a.example/",
      status: 200,
      site: { site: "a.example", tls: undefined },
    });
    expect(bench.of("title")[0]?.title).toBe("Home");
  });

  it("keeps none of the site's own fields", async () => {
    const fields = [
      ["set-cookie", "a=1"],
      ["refresh", "0;url=https://b.example/"],
      ["link", "<https://b.example/>;rel=preconnect"],
      ["content-security-policy", "default-src *"],
      ["access-control-allow-origin", "*"],
    ] as const;
    const bench = new EngineBench({ "https://a.example/": [{ fields, body: ["x"] }] });
    const { headers } = await bench.go("https://a.example/");
    expect([...headers.keys()]).toEqual(["content-type"]);
  });

  it("leads on: a link is asked for with where it came from", async () => {
    const bench = new EngineBench({
      "https://a.example/dir/?q": [page(`<a href="/two">1</a><a href="https://b.example/">2</a>`)],
      "https://a.example/two": [page("")],
      "https://b.example/": [page("")],
    });
    const { text } = await bench.go("https://a.example/dir/?q");
    for (const address of addresses(text)) await bench.follow(address);
    const asked = bench.fetcher.requests.filter(({ use }) => use === "document");
    expect(asked.map(({ url, firstParty, initiator }) => [url.href, firstParty, initiator?.href])).toEqual([
      ["https://a.example/dir/?q", "a.example", undefined],
      ["https://a.example/two", "a.example", "https://a.example/dir/?q"],
      ["https://b.example/", "b.example", "https://a.example/"],
    ]);
  });

  it("names itself by the address it was asked for at, so that fragments stay within it", async () => {
    const bench = new EngineBench({
      "https://a.example/": [page(`<a href="/#part">1</a><a href="/">2</a>`)],
    });
    const address = await bench.engine.viewUrl(TAB, { url: "https://a.example/" });
    const { text } = await bench.ask(address);
    const path = address.replace(VIEW, "");
    expect(text).toContain('href="#part"');
    expect(addresses(text)).toEqual([path]);
  });

  it("that wants to go elsewhere by itself gets a link instead", async () => {
    const bench = new EngineBench({
      "https://a.example/": [page(`<meta http-equiv=refresh content="0;url=https://b.example/x">`)],
    });
    const { text } = await bench.go("https://a.example/");
    expect(text).toMatch(/wants to go on to <a [^>]*href="\/~v\/[\w-]+">b\.example<\/a>/);
    expect(text).not.toContain("http-equiv");
  });

  it("of text or a picture is shown as it is", async () => {
    const bench = new EngineBench({
      "https://a.example/t": [{ type: "text/plain; charset=latin1", body: ["<b>text</b>"] }],
      "https://a.example/p": [{ type: "image/png", body: [PNG] }],
    });
    const text = await bench.go("https://a.example/t");
    expect([text.headers.get("content-type"), text.text]).toEqual([
      "text/plain; charset=windows-1252",
      "<b>text</b>",
    ]);
    const picture = await bench.go("https://a.example/p");
    expect(picture.headers.get("content-type")).toBe("image/png");
    expect(bench.of("finished")).toHaveLength(2);
  });

  it("in windows-1251 is decoded, and its forms are sent in it", async () => {
    const body = Buffer.concat([
      Buffer.from("<title>"),
      Uint8Array.of(0xcf, 0xf0),
      Buffer.from("</title><form action=/f>"),
    ]);
    const bench = new EngineBench({
      "https://a.example/": [{ type: "text/html; charset=windows-1251", body: [body] }],
    });
    const { text } = await bench.go("https://a.example/");
    expect(bench.of("title")[0]?.title).toBe("Пр");
    expect(text).toContain('accept-charset="windows-1251"');
  });
});

describe("a page that leads on", () => {
  const sites = {
    "https://a.example/": [page(`<a href="/two#part">two</a><iframe src="/frame"></iframe>`)],
    "https://a.example/two": [page("<p id=part>two")],
    "https://a.example/frame": [page("frame")],
  };

  it("stays, and the app is told where its frame is to go, with the fragment", async () => {
    const bench = new EngineBench(sites);
    const [link = ""] = addresses((await bench.go("https://a.example/")).text);
    const before = bench.fetcher.requests.length;
    expect((await bench.ask(link, { traversed: true })).status).toBe(204);
    expect(bench.fetcher.requests).toHaveLength(before);
    expect(bench.of("started")).toHaveLength(1);
    const [lead] = bench.of("lead");
    expect(lead).toMatchObject({ tab: TAB, url: "https://a.example/two#part", traversed: true });
    expect(lead?.address).toMatch(/^https:\/\/view\.test\/~v\/[\w-]+#part$/);
    expect((await bench.ask(lead?.address ?? "")).text).toContain("two");
    expect(bench.of("started").at(-1)?.url).toBe("https://a.example/two#part");
    expect(bench.of("committed").at(-1)?.url).toBe("https://a.example/two#part");
  });

  it("leads its frames within it by the browser's own way", async () => {
    const bench = new EngineBench(sites);
    const [, frame = ""] = addresses((await bench.go("https://a.example/")).text);
    expect((await bench.ask(frame)).text).toContain("frame");
    expect(bench.of("lead")).toEqual([]);
  });
});

describe("redirects", () => {
  it("are the browser's to follow, each with those before it", async () => {
    const bench = new EngineBench({
      "https://a.example/": [{ redirect: "https://b.example/x#part" }],
      "https://b.example/x": [page("there")],
    });
    const { status, headers } = await bench.go("https://a.example/");
    expect(status).toBe(302);
    const location = headers.get("location") ?? "";
    expect(location).toMatch(/^\/~v\/[\w-]+#part$/);
    expect((await bench.ask(location)).text).toContain("there");
    const [, followed] = bench.fetcher.requests;
    expect(followed).toMatchObject({ firstParty: "b.example", initiator: undefined });
    expect(followed?.via.map(({ href }) => href)).toEqual(["https://a.example/"]);
  });

  it("in circles end before the browser gives up at twenty", async () => {
    const bench = new EngineBench({ "https://a.example/": [{ redirect: "/" }] });
    let shown = await bench.go("https://a.example/");
    let hops = 0;
    for (; shown.status === 302; hops++) shown = await bench.ask(shown.headers.get("location") ?? "");
    expect(hops).toBe(18);
    expect(shown.text).toContain("circles");
    expect(bench.of("failed")[0]?.error).toMatchObject({ code: "resource-limit", where: "site" });
  });

  it("to other programs lead nowhere", async () => {
    const bench = new EngineBench({ "https://a.example/": [{ redirect: "mailto:x@a.example" }] });
    const { status, headers, text } = await bench.go("https://a.example/");
    expect([status, headers.get("location")]).toEqual([200, null]);
    expect(text).toContain("another program");
  });
});

describe("forms", () => {
  const sites = {
    "https://a.example/": [
      page(`<form action="/get?old=1"><input name=q></form><form method=post action=/post></form>`),
    ],
    "https://a.example/get?q=new": [page("got")],
    "https://a.example/get?": [page("got nothing")],
    "https://a.example/post": [{ redirect: "/done", status: 307 as const }],
    "https://a.example/done": [page("done")],
  };

  it("with GET replace the query of their action, also by nothing", async () => {
    const bench = new EngineBench(sites);
    const [get = ""] = addresses((await bench.go("https://a.example/")).text);
    expect((await bench.follow(`${get}?q=new`)).text).toContain("got");
    await bench.follow(`${get}?`);
    expect(bench.fetcher.requests.at(-1)?.url.search).toBe("");
  });

  it("with POST bring their body along, also through a redirect that keeps it", async () => {
    const bench = new EngineBench(sites);
    const [, post = ""] = addresses((await bench.go("https://a.example/")).text);
    const options = {
      method: "POST",
      body: "a=1",
      fields: { contentType: "application/x-www-form-urlencoded" },
    } as const;
    const { status, headers } = await bench.follow(post, options);
    expect(status).toBe(307);
    const done = headers.get("location") ?? "";
    expect((await bench.ask(done)).text).toContain("done");
    for (const request of bench.fetcher.requests.slice(-2)) {
      expect(request.method).toBe("POST");
      expect(request.fields?.first("content-type")).toBe("application/x-www-form-urlencoded");
      expect(Buffer.from(request.body as Uint8Array).toString()).toBe("a=1");
    }
    // Whoever asks there again follows a link: nothing is sent twice.
    await bench.ask(done);
    expect(bench.fetcher.requests.at(-1)?.method).toBe("GET");
  });

  it("with more in them than is held go by themselves", async () => {
    const bench = new EngineBench({ ...sites, "https://a.example/post": [page("taken")] });
    const [, post = ""] = addresses((await bench.go("https://a.example/")).text);
    const { text } = await bench.ask(post, { method: "POST", body: "x".repeat((1 << 20) + 1) });
    expect(text).toContain("taken");
    expect(bench.of("lead")).toEqual([]);
  });

  it("are answered at an address that stays within the answer, and asks without the form", async () => {
    const bench = new EngineBench({
      ...sites,
      "https://a.example/post": [page(`<a href="#part">1</a><a href="">2</a>`), page("again")],
    });
    const [, post = ""] = addresses((await bench.go("https://a.example/")).text);
    const { text } = await bench.follow(post, { method: "POST", body: "a=1" });
    const address = bench.of("lead")[0]?.address.replace(VIEW, "") ?? "";
    expect(text).toContain('href="#part"');
    expect(addresses(text)).toEqual([address]);
    expect((await bench.ask(address)).text).toContain("again");
    expect(bench.fetcher.requests.at(-1)?.method).toBe("GET");
  });
});

describe("what is refused", () => {
  it("is a use for something else, a method, a query, a tab that is closed, and a token that is none", async () => {
    const bench = new EngineBench({ "https://a.example/": [page(`<img src=/p.png><a href=/two>`)] });
    const [image = "", link = ""] = addresses((await bench.go("https://a.example/")).text);
    const before = bench.fetcher.requests.length;
    expect((await bench.ask(image)).status).toBe(403);
    expect((await bench.ask(link, { destination: "image" })).status).toBe(403);
    expect((await bench.ask(link, { method: "POST", body: "" })).status).toBe(403);
    expect((await bench.ask(`${link}?more`)).status).toBe(403);
    await expect(bench.ask("/~v/AAAA")).rejects.toThrow("unknown token");
    bench.engine.closeTab(TAB);
    expect((await bench.ask(link)).status).toBe(403);
    expect(bench.fetcher.requests.length).toBe(before);
  });

  it("is everything from before a new identity", async () => {
    const bench = new EngineBench({ "https://a.example/": [page("x")] });
    const address = await bench.engine.viewUrl(TAB, { url: "https://a.example/" });
    bench.engine.newIdentity();
    await expect(bench.ask(address)).rejects.toThrow("unknown token");
    expect(bench.fetcher.identities).toBe(2);
    await expect(bench.engine.viewUrl(TAB, { url: "https://a.example/" })).rejects.toMatchObject({
      code: "usage",
    });
  });

  it.each(["javascript:alert(1)", "file:///etc/passwd", "about:blank", "data:text/html,x", "nonsense"])(
    "is the address %s",
    async (url) => {
      const bench = new EngineBench({});
      await expect(bench.engine.viewUrl(TAB, { url })).rejects.toMatchObject({ code: "usage" });
    },
  );
});

describe("parts of a page", () => {
  async function partOf(html: string, sites: Record<string, Script[]>) {
    const bench = new EngineBench({ "https://a.example/": [page(html)], ...sites });
    const [address = ""] = addresses((await bench.go("https://a.example/")).text);
    return { bench, address };
  }

  it("that are pictures have the type that they are of, whatever the site says", async () => {
    const { bench, address } = await partOf("<img src=/p>", {
      "https://a.example/p": [
        { type: "text/html", body: [PNG] },
        { type: "image/svg+xml", body: ["<svg onload=x>"] },
      ],
    });
    const { status, headers } = await bench.ask(address, { destination: "image" });
    expect([status, headers.get("content-type")]).toEqual([200, "image/png"]);
    expect((await bench.ask(address, { destination: "image" })).status).toBe(502);
    await bench.clock.advance(100);
    expect(bench.of("resources").at(-1)).toMatchObject({ asked: 2, loaded: 1, failed: 1, bytes: PNG.length });
  });

  it("that are styles are rewritten, and name their parts in turn", async () => {
    const { bench, address } = await partOf("<link rel=stylesheet href=/s.css>", {
      "https://a.example/s.css": [{ redirect: "https://cdn.example/dir/s.css" }],
      "https://cdn.example/dir/s.css": [{ type: "text/css", body: ["b{background:url(p.png)}"] }],
      "https://cdn.example/dir/p.png": [{ type: "image/png", body: [PNG] }],
    });
    const { headers, text } = await bench.ask(address, { destination: "style" });
    expect(headers.get("content-type")).toBe("text/css; charset=utf-8");
    const [picture = ""] = addresses(text);
    expect((await bench.ask(picture, { destination: "image" })).status).toBe(200);
    expect(bench.fetcher.requests.at(-1)).toMatchObject({ firstParty: "a.example", use: "image" });
    expect(bench.fetcher.requests.at(-1)?.initiator?.href).toBe("https://cdn.example/dir/s.css");
  });

  it("that are media pass ranges both ways", async () => {
    const { bench, address } = await partOf("<video src=/v.mp4></video>", {
      "https://a.example/v.mp4": [
        { status: 206, type: "video/mp4", fields: [["content-range", "bytes 0-3/9"]], body: ["abcd"] },
      ],
    });
    const fields = { range: "bytes=0-" };
    const { status, headers, text } = await bench.ask(address, { destination: "video", fields });
    expect([status, headers.get("content-range"), text]).toEqual([206, "bytes 0-3/9", "abcd"]);
    expect(bench.fetcher.requests.at(-1)?.fields?.first("range")).toBe("bytes=0-");
    await bench.ask(address, { destination: "video", fields: { range: "bytes=0-1, 5-6\r\nx: y" } });
    expect(bench.fetcher.requests.at(-1)?.fields?.first("range")).toBeUndefined();
  });

  it("are given up when another page is shown", async () => {
    let go: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    const { bench, address } = await partOf("<img src=/p>", {
      "https://a.example/p": [{ type: "image/png", body: [PNG, held, PNG] }],
      "https://b.example/": [page("")],
    });
    const shown = bench.ask(address, { destination: "image" });
    await expect.poll(() => bench.fetcher.requests.some(({ use }) => use === "image")).toBe(true);
    await bench.go("https://b.example/");
    go();
    expect((await shown).status).toBe(502);
  });
});

describe("connections to the hosts of a page", () => {
  it("are opened while the browser reads it: to those of parts, not to those of links and forms", async () => {
    const bench = new EngineBench({
      "https://a.example/": [
        page(`<link rel=stylesheet href=//b.example/s.css><img src=/p.png><img src=https://c.example/q.png>
          <a href=https://d.example/>d</a><form action=https://e.example/></form><iframe src=https://f.example/></iframe>`),
      ],
    });
    await bench.go("https://a.example/");
    expect(bench.fetcher.ahead).toEqual(
      ["b.example/s.css", "a.example/p.png", "c.example/q.png", "f.example/"].map(
        (part) => `a.example: https://${part}`,
      ),
    );
  });
});

describe("trouble", () => {
  it("is shown with where it happened, and told", async () => {
    const refused = new TaborError("refused", "site", "nothing listens <there>");
    const bench = new EngineBench({ "https://a.example/": [refused] });
    const { status, text } = await bench.go("https://a.example/");
    expect(status).toBe(502);
    expect(text).toContain("The site refused the connection");
    expect(text).toContain("at the site itself");
    expect(text).toContain("nothing listens &lt;there&gt;");
    expect(bench.of("failed")[0]).toMatchObject({
      url: "https://a.example/",
      error: refused,
      circuit: CIRCUIT,
    });
  });

  it("on the way is helped by asking again, three times", async () => {
    const lost = new TaborError("closed", "relay", "a relay went away");
    const half: Script = { body: ["<title>x</title>", lost] };
    const bench = new EngineBench({
      "https://a.example/": [half, half, half, page("whole")],
      "https://b.example/": [lost],
    });
    expect((await bench.go("https://a.example/")).text).toContain("whole");
    expect(bench.of("progress").at(-1)?.sentence).toContain("A relay on the way went away");
    expect((await bench.go("https://b.example/")).status).toBe(502);
    expect(bench.fetcher.requests.filter(({ url }) => url.host === "b.example")).toHaveLength(4);
  });

  it("after a form was sent is not helped: it would be sent twice", async () => {
    const lost = new TaborError("closed", "relay", "a relay went away");
    const bench = new EngineBench({
      "https://a.example/": [page("<form method=post action=/p></form>")],
      "https://a.example/p": [lost],
    });
    const [post = ""] = addresses((await bench.go("https://a.example/")).text);
    expect((await bench.follow(post, { method: "POST", body: "x" })).status).toBe(502);
    expect(bench.fetcher.requests.filter(({ method }) => method === "POST")).toHaveLength(1);
  });

  it("that only plain http could help needs the person's consent, for this site alone", async () => {
    const bench = new EngineBench({
      "http://a.example/": [{ consent: "refused" }, page("plain")],
      "http://b.example/": [{ consent: "refused" }],
    });
    expect((await bench.go("http://a.example/")).text).toContain("only plain http");
    expect(bench.of("needs-consent")[0]?.url).toBe("http://a.example/");
    expect(bench.fetcher.requests.map(({ insecureAllowed }) => insecureAllowed)).toEqual([false]);
    await bench.go("http://a.example/", true);
    await bench.go("http://b.example/");
    await bench.go("http://a.example/");
    const allowed = bench.fetcher.requests
      .filter(({ use }) => use === "document")
      .map((one) => one.insecureAllowed);
    expect(allowed).toEqual([false, true, false, false]);
  });

  it("of one tab is none of another's", async () => {
    let go: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (go = resolve));
    const bench = new EngineBench({ "https://a.example/": [{ body: ["<p>", held, "whole"] }] });
    const other = "tab-2" as TabId;
    bench.engine.openTab(other, "safest");
    const first = bench.ask(await bench.engine.viewUrl(TAB, { url: "https://a.example/" }));
    const second = bench.ask(await bench.engine.viewUrl(other, { url: "https://a.example/" }));
    await expect.poll(() => bench.fetcher.requests.length).toBe(2);
    bench.engine.stop(TAB);
    go();
    expect((await first).text).toContain("stopped by you");
    expect((await second).text).toContain("whole");
    expect(bench.of("failed").map(({ tab, error }) => [tab, error.code])).toEqual([[TAB, "aborted"]]);
  });
});

describe("downloads", () => {
  const zip: Script = {
    type: "application/zip",
    fields: [["content-disposition", 'attachment; filename="a.zip"']],
    body: ["abc", "def"],
  };

  it("are offered, the frame stays, and what is accepted is saved", async () => {
    const bench = new EngineBench({ "https://a.example/f": [zip] });
    expect((await bench.go("https://a.example/f")).status).toBe(204);
    const [{ download } = { download: undefined }] = bench.of("download");
    expect(download).toMatchObject({
      fileName: "a.zip",
      type: "application/zip",
      state: { name: "offered" },
    });
    if (download === undefined) return;
    expect(bench.saved).toEqual([]);
    bench.engine.download(download.id, "accept");
    await expect.poll(() => bench.of("download").at(-1)?.download.state.name).toBe("done");
    expect(bench.saved.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(["abcdef"]);
    expect(bench.of("download").at(-1)?.download.received).toBe(6);
  });

  it("are closed when they are declined, when nobody answers, and with the identity", async () => {
    const bench = new EngineBench({ "https://a.example/f": [zip] });
    for (let i = 0; i < 3; i++) await bench.go("https://a.example/f");
    const [first, second] = bench.of("download").map(({ download }) => download.id);
    if (first !== undefined) bench.engine.download(first, "cancel");
    expect(bench.fetcher.closed).toBe(1);
    await bench.clock.advance(600_000);
    expect(bench.fetcher.closed).toBe(3);
    if (second !== undefined) bench.engine.download(second, "accept");
    await bench.go("https://a.example/f");
    bench.engine.newIdentity();
    expect(bench.fetcher.closed).toBe(4);
    expect(bench.saved).toEqual([]);
  });

  it("are bounded in number", async () => {
    const bench = new EngineBench({ "https://a.example/f": [zip] });
    for (let i = 0; i < 32; i++) await bench.go("https://a.example/f");
    expect((await bench.go("https://a.example/f")).text).toContain("too many downloads");
  });
});

it("a site's icon is handed over once, as a picture that names no site", async () => {
  const bench = new EngineBench({
    "https://a.example/": [page("<link rel=icon href=/i.svg><link rel=icon href=/i.png>")],
    "https://a.example/i.svg": [{ type: "image/svg+xml", body: ["<svg>"] }],
    "https://a.example/i.png": [{ type: "image/png", body: [PNG] }],
  });
  await bench.go("https://a.example/");
  await expect.poll(() => bench.of("icon")[0]?.icon).toMatch(/^data:image\/png;base64,/);
  await bench.go("https://a.example/");
  await expect.poll(() => bench.of("icon").length).toBe(2);
  expect(bench.fetcher.requests.filter(({ use }) => use === "image")).toHaveLength(1);
});

it("an address that a page names is told to its own tab alone", async () => {
  const bench = new EngineBench({
    "https://a.example/": [page(`<a href="https://b.example/x?y#part">b</a>`)],
  });
  const [link = ""] = addresses((await bench.go("https://a.example/")).text);
  const other = "tab-2" as TabId;
  bench.engine.openTab(other, "safest");
  expect(await bench.engine.urlOf(TAB, VIEW + link)).toBe("https://b.example/x?y#part");
  expect(await bench.engine.urlOf(other, VIEW + link)).toBeUndefined();
  for (const address of [link, `https://elsewhere.test${link}`, `${VIEW}/`, `${VIEW}/~v/AAAA`, ""])
    expect(await bench.engine.urlOf(TAB, address)).toBeUndefined();
});

it("a new circuit is asked for the site of the tab", async () => {
  const bench = new EngineBench({ "https://www.a.example/": [page("")] });
  bench.engine.newCircuitForSite(TAB);
  await bench.go("https://www.a.example/");
  bench.engine.newCircuitForSite(TAB);
  expect(bench.fetcher.newCircuits).toEqual(["a.example"]);
});
