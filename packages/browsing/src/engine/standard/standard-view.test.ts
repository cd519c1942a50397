import { describe, expect, it } from "vitest";
import type { TabId } from "../../api.ts";
import { mintInPage, type HookConfig } from "../../page/index.ts";
import { EngineBench, VIEW, type Shown } from "../testing/engine-bench.ts";
import type { Script } from "../testing/scripted-fetcher.ts";

const TAB = "scripts" as TabId;
const page = (body: string): Script => ({ body: [`<!doctype html><title>t</title>${body}`] });
const json = (text: string, ...fields: [string, string][]): Script => ({
  type: "application/json",
  fields,
  body: [text],
});
const OPEN: [string, string] = ["access-control-allow-origin", "*"];

function bench(sites: Readonly<Record<string, Script[]>>): EngineBench {
  const made = new EngineBench(sites);
  made.engine.allowStandard();
  made.engine.openTab(TAB, "standard");
  return made;
}

interface Opened extends Shown {
  /** Of its label. */
  readonly origin: string;
  readonly config: HookConfig;
}

/** Types an address, and follows to the path that the label shows it at. */
async function open(made: EngineBench, url: string, client = "c1"): Promise<Opened> {
  const address = await made.engine.viewUrl(TAB, { url });
  const { origin } = new URL(address);
  const first = await made.ask(address, { resultingClient: client });
  const location = first.headers.get("location");
  const shown = location === null ? first : await made.ask(origin + location, { resultingClient: client });
  const told = /data-tabor="([^"]*)"/.exec(shown.text)?.[1] ?? "{}";
  const config = JSON.parse(told.replaceAll("&quot;", '"').replaceAll("&amp;", "&")) as HookConfig;
  return { ...shown, origin, config };
}

/** A script of the page asks. */
const fetchOf = (made: EngineBench, { origin }: Opened, path: string, more = {}) =>
  made.ask(origin + path, {
    destination: "",
    mode: "cors",
    credentials: "same-origin",
    client: "c1",
    ...more,
  });

/** A script asks for an address of another origin. */
const crossOf = (made: EngineBench, from: Opened, url: string, more = {}) =>
  fetchOf(made, from, mintInPage(from.config.key, { page: from.config.page, use: "fetch", url }) ?? "", more);

it("is refused until the browser was seen to keep pages in", async () => {
  const made = new EngineBench({ "https://a.example/": [page("")] });
  made.engine.openTab(TAB, "standard");
  await expect(made.engine.viewUrl(TAB, { url: "https://a.example/" })).rejects.toMatchObject({
    code: "usage",
  });
});

