import { Fields, readUpTo } from "@tabor/http";
import { VirtualClock } from "@tabor/onion-core/testing";
import { describe, expect, test } from "vitest";
import { HttpCache, type CacheRequest } from "./http-cache.ts";
import { browse, response, textOf, within } from "./testing/browse.ts";
import { page } from "./testing/memory-web.ts";

const PAGE = "https://a.test/x";

/** A site that counts how often it is asked, and answers 304 to its own tag. */
function counting(fields: string, tag?: string) {
  const all = browse();
  all.web.site("a.test:443", (request) => {
    if (tag !== undefined && request.fields.get("if-none-match") === tag) {
      return `HTTP/1.1 304 x\n${fields}\nX-New: yes\n\n`;
    }
    return page(`answer ${String(all.web.requests.length)}`, fields);
  });
  return all;
}

describe("an answer is used again", () => {
  test("while it is fresh, without asking", async () => {
    const { web, clock, text, fetch } = counting("Cache-Control: max-age=60");
    expect(await text(PAGE)).toBe("answer 1");
    const again = response(await fetch(`${PAGE}#part`));
    expect(again).toMatchObject({ fromCache: true, status: 200, length: 8, circuit: { id: 1 } });
    expect(again.tls?.version).toBe("TLS 1.3");
    expect(await textOf(again)).toBe("answer 1");
    await clock.advance(59_000);
    expect(await text(PAGE)).toBe("answer 1");
    await clock.advance(2_000);
    expect(await text(PAGE)).toBe("answer 2");
    expect(web.requests).toHaveLength(2);
  });

  test("when the site says that it is still the same", async () => {
    const { web, text, fetch } = counting('Cache-Control: no-cache\nETag: "v1"', '"v1"');
    expect(await text(PAGE)).toBe("answer 1");
    const again = response(await fetch(PAGE));
    expect(await textOf(again)).toBe("answer 1");
    expect([again.status, again.fromCache, again.fields.first("x-new")]).toEqual([200, true, "yes"]);
    expect(web.requests[1]?.fields.get("if-none-match")).toBe('"v1"');
    expect(web.opened).toHaveLength(1);
  });

  test.each([
    ["it may not be stored", "Cache-Control: no-store", {}],
    ["it varies by what is asked", "Cache-Control: max-age=60\nVary: *", {}],
    ["the person reloads", "Cache-Control: max-age=60", { cache: "reload" }],
    ["nothing is to be kept", "Cache-Control: max-age=60", { cache: "no-store" }],
    ["a part is asked for", "Cache-Control: max-age=60", { fields: new Fields([["range", "bytes=0-"]]) }],
    ["another method is used", "Cache-Control: max-age=60", { method: "POST" }],
  ] as const)("but not when %s", async (_, fields, more) => {
    const { text } = counting(fields);
    await text(PAGE);
    expect(await text(PAGE, more)).toBe("answer 2");
  });

  test("but not the one of another first-party site: it would tell who was where", async () => {
    const { text } = counting("Cache-Control: max-age=60");
    expect(await text(PAGE, within("https://b.test/"))).toBe("answer 1");
    expect(await text(PAGE, within("https://c.test/"))).toBe("answer 2");
  });

  test("but not for another person on the same site, when it varies by cookie", async () => {
    const { web, text } = browse();
    web.site("a.test:443", ({ fields }) =>
      page(fields.get("cookie") ?? "nobody", "Cache-Control: max-age=60\nVary: Cookie\nSet-Cookie: user=1"),
    );
    expect(await text(PAGE)).toBe("nobody");
    expect(await text(PAGE)).toBe("user=1");
  });

  test("but not half of one", async () => {
    const { web, fetch, text } = counting("Cache-Control: max-age=60");
    const half = response(await fetch(PAGE));
    await half.body.next();
    half.close();
    await half.body.return();
    expect(await text(PAGE)).toBe("answer 2");
    expect(web.requests).toHaveLength(2);
  });

  test("but not after an unsafe request has changed what is there", async () => {
    const { text } = counting("Cache-Control: max-age=60");
    await text(PAGE);
    await text(PAGE, { method: "POST" });
    expect(await text(PAGE)).toBe("answer 3");
  });

  test("as long as there is room: 64 MiB, the least lately used goes, and nothing above 8 MiB stays", async () => {
    const cache = new HttpCache(new VirtualClock());
    const request = (name: string): CacheRequest => {
      const url = new URL(`https://a.test/${name}`);
      return { url, firstParty: "a.test", method: "GET", fields: [["Host", "a.test"]] };
    };
    const keep = async (name: string, length: number) => {
      const fields = new Fields([["cache-control", "max-age=60"]]);
      const circuit = { id: 1, state: { name: "open" }, hops: [], isolation: "x", streams: 1 } as const;
      const answer = { status: 200, reason: "OK", fields, tls: undefined, circuit };
      await readUpTo(cache.keeping(request(name), answer, zeros(length)), 1e8);
    };
    const has = (name: string) => cache.find(request(name)) !== undefined;
    await keep("huge", (8 << 20) + 1);
    expect(has("huge")).toBe(false);
    for (let i = 0; i < 9; i++) await keep(String(i), 7 << 20);
    expect(has("0")).toBe(true);
    await keep("9", 7 << 20);
    expect([has("0"), has("1"), has("2")]).toEqual([true, false, true]);
    for (let i = 0; i < 20_000; i++) await keep(`empty${String(i)}`, 0);
    expect([has("0"), has("empty0"), has("empty19999")]).toEqual([false, false, true]);
  });
});

async function* zeros(length: number): AsyncGenerator<Uint8Array, void> {
  for (let left = length; left > 0; left -= 1 << 20) {
    await Promise.resolve();
    yield new Uint8Array(Math.min(left, 1 << 20));
  }
}

test("a 304 that speaks of something else is not believed", async () => {
  const { web, text } = browse();
  web.site("a.test:443", ({ fields }) =>
    fields.has("if-none-match")
      ? 'HTTP/1.1 304 x\nETag: "other"\n\n'
      : page(`answer ${String(web.requests.length)}`, 'Cache-Control: no-cache\nETag: "v1"'),
  );
  expect(await text(PAGE)).toBe("answer 1");
  expect(await text(PAGE)).toBe("answer 3");
});
