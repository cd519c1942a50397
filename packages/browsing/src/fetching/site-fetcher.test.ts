import { TaborError } from "@tabor/onion-core";
import { describe, expect, test } from "vitest";
import type { FetchProgress } from "./api.ts";
import { asking, browse, redirect, response, textOf, within } from "./testing/browse.ts";
import { bytesOf, page } from "./testing/memory-web.ts";

const REFUSED = new TaborError("refused", "site", "the site refused the connection");

describe("a page", () => {
  test("comes over https, with what TLS agreed on and the circuit that carried it", async () => {
    const { web, fetch } = browse();
    web.site("a.test:443", () => page("hello"));
    const answer = response(await fetch("https://a.test/x?y#z"));
    expect(await textOf(answer)).toBe("hello");
    expect(answer).toMatchObject({ status: 200, length: 5, fromCache: false, circuit: { id: 1 } });
    expect(answer.tls?.version).toBe("TLS 1.3");
    expect(answer.url.href).toBe("https://a.test/x?y#z");
    expect(web.requests[0]?.target).toBe("/x?y");
  });

  test("over an exit that fetches comes without TLS of ours, and a failure is one to connect", async () => {
    const { web, fetch } = browse();
    web.exitKind = "fetch";
    web
      .site("a.test:443", () => page("hello"))
      .site("b.test:443", () => {
        web.opened.at(-1)?.lose(REFUSED);
        return undefined;
      });
    const answer = response(await fetch("https://a.test/x"));
    expect(await textOf(answer)).toBe("hello");
    expect(answer.tls).toBeUndefined();
    expect(web.opened[0]).toMatchObject({ fetch: "https", host: "a.test", port: 443 });
    expect(web.opened[0]?.early).toMatch(/^GET \/x HTTP\/1.1\r\n/);
    expect((await fetch("http://b.test/")).kind).toBe("needs-consent");
    await expect(fetch("https://b.test/")).rejects.toBe(REFUSED);
  });

  test("at an IP address or another port goes there", async () => {
    const { web, text } = browse();
    web.site("::1:8443", () => page("six")).site("10.0.0.1:443", () => page("four"));
    expect(await text("https://[::1]:8443/")).toBe("six");
    expect(await text("https://10.0.0.1/")).toBe("four");
    expect(web.requests.map(({ fields }) => fields.get("host"))).toEqual(["[::1]:8443", "10.0.0.1"]);
  });

  test("of another scheme is not fetched", async () => {
    const { web, fetch } = browse();
    await expect(fetch("ftp://a.test/")).rejects.toMatchObject({ code: "usage", where: "here" });
    expect(web.opened).toEqual([]);
  });

  test("says how far it is, as it travels", async () => {
    const { web, fetch } = browse();
    web.site("a.test:443", () => page("hello"));
    const stages: unknown[] = [];
    const answer = await fetch("https://a.test/", { onProgress: (progress) => stages.push(progress) });
    await textOf(response(answer));
    expect(stages.slice(-3)).toMatchObject([
      { stage: "waiting", sentence: "Waiting for the site's answer", circuit: { id: 1 } },
      { stage: "receiving", received: 0, total: 5 },
      { stage: "receiving", received: 5, total: 5 },
    ]);
  });

  test("tells over which circuit it was tried in vain", async () => {
    const { web, fetch } = browse();
    web.site("a.test:443", new TaborError("refused", "site", "nothing listens there"));
    const tried: unknown[] = [];
    const onProgress = (progress: FetchProgress): void => {
      if (progress.stage === "waiting") tried.push(progress.circuit?.id);
    };
    await expect(fetch("https://a.test/", { onProgress })).rejects.toMatchObject({ code: "refused" });
    expect(tried).toContain(1);
  });

  test("shows no Set-Cookie to whoever reads it", async () => {
    const { web, fetch } = browse();
    web.site("a.test:443", () => page("", "Set-Cookie: a=b\nX-Other: c"));
    const { fields } = response(await fetch("https://a.test/"));
    expect([fields.first("set-cookie"), fields.first("x-other")]).toEqual([undefined, "c"]);
  });

  test("with a body brings it, whole or in pieces", async () => {
    const { web, text } = browse();
    web.site("a.test:443", ({ method, body }) => page(`${method} ${body}`));
    const form = { use: "form", method: "POST" } as const;
    expect(await text("https://a.test/", { ...form, body: bytesOf("a=b") })).toBe("POST a=b");
    const bytes = (async function* () {
      await Promise.resolve();
      yield bytesOf("str");
      yield bytesOf("eam");
    })();
    expect(await text("https://a.test/", { ...form, body: { length: 6, bytes } })).toBe("POST stream");
  });
});

