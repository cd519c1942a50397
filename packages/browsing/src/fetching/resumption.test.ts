import { Fields } from "@tabor/http";
import { TaborError } from "@tabor/onion-core";
import fc from "fast-check";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { browse, response, textOf } from "./testing/browse.ts";
import { bytesOf, LOST, page, type Heard } from "./testing/memory-web.ts";

const FILE = "https://a.test/file";
const WHOLE = Array.from({ length: 3000 }, (_, i) => String.fromCharCode(97 + (i % 26))).join("");

interface Habits {
  /** Bytes after which each circuit is lost, in turn; then none is. */
  readonly cuts: readonly number[];
  readonly error?: TaborError;
  readonly whole?: string;
  readonly fields?: string;
  /** What it says to a request for the rest; by default what was asked. */
  readonly rest?: (first: number, request: Heard) => string;
}

/** A site that serves a file by ranges, over circuits that break. */
function breaking({ cuts, error = LOST, whole = WHOLE, fields = 'ETag: "v1"', rest }: Habits) {
  const all = browse();
  let served = 0;
  all.web.site("a.test:443", async (request, end) => {
    const opened = all.web.opened.find(({ requests }) => requests.includes(request));
    const cut = cuts[served++];
    const answer = answerTo(request);
    const head = answer.indexOf("\n\n") + 2;
    if (cut === undefined) return answer;
    await end.say(answer.slice(0, head));
    if (cut > 0) await end.say(bytesOf(answer.slice(head, head + cut)));
    // What was said arrives first.
    await new Promise(setImmediate);
    opened?.lose(error);
    return undefined;
  });
  const answerTo = (request: Heard): string => {
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.fields.get("range") ?? "");
    if (range === null) return page(whole, fields);
    const first = Number(range[1]);
    return (
      rest?.(first, request) ??
      part(first, range[2] === "" ? whole.length - 1 : Number(range[2]), whole, fields)
    );
  };
  return all;
}

function part(first: number, last: number, whole = WHOLE, fields = 'ETag: "v1"'): string {
  const range = `Content-Range: bytes ${String(first)}-${String(last)}/${String(whole.length)}`;
  return page(whole.slice(first, last + 1), `${range}\n${fields}`, "206 Partial Content");
}

describe("a body that breaks off in the middle", () => {
  test("is taken up where it was, on another circuit, if it is still the same", async () => {
    const { web, text } = breaking({ cuts: [1000, 500] });
    expect(await text(FILE)).toBe(WHOLE);
    const asked = web.requests.map(({ fields }) => [fields.get("range"), fields.get("if-range")]);
    expect(asked).toEqual([
      [undefined, undefined],
      ["bytes=1000-", '"v1"'],
      ["bytes=1500-", '"v1"'],
    ]);
    expect(web.opened).toHaveLength(3);
  });

  test("says so to whoever waits", async () => {
    const { fetch } = breaking({ cuts: [1000] });
    const sentences: string[] = [];
    const answer = await fetch(FILE, {
      onProgress: (progress) => progress.stage === "waiting" && sentences.push(progress.sentence),
    });
    await textOf(response(answer));
    expect(sentences).toContain("The connection was lost: fetching the rest");
  });

  test("that was a part itself ends where the part ends", async () => {
    const { web, text } = breaking({ cuts: [100] });
    const more = { use: "media", fields: new Fields([["range", "bytes=1000-1999"]]) } as const;
    expect(await text(FILE, more)).toBe(WHOLE.slice(1000, 2000));
    expect(web.requests[1]?.fields.get("range")).toBe("bytes=1100-1999");
  });

  test("is taken up compressed as it was", async () => {
    const whole = gzipSync(WHOLE, { level: 0 }).toString("latin1");
    const { text } = breaking({ cuts: [1000, 700], whole, fields: 'ETag: "z"\nContent-Encoding: gzip' });
    expect(await text(FILE)).toBe(WHOLE);
  });

  test("by a date, if that is old enough to tell versions apart", async () => {
    const dates = "Date: Thu, 01 Jan 2026 00:10:00 GMT\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT";
    const { web, text } = breaking({ cuts: [1000], fields: dates });
    expect(await text(FILE)).toBe(WHOLE);
    expect(web.requests[1]?.fields.get("if-range")).toBe("Thu, 01 Jan 2026 00:00:00 GMT");
  });

  test("by the site too: a connection that closes early", async () => {
    const { text } = breaking({ cuts: [1000], error: new TaborError("reset", "site", "reset") });
    expect(await text(FILE)).toBe(WHOLE);
  });

  test("anywhere, any number of times within bounds, gives the whole or an error, never something else", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 1200 }), { maxLength: 14 }), async (cuts) => {
        const { text } = breaking({ cuts });
        const got = await text(FILE).catch((thrown: unknown) => thrown);
        if (got !== WHOLE) expect(got).toBe(LOST);
      }),
      { numRuns: 40 },
    );
  });
});

describe("it ends with what broke it", () => {
  test.each<[string, Partial<Habits>]>([
    ["nothing tells its versions apart", { fields: "X: y" }],
    ["its tag is weak", { fields: 'ETag: W/"v1"' }],
    [
      "its date is too young",
      { fields: "Date: Thu, 01 Jan 2026 00:00:30 GMT\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT" },
    ],
    ["the site sends the whole instead", { rest: () => page(WHOLE, 'ETag: "v2"') }],
    ["another version's rest comes", { rest: (first) => part(first, 2999, WHOLE, 'ETag: "v2"') }],
    ["the rest of no version comes", { rest: (first) => part(first, 2999, WHOLE, "X: y") }],
    ["another part comes", { rest: (first) => part(first + 1, 2999) }],
    ["less than the rest comes", { rest: (first) => part(first, 2000) }],
    ["the whole has another length now", { rest: (first) => part(first, 2999, `${WHOLE}!`) }],
    [
      "the rest is compressed",
      { rest: (first) => part(first, 2999, WHOLE, 'ETag: "v1"\nContent-Encoding: gzip') },
    ],
    ["the site does not say which part it is", { rest: () => page("rest", 'ETag: "v1"', "206 x") }],
    ["the site refuses", { rest: () => page("", "", "416 x") }],
    ["it breaks off three times without a byte", { cuts: [1000, 0, 0, 0] }],
    ["it breaks off again and again", { cuts: Array.from({ length: 14 }, () => 10) }],
  ])("when %s", async (_, habits) => {
    const { web, text } = breaking({ cuts: [1000], ...habits });
    await expect(text(FILE)).rejects.toBe(LOST);
    expect(web.requests.length).toBeLessThanOrEqual(14);
  });

  test("when the site's answer is at fault", async () => {
    const { web, fetch } = browse();
    web.site("a.test:443", () => 'HTTP/1.1 200 OK\nETag: "v1"\nTransfer-Encoding: chunked\n\n3\nabc\nevil\n');
    await expect(fetch(FILE).then(response).then(textOf)).rejects.toMatchObject({ code: "malformed" });
    expect(web.requests).toHaveLength(1);
  });

  test("when its reader has gone", async () => {
    const { web, clock, fetch } = breaking({ cuts: [1000] });
    const answer = response(await fetch(FILE));
    await answer.body.next();
    answer.close();
    await expect(textOf(answer)).rejects.toMatchObject({ where: "here" });
    await clock.settle();
    expect(web.requests).toHaveLength(1);
    expect(web.alive).toEqual([]);
  });
});
