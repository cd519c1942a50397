import { TaborError } from "@tabor/onion-core";
import fc from "fast-check";
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { readUpTo } from "./collect.ts";
import { HttpConnection, type HttpAnswer } from "./connection.ts";
import { decodedBody } from "./decoded-body.ts";
import type { HttpRequest } from "./request-head.ts";
import { byteByByte, ManualClock, ScriptedStream, wire, type Step } from "./testing/scripted-stream.ts";

const NEVER = new AbortController().signal;
const GET: HttpRequest = { method: "GET", target: "/", fields: [["Host", "site.test"]] };

function start(steps: readonly Step[], signal = NEVER) {
  const stream = new ScriptedStream(steps);
  const clock = new ManualClock();
  const connection = new HttpConnection(stream, { clock });
  return { stream, clock, response: decoded(connection.send(GET, signal)) };
}

async function decoded(sending: Promise<HttpAnswer>) {
  const answer = await sending;
  const { status, reason, fields } = answer;
  return { status, reason, fields, body: decodedBody(answer) };
}

async function fetchAll(...steps: Step[]): Promise<Uint8Array> {
  const { body } = await start(steps).response;
  return (await readUpTo(body, 1e8)).bytes;
}

async function fetchText(...steps: Step[]): Promise<string> {
  return String.fromCharCode(...(await fetchAll(...steps)));
}

function fetchWire(text: string): Promise<string> {
  return fetchText(wire(text));
}

function failure(promise: Promise<unknown>): Promise<{ code: string; where: string }> {
  return promise.then(
    () => ({ code: "none", where: "none" }),
    (thrown: unknown) => {
      if (!(thrown instanceof TaborError)) throw thrown;
      return { code: thrown.code, where: thrown.where };
    },
  );
}

const malformed = { code: "malformed", where: "site" };
const tooLarge = { code: "resource-limit", where: "site" };
const cutShort = { code: "closed", where: "site" };

describe("the head", () => {
  test("gives status, reason and fields in order", async () => {
    const { response } = start([wire("HTTP/1.1 404 Not Found\nA: 1\nB:\t2 \nA: 3\nContent-Length: 0\n\n")]);
    const { status, reason, fields } = await response;
    expect({ status, reason, a: fields.all("a"), b: fields.first("b") }).toEqual({
      status: 404,
      reason: "Not Found",
      a: ["1", "3"],
      b: "2",
    });
  });

  test.each([
    ["a missing reason", "HTTP/1.1 200\n\nx"],
    ["interim responses before it", "HTTP/1.1 103 Early\nLink: x\n\nHTTP/1.1 100 \n\nHTTP/1.1 200 OK\n\nx"],
    ["a folded field", "HTTP/1.1 200 OK\nA: b\n  c\n\nx"],
  ])("may have %s", async (_, text) => {
    expect(await fetchWire(text)).toBe("x");
  });

  test("may end its lines with a lone line feed", async () => {
    expect(await fetchText(Buffer.from("HTTP/1.1 200 OK\nContent-Length: 1\n\nx"))).toBe("x");
  });

  test.each([
    ["no status line", "<html>\n\n"],
    ["another protocol", "HTTP/2 200 OK\n\n"],
    ["a status of two digits", "HTTP/1.1 20 OK\n\n"],
    ["a status above 599", "HTTP/1.1 600 OK\n\n"],
    ["a switch of protocols", "HTTP/1.1 101 Switching\nUpgrade: x\n\n"],
    ["a field without a colon", "HTTP/1.1 200 OK\nA\n\n"],
    ["white space before the colon", "HTTP/1.1 200 OK\nContent-Length : 5\n\nhello"],
    ["an empty field name", "HTTP/1.1 200 OK\n: x\n\n"],
    ["white space before the first field", "HTTP/1.1 200 OK\n A: b\n\n"],
    ["a NUL in a value", "HTTP/1.1 200 OK\nA: b\0c\n\n"],
    ["a lone CR in a value", "HTTP/1.1 200 OK\nA: b\rContent-Length: 0\n\n"],
    ["an escape character in a value", "HTTP/1.1 200 OK\nA: \x1b[2J\n\n"],
  ])("is refused with %s", async (_, text) => {
    expect(await failure(fetchWire(text))).toEqual(malformed);
  });

  test("ends at 64 KiB, even if it is one endless line", async () => {
    const piece = new Uint8Array(16_384).fill(0x41);
    const { stream, response } = start([
      wire("HTTP/1.1 200 OK\nA: "),
      ...Array.from({ length: 1000 }, () => piece),
    ]);
    expect(await failure(response)).toEqual(tooLarge);
    expect(stream.left).toBeGreaterThan(990);
  });

  test("ends at 64 KiB of short fields and at 200 fields", async () => {
    expect(await failure(fetchWire(`HTTP/1.1 200 OK\n${"A: b\n".repeat(201)}\n`))).toEqual(tooLarge);
    expect(await failure(fetchWire(`HTTP/1.1 200 OK\n${`A: ${"b".repeat(400)}\n`.repeat(190)}\n`))).toEqual(
      tooLarge,
    );
    expect(await fetchWire(`HTTP/1.1 200 OK\n${"A: b\n".repeat(200)}\nx`)).toBe("x");
  });

  test("may not fold without end either", async () => {
    expect(await failure(fetchWire(`HTTP/1.1 200 OK\nA: b\n${" c\n".repeat(40_000)}\n`))).toEqual(tooLarge);
  });

  test("comes after at most eight interim responses", async () => {
    expect(await failure(fetchWire("HTTP/1.1 100 \n\n".repeat(9) + "HTTP/1.1 200 \n\n"))).toEqual(tooLarge);
  });
});