describe("a page", () => {
  const sites = {
    "https://a.example/dir/page?q": [
      page(`<a href="/next">n</a><a href="https://b.example/x">b</a><script src="/s.js"></script>`),
    ],
    "https://a.example/next": [page("next")],
    "https://b.example/x": [page("b")],
  };

  it("is shown at its own path, in an origin that says nothing of it, with the hooks first", async () => {
    const made = bench(sites);
    const shown = await open(made, "https://a.example/dir/page?q");
    expect(shown.origin).toMatch(/^https:\/\/[a-z2-7]{20}\.view\.test$/);
    expect(shown.text).toMatch(/<head><meta charset="utf-8"><script src="\/~a\/hooks\.js" data-tabor="/);
    expect(shown.text).toContain('href="/next"');
    expect(shown.text).not.toContain("b.example");
    expect(shown.config).toMatchObject({ url: "https://a.example/dir/page?q", referrer: "" });
    expect(made.of("committed").at(-1)?.url).toBe("https://a.example/dir/page?q");
  });

  it("goes on by itself within its origin, and is shown elsewhere beyond it", async () => {
    const made = bench(sites);
    const { origin, text } = await open(made, "https://a.example/dir/page?q");
    expect((await made.ask(`${origin}/next`, { resultingClient: "c2" })).text).toContain("next");
    const [link = ""] = /\/~v\/[\w-]+/.exec(text) ?? [];
    expect((await made.ask(origin + link)).status).toBe(204);
    const lead = made.of("lead").at(-1);
    expect(lead).toMatchObject({ url: "https://b.example/x" });
    expect(new URL(lead?.address ?? "").origin).not.toBe(origin);
  });

  it("means nothing in another label, nor at Safest", async () => {
    const made = bench(sites);
    const a = await open(made, "https://a.example/dir/page?q");
    const b = await open(made, "https://b.example/x");
    const [token = ""] = /\/~v\/[\w-]+/.exec(a.text) ?? [];
    expect((await made.ask(b.origin + token)).status).toBe(403);
    await expect(made.ask(VIEW + token)).rejects.toThrow("unknown");
    await expect(made.ask(`https://${"a".repeat(20)}.view.test/`)).rejects.toThrow("unknown");
  });

  it("of two tabs on one site is shown in the one that says that it goes there", async () => {
    const made = bench(sites);
    const { origin } = await open(made, "https://a.example/dir/page?q");
    const other = "other" as TabId;
    made.engine.openTab(other, "standard");
    const address = await made.engine.viewUrl(other, { url: "https://a.example/next" });
    const { headers } = await made.ask(address, { resultingClient: "c9" });
    await made.ask(origin + (headers.get("location") ?? ""), { resultingClient: "c9" });
    expect((await made.ask(`${origin}/next`, { resultingClient: "c10" })).status).toBe(403);
  });

  it("is led on where a redirect leaves its origin, in the place of what led there", async () => {
    const made = bench({ "https://a.example/": [{ redirect: "https://b.example/x" }], ...sites });
    const { status } = await open(made, "https://a.example/");
    expect(status).toBe(204);
    expect(made.of("lead").at(-1)).toMatchObject({
      url: "https://b.example/x",
      redirects: made.of("started").at(-1)?.navigation,
    });
  });

  it("is gone with its identity", async () => {
    const made = bench(sites);
    const { origin } = await open(made, "https://a.example/dir/page?q");
    made.engine.newIdentity();
    await expect(made.ask(`${origin}/next`)).rejects.toThrow("unknown");
  });
});

describe("what scripts ask for", () => {
  const sites = {
    "https://a.example/": [page("")],
    "https://a.example/api": [json("{}", ["x-own", "1"], ["set-cookie", "a=b"])],
    "https://b.example/open": [json("open", OPEN, ["x-own", "1"])],
    "https://b.example/closed": [json("closed")],
    "https://a.example/away": [{ redirect: "https://b.example/closed" } as const],
    "https://a.example/moved": [{ redirect: "https://a.example/api?2" } as const],
    "https://a.example/api?2": [json("two")],
    "https://b.example/to-open": [{ redirect: "https://b.example/open" } as const],
    "https://b.example/shared-to-open": [{ redirect: "https://b.example/open", fields: [OPEN] } as const],
    "https://b.example/to-user": [{ redirect: "https://me:secret@b.example/open", fields: [OPEN] } as const],
    "https://b.example/picture.png": [
      { type: "image/png", body: [Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1)] },
    ],
  };

  it("of their own origin they get, but for cookies", async () => {
    const made = bench(sites);
    const from = await open(made, "https://a.example/");
    const { text, headers } = await fetchOf(made, from, "/api");
    expect([text, headers.get("x-own"), headers.get("set-cookie")]).toEqual(["{}", "1", null]);
    expect(made.fetcher.requests.at(-1)).toMatchObject({ use: "fetch", firstParty: "a.example" });
  });

  it("of another they get if it is shared, and of it what is exposed", async () => {
    const made = bench(sites);
    const from = await open(made, "https://a.example/");
    const { text, headers } = await crossOf(made, from, "https://b.example/open");
    expect([text, headers.get("x-own"), headers.get("content-type")]).toEqual([
      "open",
      null,
      "application/json",
    ]);
  });

  it.each([
    ["is not shared", "https://b.example/closed", {}],
    ["is not shared with cookies", "https://b.example/open", { credentials: "include" }],
    ["is to be of their own origin", "https://b.example/open", { mode: "same-origin" }],
    ["is where a redirect of their own origin leads", "https://a.example/away", {}],
    ["is where one leads that does not share it", "https://b.example/to-open", {}],
    ["is where one leads with a user's name", "https://b.example/to-user", {}],
    ["is where one leads, and none is wanted", "https://b.example/shared-to-open", { redirect: "error" }],
    ["was not asked about before", "https://b.example/open", { method: "PUT", body: "x" }],
    ["wants a field that was not asked about", "https://b.example/open", { fields: { other: "1" } }],
  ])("is a network error if it %s", async (_what, url, more) => {
    const made = bench(sites);
    const from = await open(made, "https://a.example/");
    await expect(crossOf(made, from, url, more)).rejects.toMatchObject({ code: "protocol" });
    expect(made.fetcher.requests.filter(({ method }) => method === "PUT")).toEqual([]);
  });

  it.each([
    ["of their own origin", "https://a.example/moved", "two", /^\/api\?2$/],
    ["of another", "https://b.example/shared-to-open", "open", /^\/~p\//],
  ])("of an address %s that leads elsewhere they get at that one", async (_what, url, text, path) => {
    const made = bench(sites);
    const from = await open(made, "https://a.example/");
    const moved = await (url.startsWith("https://a.")
      ? fetchOf(made, from, "/moved")
      : crossOf(made, from, url));
    const location = moved.headers.get("location") ?? "";
    expect([moved.status, moved.text]).toEqual([303, ""]);
    expect(location).toMatch(path);
    const before = made.fetcher.requests.length;
    expect((await fetchOf(made, from, location)).text).toBe(text);
    expect(made.fetcher.requests).toHaveLength(before);
    // Once: asked again, the site is.
    await fetchOf(made, from, location);
    expect(made.fetcher.requests).toHaveLength(before + 1);
  });

  it("is told of redirects, and not where they lead, if it does not want to follow", async () => {
    const made = bench(sites);
    const from = await open(made, "https://a.example/");
    const { status, headers } = await fetchOf(made, from, "/moved", { redirect: "manual" });
    expect([status, headers.get("location")]).toEqual([302, "/~v/-"]);
    expect(made.fetcher.requests.at(-1)?.url.pathname).toBe("/moved");
  });

  it("says to others where it is as they know it", async () => {
    const made = bench(sites);
    const from = await open(made, "https://a.example/");
    const { origin } = from;
    const query = `?a=${origin}/x&b=${encodeURIComponent(`${origin}/y`)}&c=${new URL(origin).host}`;
    await crossOf(made, from, `https://b.example/seen${query}`).catch(() => undefined);
    expect(made.fetcher.requests.at(-1)?.url.search).toBe(
      "?a=https://a.example/x&b=https%3A%2F%2Fa.example%2Fy&c=a.example",
    );
  });

  it("without CORS says nothing but that it is there", async () => {
    const made = bench(sites);
    const from = await open(made, "https://a.example/");
    const { status, text, headers } = await crossOf(made, from, "https://b.example/closed", {
      mode: "no-cors",
    });
    expect([status, text, [...headers.keys()]]).toEqual([200, "", []]);
  });

  it("of other origins goes without cookies where a page could read it all the same", async () => {
    const made = bench(sites);
    const from = await open(made, "https://a.example/");
    const path = mintInPage(from.config.key, {
      page: from.config.page,
      use: "image",
      url: "https://b.example/picture.png",
    });
    await made.ask(from.origin + (path ?? ""), { destination: "image", client: "c1" });
    expect(made.fetcher.requests.at(-1)).toMatchObject({ use: "image", credentials: "omit" });
    // A page that says of a picture's address that it wants to read it gets no more than by asking for it.
    await expect(fetchOf(made, from, path ?? "")).rejects.toMatchObject({ code: "protocol" });
  });
});

describe("what a page opens in a tab of its own", () => {
  const link = '<a href="https://b.example/x?y#part">b</a>';

  /** As the hooks of the page say it. */
  async function opening(made: EngineBench, { origin, config }: Opened, urls: readonly string[]) {
    const { port1, port2 } = new MessageChannel();
    made.engine.serve({ type: "tabor-page", page: config.page }, port2, origin);
    for (const url of urls) port1.postMessage({ type: "open", url, activated: true });
    // Messages come in their order: once this one has, so have they.
    port1.postMessage({ type: "title", title: "told" });
    await expect.poll(() => made.of("title").at(-1)?.title).toBe("told");
    port1.close();
    return made.of("open").map(({ url }) => url);
  }

  it("is what its address in the view stands for, of its own tab", async () => {
    const made = bench({ "https://a.example/": [page(link)] });
    const shown = await open(made, "https://a.example/");
    const [minted = ""] = /\/~v\/[\w-]+#part/.exec(shown.text) ?? [];
    const own = mintInPage(shown.config.key, { page: 1, use: "document", url: "https://c.example/" }) ?? "";
    const urls = [minted, `${own}#there`, "/own?q#f"].map((path) => shown.origin + path);
    expect(await opening(made, shown, [...urls, "https://d.example/"])).toEqual([
      "https://b.example/x?y#part",
      "https://c.example/#there",
      "https://a.example/own?q#f",
      "https://d.example/",
    ]);
  });

  it("is nothing where it is a name of the view that stands for nothing", async () => {
    const made = bench({ "https://a.example/": [page(link)] });
    const shown = await open(made, "https://a.example/");
    const { host } = new URL(VIEW);
    const nowhere = [`${shown.origin}/~v/made-up`, `${shown.origin}/~p/made-up`, `${VIEW}/~v/x`];
    expect(await opening(made, shown, [...nowhere, `https://made-up.${host}/`, "about:blank"])).toEqual([]);
  });
});

describe("a frame of another origin", () => {
  const framed = (src: string): Script => page(`<iframe src="${src}"></iframe>`);
  const sites = {
    "https://a.example/": [framed("https://b.example/x")],
    "https://b.example/x": [
      page(`<a href="https://c.example/">c</a><iframe src="https://a.example/own"></iframe>`),
    ],
    "https://c.example/": [page("c")],
    "https://a.example/own": [page("own")],
    "https://c.example/pay": [page("paid")],
  };

  /** What the frame of a page's first token shows, and where. */
  async function frameIn(
    made: EngineBench,
    { text, origin }: { text: string; origin: string },
    client = "f1",
  ) {
    const [, token = ""] = /<iframe[^>]* src="([^"]+)"/.exec(text) ?? [];
    return led(made, await made.ask(origin + token, { resultingClient: client }), origin, client);
  }

  /** Follows redirects as a browser does. */
  async function led(made: EngineBench, shown: Shown, origin: string, client: string) {
    let [at, next] = [origin, shown];
    for (let hops = 0; hops < 5 && next.headers.has("location"); hops++) {
      const address = new URL(next.headers.get("location") ?? "", at);
      at = address.origin;
      next = await made.ask(address.href, { resultingClient: client });
    }
    return { ...next, origin: at };
  }

  it("is shown at one of the labels that are set aside for its page, under the page's first party", async () => {
    const made = bench(sites);
    const a = await open(made, "https://a.example/");
    const frame = await frameIn(made, a);
    expect(frame.origin).toBe(a.origin.replace(".view.", "-a.view."));
    expect(made.prepared).toEqual([frame.origin]);
    expect(frame.text).toContain("data-tabor=");
    expect(made.fetcher.requests.at(-1)).toMatchObject({
      ...{ use: "frame", firstParty: "a.example", via: [] },
      initiator: new URL("https://a.example"),
    });
    // The tab shows what it did.
    expect(made.of("committed")).toHaveLength(1);
    expect(made.of("lead")).toEqual([]);
  });

  it("is at the same label again, and another origin at another; its page's own is apart from the page", async () => {
    const made = bench(sites);
    const a = await open(made, "https://a.example/");
    const b = await frameIn(made, a);
    const again = await frameIn(made, a, "f2");
    const c = await made.ask(b.origin + (/href="(\/~v\/[^"]+)"/.exec(b.text)?.[1] ?? ""));
    const own = await frameIn(made, b, "f3");
    expect([again.origin, new URL(c.headers.get("location") ?? "").origin, own.origin]).toEqual(
      ["-a", "-b", "-c"].map((end) => a.origin.replace(".view.", `${end}.view.`)),
    );
    expect(own.text).toContain("own");
    expect(made.fetcher.requests.at(-1)?.initiator).toEqual(new URL("https://b.example"));
  });

  it("is led on by redirects, and shows nothing where the site does not allow it", async () => {
    const refusing: Script = {
      body: ["<p>secret"],
      type: "text/html",
      fields: [["x-frame-options", "DENY"]],
    };
    const made = bench({
      "https://a.example/": [framed("https://b.example/moved")],
      "https://b.example/moved": [{ redirect: "https://c.example/refuses" }],
      "https://c.example/refuses": [refusing],
    });
    const a = await open(made, "https://a.example/");
    const frame = await frameIn(made, a);
    expect(frame.origin).toBe(a.origin.replace(".view.", "-b.view."));
    expect(made.fetcher.requests.at(-1)?.via).toEqual([new URL("https://b.example/")]);
    expect(frame.text).toContain("does not allow");
    expect(frame.text).not.toContain("secret");
  });

  it("is sent the form of a frame, once", async () => {
    const made = bench({
      ...sites,
      "https://b.example/x": [page(`<form method="post" action="https://c.example/pay">`)],
    });
    const frame = await frameIn(made, await open(made, "https://a.example/"));
    const [, action = ""] = /action="([^"]+)"/.exec(frame.text) ?? [];
    const post = { method: "POST", body: "sum=1", fields: { contentType: "text/plain" } };
    const sent = await made.ask(frame.origin + action, post);
    const address = sent.headers.get("location") ?? "";
    expect((await made.ask(address)).text).toContain("paid");
    await made.ask(address);
    expect(made.fetcher.requests.slice(-2).map(({ url, method }) => [url.href, method])).toEqual([
      ["https://c.example/pay", "POST"],
      ["https://c.example/pay", "GET"],
    ]);
    expect(made.fetcher.requests.at(-2)).toMatchObject({
      ...{ use: "frame", firstParty: "a.example", body: new TextEncoder().encode("sum=1") },
      initiator: new URL("https://b.example"),
    });
  });

  it("cannot be sent to a path of its site by others, as if it went there itself", async () => {
    const made = bench(sites);
    const a = await open(made, "https://a.example/");
    const frame = await frameIn(made, a);
    const before = made.fetcher.requests.length;
    expect((await made.ask(`${frame.origin}/account`, { resultingClient: "f9" })).status).toBe(403);
    const post = { resultingClient: "f9", method: "POST", body: "x" };
    expect((await made.ask(`${frame.origin}/account`, post)).status).toBe(403);
    expect(made.fetcher.requests).toHaveLength(before);
  });

  it("finds no label once all are taken", async () => {
    const many = Array.from({ length: 13 }, (_, index) => `https://f${index}.example/`);
    const made = bench({
      "https://a.example/": [page(many.map((src) => `<iframe src="${src}"></iframe>`).join(""))],
      ...Object.fromEntries(many.map((url) => [url, [page("framed")]])),
    });
    const a = await open(made, "https://a.example/");
    const tokens = [...a.text.matchAll(/<iframe src="([^"]+)"/g)].map(([, token = ""]) => token);
    const statuses: number[] = [];
    for (const token of tokens) statuses.push((await made.ask(a.origin + token)).status);
    expect(statuses).toEqual([...Array<number>(12).fill(302), 200]);
    expect(new Set(made.prepared).size).toBe(12);
  });
});