describe("https first", () => {
  test("an http address is asked over https", async () => {
    const { web, fetch } = browse();
    web.site("a.test:443", () => page("safe")).site("a.test:80", () => page("plain"));
    const answer = response(await fetch("http://a.test/"));
    expect(answer.url.href).toBe("https://a.test/");
    expect(await textOf(answer)).toBe("safe");
    expect(web.opened.map(({ port }) => port)).toEqual([443]);
  });

  test.each([
    ["refuses", REFUSED],
    ["breaks off", new TaborError("reset", "site", "reset")],
    ["does not answer", new TaborError("timeout", "site", "no answer")],
    ["does not speak TLS", new TaborError("protocol", "site", "no TLS")],
  ])("where it %s the person is asked, and nothing plain is sent", async (_, error) => {
    const { web, fetch } = browse();
    web.site("a.test:443", error).site("a.test:80", () => page("plain"));
    expect(await fetch("http://a.test/x")).toMatchObject({
      kind: "needs-consent",
      url: { href: "http://a.test/x" },
      reason: error.message,
    });
    expect(web.opened).toEqual([]);
  });

  test.each([
    ["a bad certificate", new TaborError("not-authentic", "site", "expired")],
    ["an unknown name", new TaborError("resolve-failed", "exit", "unknown")],
    ["no way there", new TaborError("no-path", "relay", "no exit")],
    ["an exit that does not go there", new TaborError("exit-policy", "exit", "not there")],
  ])("%s is no reason to offer plain http", async (_, error) => {
    const { web, fetch } = browse();
    web.site("a.test:443", error).site("a.test:80", () => page("plain"));
    await expect(fetch("http://a.test/")).rejects.toBe(error);
  });

  test("an https address is never offered as http", async () => {
    const { web, fetch } = browse();
    web.site("a.test:443", REFUSED).site("a.test:80", () => page("plain"));
    await expect(fetch("https://a.test/")).rejects.toBe(REFUSED);
    await expect(fetch("https://a.test/", { insecureAllowed: true })).rejects.toBe(REFUSED);
  });

  test("with the person's consent plain http is asked at once", async () => {
    const { web, fetch } = browse();
    web.site("a.test:443", () => page("safe")).site("a.test:80", () => page("plain"));
    const answer = response(await fetch("http://a.test/", { insecureAllowed: true }));
    expect(await textOf(answer)).toBe("plain");
    expect({ tls: answer.tls, href: answer.url.href }).toEqual({ tls: undefined, href: "http://a.test/" });
  });

  test("nothing plain becomes part of a page that came over https, consent or not", async () => {
    const { web, fetch } = browse();
    web.site("b.test:80", () => page("plain"));
    const image = within("https://a.test/", { insecureAllowed: true });
    await expect(fetch("http://b.test/i", image)).rejects.toMatchObject({ code: "refused" });
    expect(web.opened).toEqual([]);
    const plain = within("http://a.test/", { insecureAllowed: true });
    expect(response(await fetch("http://b.test/i", plain)).status).toBe(200);
  });
});

