import { TaborError } from "@tabor/onion-core";
import { describe, expect, test } from "vitest";
import type { FetchRequest } from "./api.ts";
import { browse, response, textOf, within } from "./testing/browse.ts";
import { bytesOf, LOST, page } from "./testing/memory-web.ts";

const PAGE = "https://a.test/";
const image = within(PAGE);

describe("connections are used again", () => {
  test("one after another, on one stream", async () => {
    const { web, text } = browse();
    web.site("a.test:443", ({ target }) => page(target));
    for (const path of ["/1", "/2", "/3"]) expect(await text(`https://a.test${path}`)).toBe(path);
    expect(web.opened).toHaveLength(1);
  });

  test("until they have been idle for a minute", async () => {
    const { web, clock, text } = browse();
    web.site("a.test:443", () => page("x"));
    await text(PAGE);
    await clock.advance(59_000);
    await text(PAGE);
    expect(web.opened).toHaveLength(1);
    await clock.advance(61_000);
    expect(web.alive).toEqual([]);
    await text(PAGE);
    expect(web.opened).toHaveLength(2);
    await clock.advance(61_000);
    expect(clock.waiting).toBe(0);
  });

  test("or for as long as the site says", async () => {
    const { web, clock, text } = browse();
    web.site("a.test:443", () => page("x", "Keep-Alive: timeout=5, max=100"));
    await text(PAGE);
    await clock.advance(4_000);
    expect(web.alive).toEqual([]);
  });

  test("but not after bytes that nobody asked for", async () => {
    const { web, text } = browse();
    web.site("a.test:443", () => page("x") + page("evil"));
    expect(await text(PAGE)).toBe("x");
    expect(await text(PAGE)).toBe("x");
    expect(web.opened).toHaveLength(2);
  });

  test("not for a request whose fate nobody could tell", async () => {
    const { web, text } = browse();
    web.site("a.test:443", ({ method }) => page(method));
    await text(PAGE);
    expect(await text(PAGE, { use: "form", method: "POST", body: bytesOf("x") })).toBe("POST");
    expect(web.opened).toHaveLength(2);
    expect(await text(PAGE)).toBe("GET");
    expect(web.opened).toHaveLength(2);
  });
});

describe("a connection that the site closed as the request came", () => {
  /** Answers once on each of its first `reliable` connections, and closes when asked again. */
  function forgetful() {
    const all = browse();
    all.web.site("a.test:443", (request, end) => {
      const { requests } = all.web.opened.find((opened) => opened.requests.includes(request)) ?? {
        requests: [],
      };
      if (requests.length === 1) return page("x");
      end.end();
      return undefined;
    });
    return all;
  }

  test("costs another connection, not the page", async () => {
    const { web, text } = forgetful();
    await text(PAGE);
    expect(await text(PAGE)).toBe("x");
    expect(web.opened).toHaveLength(2);
    expect(web.requests).toHaveLength(3);
  });

  test("is not tried twice: a fresh one that is closed is an error", async () => {
    const { web, fetch, text } = browse();
    let served = 0;
    web.site("a.test:443", (_, end) => {
      served += 1;
      if (served === 1) return page("x");
      end.end();
      return undefined;
    });
    await text(PAGE);
    await expect(fetch(PAGE)).rejects.toMatchObject({ code: "closed", where: "site" });
    expect(served).toBe(3);
  });

  test("in the middle of an answer is an error: that was no misunderstanding", async () => {
    const { web, fetch, text } = browse();
    web.site("a.test:443", async ({ target }, end) => {
      if (target === "/") return page("x");
      await end.say("HTTP/1.1 200 O");
      end.end();
      return undefined;
    });
    await text(PAGE);
    await expect(fetch("https://a.test/cut")).rejects.toMatchObject({ code: "closed", where: "site" });
    expect(web.requests).toHaveLength(2);
  });
});

describe("a circuit that is lost before the answer's head", () => {
  /** Loses the first `losses` circuits as soon as a request has come over them. */
  function lossy(losses: number, error: TaborError = LOST, port = 443) {
    const all = browse();
    all.web.site(`a.test:${String(port)}`, (request) => {
      const at = all.web.opened.findIndex(({ requests }) => requests.includes(request));
      if (at >= losses) return page(request.method);
      all.web.opened[at]?.lose(error);
      return undefined;
    });
    return all;
  }

  test("is replaced by another, twice", async () => {
    const { web, text } = lossy(2);
    expect(await text(PAGE)).toBe("GET");
    expect(web.opened).toHaveLength(3);
  });

  test("for the third time is an error", async () => {
    const { web, fetch } = lossy(3);
    await expect(fetch(PAGE)).rejects.toBe(LOST);
    expect(web.opened).toHaveLength(3);
  });

  test("is an error for what may not be done twice", async () => {
    const { web, fetch } = lossy(1);
    await expect(fetch(PAGE, { use: "form", method: "POST", body: bytesOf("x") })).rejects.toBe(LOST);
    expect(web.requests).toHaveLength(1);
  });

  test("is lost by the network; what the site does is final", async () => {
    const { web, fetch } = lossy(1, new TaborError("reset", "site", "reset"));
    await expect(fetch(PAGE)).rejects.toMatchObject({ code: "reset", where: "site" });
    expect(web.opened).toHaveLength(1);
  });

  test("while TLS is agreed on is replaced too, whatever is asked", async () => {
    const { web, text } = browse();
    let losses = 1;
    web.site("a.test:443", ({ method }) => page(method));
    web.opening = () => {
      if (losses-- > 0) throw LOST;
    };
    expect(await text(PAGE, { use: "form", method: "POST", body: bytesOf("x") })).toBe("POST");
  });
});