describe("the length of the body", () => {
  test("by Content-Length; what follows is not part of it", async () => {
    expect(await fetchWire("HTTP/1.1 200 OK\nContent-Length: 5\n\nhello, world")).toBe("hello");
  });

  test("until the connection closes, when nothing else is said", async () => {
    expect(await fetchText(wire("HTTP/1.0 200 OK\n\nhel"), wire("lo"))).toBe("hello");
  });

  test("by chunks, with extensions and trailers", async () => {
    const chunks = '5;a="b"\nhello\nA \n, chunked!\n000\nTrailer: x\n\nmore';
    expect(await fetchWire(`HTTP/1.1 200 OK\nTransfer-Encoding: Chunked\n\n${chunks}`)).toBe(
      "hello, chunked!",
    );
  });

  test.each(["204", "304"])("none for %s, whatever the fields say", async (status) => {
    expect(await fetchWire(`HTTP/1.1 ${status} x\nContent-Length: 5\n\nhello`)).toBe("");
  });

  test.each([
    ["equal lengths on two lines", "Content-Length: 5\nContent-Length: 5"],
    ["equal lengths on one line", "Content-Length: 5, 5"],
  ])("%s are one", async (_, fields) => {
    expect(await fetchWire(`HTTP/1.1 200 OK\n${fields}\n\nhello`)).toBe("hello");
  });

  test.each([
    ["a length beside chunks", "Content-Length: 5\nTransfer-Encoding: chunked"],
    ["chunks beside a length", "Transfer-Encoding: chunked\nContent-Length: 5"],
    ["two lengths on two lines", "Content-Length: 5\nContent-Length: 6"],
    ["two lengths on one line", "Content-Length: 5, 6"],
    ["a negative length", "Content-Length: -5"],
    ["a signed length", "Content-Length: +5"],
    ["a hexadecimal length", "Content-Length: 0x5"],
    ["a length with a fraction", "Content-Length: 5.0"],
    ["an empty length", "Content-Length:"],
    ["a length beyond 2^53", "Content-Length: 99999999999999999999"],
    ["chunked twice", "Transfer-Encoding: chunked, chunked"],
    ["chunked on two lines", "Transfer-Encoding: chunked\nTransfer-Encoding: chunked"],
    ["a coding that was not offered", "Transfer-Encoding: gzip, chunked"],
    ["a coding after chunked", "Transfer-Encoding: chunked, identity"],
    ["a disguised coding", "Transfer-Encoding: xchunked"],
    ["an empty coding", "Transfer-Encoding: ,"],
  ])("%s is refused", async (_, fields) => {
    expect(await failure(fetchWire(`HTTP/1.1 200 OK\n${fields}\n\nhello`))).toEqual(malformed);
  });

  test("chunks in HTTP/1.0 are refused", async () => {
    expect(await failure(fetchWire("HTTP/1.0 200 OK\nTransfer-Encoding: chunked\n\n0\n\n"))).toEqual(
      malformed,
    );
  });

  test.each([
    ["no size", "\nhello\n0\n\n", malformed],
    ["a negative size", "-5\nhello\n0\n\n", malformed],
    ["a size with 0x", "0x5\nhello\n0\n\n", malformed],
    ["a size beyond 2^48", "fffffffffffff\nhello", malformed],
    ["more data than its size", "4\nhello\n0\n\n", malformed],
    ["less data than its size", "6\nhello\n0\n\n", malformed],
    ["an endless extension", `5;${"a".repeat(5000)}\nhello\n0\n\n`, tooLarge],
    ["endless trailers", `0\n${"A: b\n".repeat(300)}\n`, tooLarge],
    ["broken trailers", `0\nA b\n\n`, malformed],
    ["tiny chunks without end", "1\nx\n".repeat(65_537), tooLarge],
  ])("a chunk with %s is refused", async (_, chunks, expected) => {
    expect(await failure(fetchWire(`HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n${chunks}`))).toEqual(
      expected,
    );
  });
});