describe("a site that demands https", () => {
  const strict = (policy: string) => page("", `Strict-Transport-Security: ${policy}`);

  test("is not asked otherwise, whatever the person allows, until it has run out", async () => {
    const { web, clock, fetch } = browse();
    web.site("a.test:443", () => strict("max-age=600; includeSubDomains"));
    web.site("a.test:80", () => page("plain")).site("www.a.test:80", () => page("plain"));
    await fetch("https://a.test/");
    web.site("a.test:443", REFUSED).site("www.a.test:443", REFUSED);
    await clock.advance(599_000);
    for (const host of ["a.test", "www.a.test"]) {
      await expect(fetch(`http://${host}/x`, { insecureAllowed: true })).rejects.toBe(REFUSED);
    }
    await clock.advance(1_000);
    expect(response(await fetch("http://a.test/x", { insecureAllowed: true })).status).toBe(200);
  });

  test("only for the first-party site that learned it: nobody else can read where a person was", async () => {
    const { web, clock, fetch } = browse();
    web.site("a.test:443", () => strict("max-age=600")).site("a.test:80", () => page("plain"));
    await fetch("https://a.test/");
    await clock.settle();
    const elsewhere = { insecureAllowed: true, firstParty: "b.test" };
    expect(response(await fetch("http://a.test/", elsewhere)).url.protocol).toBe("http:");
  });

  test.each(["", "max-age=x", "includeSubDomains", "max-age=60; max-age=70", "max-age=0"])(
    "%j demands nothing",
    async (policy) => {
      const { web, fetch } = browse();
      web.site("a.test:443", () => strict(policy)).site("a.test:80", () => page("plain"));
      await fetch("https://a.test/");
      expect(response(await fetch("http://a.test/x", { insecureAllowed: true })).url.protocol).toBe("http:");
    },
  );

  test("cannot demand it over plain http, where anybody could", async () => {
    const { web, fetch } = browse();
    web.site("a.test:80", () => strict("max-age=600"));
    await fetch("http://a.test/", { insecureAllowed: true });
    expect(response(await fetch("http://a.test/x", { insecureAllowed: true })).url.protocol).toBe("http:");
  });
});

describe("redirects", () => {
  const to = (location: string, status = 302) => page("", `Location: ${location}`, `${String(status)} x`);

  test("are told, not followed, with the fragment that is kept", async () => {
    const { web, fetch } = browse();
    web.site("a.test:443", () => to("/next"));
    const step = redirect(await fetch("https://a.test/#part"));
    expect(step.location.href).toBe("https://a.test/next#part");
    expect(step.from.href).toBe("https://a.test/#part");
    expect(web.requests).toHaveLength(1);
  });

  test.each<[number, "GET" | "POST" | "HEAD" | "PUT", string, boolean]>([
    [301, "POST", "GET", false],
    [302, "POST", "GET", false],
    [303, "POST", "GET", false],
    [303, "PUT", "GET", false],
    [303, "HEAD", "HEAD", false],
    [307, "POST", "POST", true],
    [308, "POST", "POST", true],
    [301, "PUT", "PUT", true],
    [302, "GET", "GET", false],
  ])("%d of a %s goes on as %s (Fetch §4.4)", async (status, method, next, keepsBody) => {
    const { web, fetch } = browse();
    web.site("a.test:443", () => to("/next", status));
    const body = method === "POST" || method === "PUT" ? { body: bytesOf("x") } : {};
    expect(redirect(await fetch("https://a.test/", { method, ...body }))).toMatchObject({
      status,
      method: next,
      keepsBody,
    });
  });

  test("leave the connection for what comes next", async () => {
    const { web, clock, fetch, text } = browse();
    web.site("a.test:443", ({ target }) =>
      target === "/" ? page("moved", "Location: /next", "302 x") : page("here"),
    );
    await fetch("https://a.test/");
    await clock.settle();
    expect(await text("https://a.test/next")).toBe("here");
    expect(web.opened).toHaveLength(1);
  });

  test("from https to plain http elsewhere are tried over https", async () => {
    const { web, fetch } = browse();
    web.site("a.test:443", () => to("http://b.test/"));
    expect(redirect(await fetch("https://a.test/")).location.href).toBe("http://b.test/");
  });

  test("from https to the same over plain http need the person's consent", async () => {
    const { web, fetch } = browse();
    web.site("a.test:443", () => to("http://a.test/x?y"));
    expect(await fetch("http://a.test/x?y")).toMatchObject({
      kind: "needs-consent",
      url: { href: "http://a.test/x?y" },
    });
  });

  test("from https to plain http are refused for parts of pages", async () => {
    const { web, fetch } = browse();
    web.site("a.test:443", () => to("http://b.test/"));
    await expect(fetch("https://a.test/", within("https://a.test/"))).rejects.toMatchObject({
      code: "protocol",
      where: "site",
    });
  });

  test("to nowhere are refused, without a place are pages", async () => {
    const { web, fetch } = browse();
    web.site("a.test:443", ({ target }) => (target === "/" ? to("http://[") : page("", "", "302 x")));
    await expect(fetch("https://a.test/")).rejects.toMatchObject({ code: "malformed", where: "site" });
    expect(response(await fetch("https://a.test/x")).status).toBe(302);
  });

  test("set cookies on the way", async () => {
    const { web, fetch } = browse();
    web.site("a.test:443", ({ target, fields }) =>
      target === "/"
        ? page("", "Location: /next\nSet-Cookie: a=b", "302 x")
        : page(fields.get("cookie") ?? "none"),
    );
    const { location, from } = redirect(await fetch("https://a.test/"));
    expect(await textOf(response(await fetch(location.href, { via: [from] })))).toBe("a=b");
  });
});