describe("nothing waits that can go along", () => {
  test("the ClientHello opens the stream", async () => {
    const { web, text } = browse();
    web.site("a.test:443", () => page("x"));
    await text(PAGE);
    expect(web.opened[0]?.early).toBe("HELLO a.test http/1.1\n");
  });

  test("so does another one, to a site that takes nothing but what is slow here", async () => {
    const { web, text } = browse();
    web.site("a.test:443", () => page("x")).aes256Only.add("a.test");
    expect(await text(PAGE)).toBe("x");
    expect(web.opened.map(({ early }) => early)).toEqual([
      "HELLO a.test http/1.1\n",
      "HELLO a.test http/1.1 AES-256\n",
    ]);
    expect(web.alive).toHaveLength(1);
  });

  test("so does a plain request", async () => {
    const { web, text } = browse();
    web.site("a.test:80", () => page("x"));
    await text("http://a.test/q", { insecureAllowed: true });
    expect(web.opened[0]?.early).toMatch(/^GET \/q HTTP\/1\.1\r\nHost: a\.test\r\n.*\r\n\r\n$/s);
  });

  test("but not a plain POST: opening is tried on several circuits", async () => {
    const { web, text } = browse();
    web.site("a.test:80", ({ body }) => page(body));
    const post = { use: "form", method: "POST", body: bytesOf("pay"), insecureAllowed: true } as const;
    expect(await text("http://a.test/", post)).toBe("pay");
    expect(web.opened[0]?.early).toBe("");
  });
});

describe("there are never too many", () => {
  /** A site whose answers come when they are let go. */
  function held(limit: number) {
    const all = browse();
    const answers: (() => void)[] = [];
    const order: string[] = [];
    const serve = async ({ target, fields }: { target: string; fields: ReadonlyMap<string, string> }) => {
      order.push(`${fields.get("host") ?? ""}${target}`);
      await new Promise<void>((resolve) => answers.push(resolve));
      return page("x");
    };
    for (let i = 0; i < limit; i++) all.web.site(`h${String(i)}.test:443`, serve);
    const ask = (url: string, more: Partial<FetchRequest> = image) =>
      all.fetch(url, more).then((outcome) => textOf(response(outcome)));
    const release = async () => {
      answers.shift()?.();
      await all.clock.settle();
    };
    return { ...all, order, ask, release };
  }

  test("six to one host; the seventh request waits for the first answer", async () => {
    const { web, clock, order, ask, release } = held(1);
    const asked = Array.from({ length: 8 }, (_, i) => ask(`https://h0.test/${String(i)}`));
    await clock.settle();
    expect(web.opened).toHaveLength(6);
    expect(order).toHaveLength(6);
    await release();
    expect(order).toHaveLength(7);
    for (let i = 0; i < 7; i++) await release();
    expect(await Promise.all(asked)).toHaveLength(8);
    expect(web.opened).toHaveLength(6);
  });

  test("what the page waits for goes before pictures that waited longer", async () => {
    const { clock, order, ask, release } = held(1);
    const first = Array.from({ length: 6 }, (_, i) => ask(`https://h0.test/${String(i)}`));
    await clock.settle();
    const later = [
      ask("https://h0.test/picture"),
      ask("https://h0.test/style", within(PAGE, { use: "style" })),
      ask("https://h0.test/frame", within(PAGE, { use: "frame" })),
    ];
    await clock.settle();
    for (let i = 0; i < 9; i++) await release();
    await Promise.all([...first, ...later]);
    expect(order.slice(6)).toEqual(["h0.test/frame", "h0.test/style", "h0.test/picture"]);
  });

  test("12 to one host that many wait for", async () => {
    const { web, clock, ask, release } = held(1);
    const asked = Array.from({ length: 40 }, (_, i) => ask(`https://h0.test/${String(i)}`));
    await clock.settle();
    expect(web.opened).toHaveLength(12);
    for (let i = 0; i < 40; i++) await release();
    expect(await Promise.all(asked)).toHaveLength(40);
    expect(web.opened).toHaveLength(12);
  });

  test("64 in all; a busy site does not keep another from the next one", async () => {
    const { web, clock, order, ask, release } = held(13);
    const hungry = Array.from({ length: 72 }, (_, i) => ask(`https://h${String(i % 12)}.test/${String(i)}`));
    await clock.settle();
    expect(web.alive).toHaveLength(64);
    const other = ask("https://h12.test/", within("https://other.test/"));
    await release();
    await clock.settle();
    expect(order.at(-1)).toBe("h12.test/");
    expect(web.alive.length).toBeLessThanOrEqual(64);
    for (let i = 0; i < 73; i++) await release();
    await Promise.all([...hungry, other]);
  });

  test("2000 requests that wait; more are refused at once", async () => {
    const { fetcher, clock, ask } = held(1);
    const all = Promise.allSettled(Array.from({ length: 2100 }, () => ask("https://h0.test/")));
    await clock.settle();
    fetcher.newIdentity();
    const codes = (await all).map((outcome) =>
      outcome.status === "rejected" && outcome.reason instanceof TaborError ? outcome.reason.code : "none",
    );
    expect(codes.filter((code) => code === "resource-limit")).toHaveLength(100);
    expect(codes.filter((code) => code === "aborted")).toHaveLength(2000);
  });
});