describe("compression", () => {
  const text = "onions have layers. ".repeat(500);
  const answer = (coding: string, bytes: Uint8Array): Step[] => [
    wire(`HTTP/1.1 200 OK\nContent-Encoding: ${coding}\nContent-Length: ${String(bytes.length)}\n\n`),
    bytes,
  ];

  test.each([
    ["gzip", gzipSync(text)],
    ["x-gzip", gzipSync(text)],
    ["deflate", deflateSync(text)],
    ["deflate", deflateRawSync(text)],
    ["identity", Buffer.from(text)],
    ["GZIP, identity", gzipSync(text)],
  ])("%s is taken off", async (coding, bytes) => {
    expect(await fetchText(...answer(coding, bytes))).toBe(text);
  });

  test("byte by byte gives the same", async () => {
    const steps = answer("gzip", gzipSync(text)).flatMap((step) => byteByByte(step as Uint8Array));
    expect(await fetchText(...steps)).toBe(text);
  });

  test("of nothing is nothing", async () => {
    expect(await fetchText(...answer("gzip", new Uint8Array(0)))).toBe("");
  });

  test.each([
    ["garbage", Buffer.from("not compressed at all")],
    ["a cut stream", gzipSync(text).subarray(0, 60)],
    ["a wrong checksum", Buffer.concat([gzipSync(text).subarray(0, -8), Buffer.alloc(8, 1)])],
    ["bytes after its end", Buffer.concat([gzipSync(text), Buffer.from("more")])],
  ])("%s is refused", async (_, bytes) => {
    expect(await failure(fetchText(...answer("gzip", bytes)))).toEqual(malformed);
  });

  test.each(["br", "zstd", "gzip, gzip"])("%s, which nobody asked for, is refused", async (coding) => {
    expect(await failure(fetchText(...answer(coding, gzipSync(text))))).toEqual(malformed);
  });

  test("a bomb stops at the reader's bound, with most of it never expanded", async () => {
    const bomb = gzipSync(Buffer.alloc(64 << 20));
    const steps = Array.from({ length: Math.ceil(bomb.length / 4096) }, (_, i) =>
      bomb.subarray(i * 4096, (i + 1) * 4096),
    );
    const { stream, response } = start([wire("HTTP/1.1 200 OK\nContent-Encoding: gzip\n\n"), ...steps]);
    const { bytes, complete } = await readUpTo((await response).body, 1 << 20);
    expect({ length: bytes.length, complete }).toEqual({ length: 1 << 20, complete: false });
    expect(stream.left).toBeGreaterThan(steps.length / 2);
    expect(stream.aborted?.code).toBe("closed");
  });

  test("the connection's own failure is told, not what the decompressor makes of it", async () => {
    const broken = new TaborError("closed", "relay", "a relay went away");
    const steps = [...answer("gzip", gzipSync(text).subarray(0, 60)), broken];
    const longer = [wire("HTTP/1.1 200 OK\nContent-Encoding: gzip\n\n"), ...steps.slice(1)];
    expect(await failure(fetchText(...longer))).toEqual({ code: "closed", where: "relay" });
  });
});