describe("new identity", () => {
  test("forgets cookies, stored answers and connections, and shares no circuit with before", async () => {
    const { web, fetcher, text } = browse();
    web.site("a.test:443", ({ fields }) =>
      page(fields.get("cookie") ?? "none", "Set-Cookie: a=b\nCache-Control: max-age=600\nVary: Cookie"),
    );
    expect(await text("https://a.test/")).toBe("none");
    expect(await text("https://a.test/")).toBe("a=b");
    expect(web.opened).toHaveLength(1);
    fetcher.newIdentity();
    expect(web.alive).toEqual([]);
    expect(await text("https://a.test/")).toBe("none");
    const [before, after] = web.opened.map(({ isolation }) => isolation);
    expect(before).not.toBe(after);
  });

  test("ends what is under way: connecting, waiting, reading", async () => {
    const { web, fetcher, fetch, clock } = browse();
    web.site("slow.test:443", () => undefined).site("half.test:443", () => "HTTP/1.1 200 OK\n\nhalf");
    web.opening = ({ host }) => (host === "never.test" ? new Promise(() => undefined) : undefined);
    const reading = textOf(response(await fetch("https://half.test/")));
    const waiting = [fetch("https://slow.test/"), fetch("https://never.test/")];
    const outcomes = Promise.allSettled([reading, ...waiting]);
    await clock.settle();
    fetcher.newIdentity();
    await clock.settle();
    for (const outcome of await clock.until(outcomes)) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "aborted", where: "here" } });
    }
    expect(web.alive).toEqual([]);
    expect(clock.waiting).toBe(0);
  });

  test("takes no cookies from answers to questions of before", async () => {
    const { web, fetcher, fetch, text, clock } = browse();
    let answer: () => void = () => undefined;
    web.site("a.test:443", async ({ target, fields }) => {
      if (target === "/slow") await new Promise<void>((resolve) => (answer = resolve));
      return page(fields.get("cookie") ?? "none", "Set-Cookie: old=1");
    });
    const late = fetch("https://a.test/slow").catch(() => undefined);
    await clock.settle();
    fetcher.newIdentity();
    answer();
    await late;
    expect(await text("https://a.test/")).toBe("none");
  });
});

test("a new circuit for one site leaves the others theirs, and keeps its cookies", async () => {
  const { web, fetcher, text } = browse();
  const site = () => page("x", "Set-Cookie: a=b");
  web.site("a.test:443", ({ fields }) => page(fields.get("cookie") ?? "none", "Set-Cookie: a=b"));
  web.site("b.test:443", site);
  await text("https://a.test/");
  await text("https://b.test/");
  fetcher.newCircuit("a.test");
  expect(await text("https://a.test/")).toBe("a=b");
  await text("https://b.test/");
  expect(web.opened.map(({ host }) => host)).toEqual(["a.test", "b.test", "a.test"]);
  expect(new Set(web.opened.map(({ isolation }) => isolation)).size).toBe(3);
});

test("parts of a page travel by the circuit of its site, and the same site elsewhere by another", async () => {
  const { web, text } = browse();
  web.site("cdn.test:443", () => page("x"));
  await text("https://cdn.test/", within("https://a.test/"));
  await text("https://cdn.test/", within("https://b.test/"));
  await text("https://cdn.test/", within("https://www.a.test/"));
  expect(web.opened.map(({ isolation }) => isolation.split(" ")[0])).toEqual(["a.test", "b.test"]);
});

test("what is withdrawn ends at once, wherever it is", async () => {
  const { web, fetcher, clock } = browse();
  web.site("a.test:443", () => undefined);
  const controller = new AbortController();
  const waiting = fetcher.fetch(asking("https://a.test/", { signal: controller.signal }));
  const ended = expect(waiting).rejects.toMatchObject({ code: "aborted", where: "here" });
  await clock.settle();
  controller.abort();
  await ended;
  await clock.settle();
  expect(web.alive).toEqual([]);
});
