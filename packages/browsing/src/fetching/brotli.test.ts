import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { brotliCompressSync, constants } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readUpTo } from "@tabor/http";
import { browse, response, textOf } from "./testing/browse.ts";
import { bytesOf, latin1, type SiteEnd } from "./testing/memory-web.ts";

const wasm = createRequire(import.meta.url).resolve("brotli-dec-wasm/web/bg.wasm");
const TEXT = "onions have layers. ".repeat(5000);

function browseBrotli(answer: Uint8Array | ((end: SiteEnd) => Promise<void>)) {
  const loads = { count: 0 };
  const all = browse(() => {
    loads.count += 1;
    return Promise.resolve(readFileSync(wasm));
  });
  all.web.site("a.test:443", async (_, end) => {
    const isScript = typeof answer === "function";
    const length = isScript ? "" : `Content-Length: ${String(answer.length)}\n`;
    await end.say(`HTTP/1.1 200 OK\nContent-Encoding: br\n${length}\n`);
    if (!isScript) return answer;
    await answer(end);
    end.end();
    return undefined;
  });
  return { ...all, loads };
}

describe("brotli", () => {
  test("is taken off; its module is loaded once, when the first site sends it", async () => {
    const { loads, text, web } = browseBrotli(brotliCompressSync(TEXT));
    web.site("b.test:443", () => "HTTP/1.1 204 x\n\n");
    await text("https://b.test/");
    expect(loads.count).toBe(0);
    expect(await text("https://a.test/")).toBe(TEXT);
    expect(await text("https://a.test/2")).toBe(TEXT);
    expect(loads.count).toBe(1);
  });

  test("byte by byte gives the same", async () => {
    const { text } = browseBrotli(async (end) => {
      for (const byte of brotliCompressSync(TEXT)) await end.say(Uint8Array.of(byte));
    });
    expect(await text("https://a.test/")).toBe(TEXT);
  });

  test("of a stream shows each part when it comes", async () => {
    const first = brotliCompressSync("first part, ", { params: { [constants.BROTLI_PARAM_LGWIN]: 16 } });
    const { fetch } = browseBrotli(async (end) => {
      await end.say(first);
      await new Promise(() => undefined);
    });
    const { body } = response(await fetch("https://a.test/"));
    const piece = await body.next();
    expect(latin1(piece.done === true ? new Uint8Array(0) : piece.value)).toBe("first part, ");
  });

  test("of nothing is nothing", async () => {
    const { text } = browseBrotli(new Uint8Array(0));
    expect(await text("https://a.test/")).toBe("");
  });

  test.each([
    ["garbage", bytesOf("not compressed at all")],
    ["a cut stream", brotliCompressSync(TEXT).subarray(0, -1)],
    ["bytes after its end", Buffer.concat([brotliCompressSync(TEXT), Buffer.from("more")])],
  ])("%s is refused", async (_, bytes) => {
    const { fetch } = browseBrotli(bytes);
    await expect(fetch("https://a.test/").then(response).then(textOf)).rejects.toMatchObject({
      code: "malformed",
      where: "site",
    });
  });

  test("that is not loaded is an error, and the next page tries again", async () => {
    let tries = 0;
    const { web, fetch } = browse(() => {
      tries += 1;
      return Promise.reject(new Error("offline"));
    });
    web.site("a.test:443", () => "HTTP/1.1 200 OK\nContent-Encoding: br\nContent-Length: 1\n\nx");
    for (let i = 0; i < 2; i++) {
      await expect(fetch("https://a.test/").then(response).then(textOf)).rejects.toThrow("offline");
    }
    expect(tries).toBe(2);
  });

  test("a bomb costs its reader's bound, not memory: 1 GiB in 850 bytes", async () => {
    const bomb = brotliCompressSync(Buffer.alloc(1 << 30), {
      params: { [constants.BROTLI_PARAM_QUALITY]: 1, [constants.BROTLI_PARAM_LGWIN]: 24 },
    });
    const { fetch, web, clock } = browseBrotli(bomb);
    const answer = response(await fetch("https://a.test/"));
    let largest = 0;
    const watched = (async function* () {
      for await (const piece of answer.body) {
        largest = Math.max(largest, piece.length);
        yield piece;
      }
    })();
    const { bytes, complete } = await readUpTo(watched, 1 << 20);
    expect([bytes.length, complete]).toEqual([1 << 20, false]);
    expect(largest).toBeLessThanOrEqual(65_536);
    await clock.settle();
    expect(web.opened).toHaveLength(1);
  });
});