describe("whatever the pieces, the result is the same", () => {
  const chunked = wire("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n3\nabc\n2;x=y\nde\n0\nT: u\n\n");
  const sized = wire("HTTP/1.1 200 OK\nContent-Length: 5\n\nabcde");

  test.each([
    ["chunked", chunked],
    ["sized", sized],
  ])("%s, byte by byte", async (_, bytes) => {
    expect(await fetchText(...byteByByte(bytes))).toBe("abcde");
  });

  test.each([
    ["chunked", chunked],
    ["sized", sized],
  ])("%s, cut anywhere: an error, never less than the whole page", async (_, bytes) => {
    for (let length = 0; length < bytes.length; length++) {
      expect(await failure(fetchText(bytes.subarray(0, length)))).toEqual(cutShort);
    }
  });

  test("any body in any chunks and any pieces arrives whole", async () => {
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(chunks, fc.integer({ min: 1, max: 700 }), async (parts, step) => {
        const head = wire("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n");
        const framed = parts.flatMap((part) => [wire(`${part.length.toString(16)}\n`), part, wire("\n")]);
        const bytes = Buffer.concat([head, ...framed, wire("0\n\n")]);
        const pieces = Array.from({ length: Math.ceil(bytes.length / step) }, (_, i) =>
          bytes.subarray(i * step, (i + 1) * step),
        );
        expect(Buffer.from(await fetchAll(...pieces))).toEqual(Buffer.concat(parts));
      }),
      { numRuns: 60 },
    );
  });

  test("any bytes at all end in a page or in one clear error of the site", async () => {
    const likely = fc.constantFrom(
      "HTTP/1.1 200 OK\r\n",
      "Content-Length: 3\r\n",
      "\r\n",
      "5\r\n",
      "0\r\n",
      "chunked",
      "Transfer-Encoding: ",
      "\n",
      ":",
    );
    const part = fc.oneof(
      likely.map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 20 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 12 }), async (parts) => {
        const { where } = await failure(fetchText(...parts.filter(({ length }) => length > 0)));
        expect(["site", "none"]).toContain(where);
      }),
      { numRuns: 300 },
    );
  });
});

describe("waiting", () => {
  test("for a silent site ends after a minute, before the head and within the body", async () => {
    for (const text of ["", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhe"]) {
      const { stream, clock, response } = start([...(text === "" ? [] : [wire(text)]), "silence"]);
      const reading = failure(response.then(({ body }) => readUpTo(body, 100)));
      await new Promise((resolve) => setImmediate(resolve));
      clock.advance(59_999);
      expect(stream.aborted).toBeUndefined();
      clock.advance(1);
      expect(await reading).toEqual({ code: "timeout", where: "site" });
      expect(clock.waiting).toBe(0);
    }
  });

  test("is ended by the caller, at once", async () => {
    const controller = new AbortController();
    const { response } = start(["silence"], controller.signal);
    const reading = failure(response);
    controller.abort();
    expect(await reading).toEqual({ code: "aborted", where: "here" });
  });

  test("does not begin for a caller who has withdrawn already", async () => {
    expect(await failure(start([wire("HTTP/1.1 200 OK\n\n")], AbortSignal.abort()).response)).toEqual({
      code: "aborted",
      where: "here",
    });
  });
});

describe("closing", () => {
  test("happens when the reader leaves early", async () => {
    const early = start([wire("HTTP/1.1 200 OK\nContent-Length: 9\n\nx"), "silence"]);
    for await (const piece of (await early.response).body) if (piece.length > 0) break;
    expect(early.stream.aborted?.code).toBe("closed");
  });

  test("reads nothing ahead of its reader", async () => {
    const piece = new Uint8Array(1000);
    const { stream, response } = start([
      wire("HTTP/1.1 200 OK\n\n"),
      ...Array.from({ length: 50 }, () => piece),
    ]);
    const { body } = await response;
    expect(stream.left).toBe(50);
    await body.next();
    expect(stream.left).toBe(49);
  });
});