describe("connections that are opened ahead", () => {
  const urls = (count: number, host = "a.test"): URL[] =>
    Array.from({ length: count }, (_, i) => new URL(`https://${host}/${String(i)}`));

  test("are there when the requests come, and no more of them than requests", async () => {
    const { web, clock, fetcher, text } = browse();
    web.site("a.test:443", ({ target }) => page(target));
    fetcher.connectAhead("a.test", [...urls(3), ...urls(3)]);
    await clock.settle();
    expect(web.opened).toHaveLength(3);
    expect(web.requests).toEqual([]);
    const isolation = new Set(web.opened.map((opened) => opened.isolation));
    expect(await Promise.all(urls(3).map(({ href }) => text(href, image)))).toEqual(["/0", "/1", "/2"]);
    expect(web.opened).toHaveLength(3);
    expect(new Set(web.opened.map((opened) => opened.isolation))).toEqual(isolation);
  });

  test("are not more than a host gets, and leave half for others", async () => {
    const { web, clock, fetcher } = browse();
    const hosts = Array.from({ length: 20 }, (_, i) => `h${String(i)}.test`);
    for (const host of hosts) web.site(`${host}:443`, () => page("x"));
    fetcher.connectAhead("a.test", urls(50, "h0.test"));
    await clock.settle();
    expect(web.opened).toHaveLength(6);
    fetcher.connectAhead(
      "a.test",
      hosts.flatMap((host) => urls(6, host)),
    );
    await clock.settle();
    expect(web.opened).toHaveLength(32);
  });

  test("are not for what is stored, for plain http, nor for hosts that have them already", async () => {
    const { web, clock, fetcher, text } = browse();
    web.site("a.test:443", () => page("x", "Cache-Control: max-age=60"));
    await text(PAGE);
    await text("https://a.test/0", image);
    fetcher.connectAhead("a.test", [...urls(2), new URL("http://b.test/")]);
    await clock.settle();
    expect(web.opened).toHaveLength(1);
  });

  test("fail silently, and the request that comes tries again", async () => {
    const { web, clock, fetcher, text } = browse();
    fetcher.connectAhead("a.test", urls(2));
    await clock.settle();
    web.site("a.test:443", () => page("x"));
    expect(await text(PAGE, image)).toBe("x");
    fetcher.newIdentity();
    fetcher.connectAhead("a.test", urls(1));
    await clock.settle();
    expect(web.alive).toHaveLength(1);
  });
});

describe("hosts that fail", () => {
  test("fail each request that asked, once, and the next one starts anew", async () => {
    const { web, fetch, text } = browse();
    const refused = new TaborError("refused", "site", "no");
    web.site("a.test:443", refused);
    const outcomes = await Promise.allSettled([fetch(PAGE), fetch(PAGE), fetch(PAGE)]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    web.site("a.test:443", () => page("back"));
    expect(await text(PAGE)).toBe("back");
  });

  test("fail all that wait for them at once, not one after another", async () => {
    const { web, clock, fetch } = browse();
    let tries = 0;
    web.opening = async () => {
      tries += 1;
      await new Promise<void>((resolve) => clock.after(30_000, resolve));
      throw new TaborError("timeout", "site", "no answer");
    };
    const outcomes = Promise.allSettled(Array.from({ length: 100 }, () => fetch(PAGE, image)));
    const begun = clock.monotonic();
    for (const { status } of await clock.until(outcomes)) expect(status).toBe("rejected");
    expect([tries, clock.monotonic() - begun]).toEqual([12, 30_000]);
  });

  test("that never finish TLS end after their deadline", async () => {
    const { web, clock, fetcher } = browse();
    web.site("a.test:443", () => page("x"));
    web.opening = () => new Promise(() => undefined);
    const waiting = fetcher.fetch({
      url: new URL(PAGE),
      method: "GET",
      use: "document",
      firstParty: "a.test",
      initiator: undefined,
      via: [],
      insecureAllowed: false,
      signal: new AbortController().signal,
    });
    await expect(clock.until(waiting)).rejects.toMatchObject({ code: "timeout" });
    expect(clock.waiting).toBe(0);
  });
});
