import { TaborError } from "@tabor/onion-core";
import { memoryDuplex, VirtualClock } from "@tabor/onion-core/testing";
import { expect, test } from "vitest";
import { HttpConnection } from "./connection.ts";
import { encodeAnswer, readRequest } from "./serve.ts";

const wire = (text: string): Uint8Array => new TextEncoder().encode(text);
const NEVER = new AbortController().signal;

function received(text: string) {
  const [client, near] = memoryDuplex();
  void client.write(wire(text)).then(() => {
    client.end();
  });
  return readRequest(near, new VirtualClock());
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const piece of body) text += new TextDecoder().decode(piece);
  return text;
}

test.each([
  ["GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n", "", 0],
  ["POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", "hello", 5],
  [
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
    "hello",
    undefined,
  ],
])("a request is read with its body: %j", async (text, body, length) => {
  const request = await received(text);
  expect(request.length).toBe(length);
  expect(await textOf(request.body)).toBe(body);
});

test.each([
  ["another version", "GET / HTTP/1.0\r\n\r\n"],
  ["CONNECT", "CONNECT x:1 HTTP/1.1\r\n\r\n"],
  ["a whole address as its target", "GET http://x/ HTTP/1.1\r\n\r\n"],
  ["a space in its target", "GET /a b HTTP/1.1\r\n\r\n"],
  ["a length and chunks", "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ["two lengths", "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"],
  ["another coding", "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"],
  ["a field without a colon", "GET / HTTP/1.1\r\nHost\r\n\r\n"],
  ["a lone CR", "GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n"],
])("a request with %s is refused", async (_, text) => {
  await expect(received(text)).rejects.toMatchObject({ code: "malformed" });
});

test("too many fields, and a head that is too long, are refused", async () => {
  const fields = Array.from({ length: 201 }, (_, i) => `a${i}: b\r\n`).join("");
  await expect(received(`GET / HTTP/1.1\r\n${fields}\r\n`)).rejects.toMatchObject({ code: "resource-limit" });
  await expect(received(`GET /${"a".repeat(65_536)} HTTP/1.1\r\n\r\n`)).rejects.toMatchObject({
    code: "resource-limit",
  });
});

test("a body that ends too early is an error", async () => {
  const request = await received("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhel");
  await expect(textOf(request.body)).rejects.toMatchObject({ code: "closed" });
});

test("our client reads what is answered, and sends nothing more on that connection", async () => {
  const [near, far] = memoryDuplex();
  const clock = new VirtualClock();
  const connection = new HttpConnection(near, { clock });
  const sending = connection.send(
    { method: "POST", target: "/", fields: [["Host", "x"]], body: wire("ask") },
    NEVER,
  );
  const request = await readRequest(far, clock);
  const asked = await textOf(request.body);
  const body = (async function* () {
    await Promise.resolve();
    yield wire(`you said ${asked}`);
  })();
  const answer = { status: 201, reason: "Created", fields: [["a", "b"]] as const, body };
  for await (const piece of encodeAnswer(answer)) await far.write(piece);
  const got = await sending;
  expect([got.status, got.reason, got.fields.first("a")]).toEqual([201, "Created", "b"]);
  expect(await textOf(got.body)).toBe("you said ask");
  expect(connection.state).toBe("closed");
});

test("an answer without a body has no framing, and no line feed gets into a field", async () => {
  const answer = { status: 304, reason: "Not Modified", fields: [], body: undefined };
  expect(await textOf(encodeAnswer(answer))).toBe("HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n");
  const split = { ...answer, fields: [["a", "b\r\nSet-Cookie: c"]] as const };
  await expect(textOf(encodeAnswer(split))).rejects.toBeInstanceOf(TaborError);
});
