import { HttpConnection } from "@tabor/http";
import { ExitRefusal, type FetchOrigin } from "@tabor/onion-core";
import { memoryDuplex, VirtualClock } from "@tabor/onion-core/testing";
import { expect, test } from "vitest";
import { refusalOf, serveFetch, type FetchDeps } from "./serve-fetch.ts";

const NEVER = new AbortController().signal;
const origin: FetchOrigin = { scheme: "https", host: "site.test", port: 443 };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

interface Asked {
  url: string;
  init: RequestInit;
  headers: Record<string, string>;
  body: string;
}

/** An exit whose browser answers as a test says. */
function exit(answer: (asked: Asked) => Response | Promise<Response>, wanted = origin) {
  const [near, far] = memoryDuplex();
  const clock = new VirtualClock();
  const asked: Asked[] = [];
  const fetch: FetchDeps["fetch"] = async (url, init) => {
    const body = await new Response(init.body).text();
    const one = { url, init, headers: Object.fromEntries(new Headers(init.headers)), body };
    asked.push(one);
    return answer(one);
  };
  const served = serveFetch(wanted, far, { fetch, clock, signal: NEVER }).then(
    () => undefined,
    (thrown: unknown) => refusalOf(thrown).reason,
  );
  return { connection: new HttpConnection(near, { clock }), asked, served, near };
}

const request = {
  method: "GET",
  target: "/a?b",
  fields: [
    ["Host", "site.test"],
    ["Accept", "text/html"],
    ["Range", "bytes=5-"],
    ["If-Range", '"v1"'],
    ["User-Agent", "a client"],
    ["Cookie", "a=b"],
    ["Referer", "https://other.test/"],
    ["Sec-Fetch-Site", "none"],
    ["Accept-Encoding", "gzip"],
    ["Connection", "keep-alive"],
  ],
} as const;

test("the browser fetches without anything of the volunteer's, and without what would tell of the client", async () => {
  const headers = { "content-type": "text/plain", "content-length": "999", "content-encoding": "gzip" };
  const { connection, asked, served } = exit(() => new Response("hello", { headers }));
  const answer = await connection.send(request, NEVER);
  expect(asked[0]).toMatchObject({
    url: "https://site.test/a?b",
    headers: { accept: "text/html", range: "bytes=5-" },
    init: {
      ...{ mode: "cors", credentials: "omit", cache: "no-store", redirect: "manual" },
      ...{ referrer: "", referrerPolicy: "no-referrer" },
    },
  });
  expect(Object.keys(asked[0]?.headers ?? {})).toEqual(["accept", "range"]);
  let text = "";
  for await (const piece of answer.body) text += new TextDecoder().decode(piece);
  expect(text).toBe("hello");
  expect([...answer.fields].map(([name]) => name)).toEqual([
    "content-type",
    "connection",
    "transfer-encoding",
  ]);
  expect(await served).toBeUndefined();
});

test("a request's body is passed on, kept if it is short and streamed if it is long", async () => {
  for (const length of [3, 3 << 20]) {
    const { connection, asked } = exit(({ body }) => new Response(String(body.length)));
    const body = { length, bytes: pieces(length) };
    const fields = [["Host", "site.test:443"]] as const;
    const answer = await connection.send({ method: "POST", target: "/", fields, body }, NEVER);
    expect(answer.status).toBe(200);
    expect(asked[0]?.body.length).toBe(length);
    expect(asked[0]?.init.body instanceof ReadableStream).toBe(length > 1 << 20);
    connection.close();
  }
});

async function* pieces(length: number): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  for (let left = length; left > 0; left -= 65_536) yield bytes("x".repeat(Math.min(left, 65_536)));
}

test.each([
  ["another host", "GET / HTTP/1.1\r\nHost: other.test\r\n\r\n"],
  ["another port", "GET / HTTP/1.1\r\nHost: site.test:444\r\n\r\n"],
  ["two hosts", "GET / HTTP/1.1\r\nHost: site.test\r\nHost: site.test\r\n\r\n"],
  ["no host", "GET / HTTP/1.1\r\n\r\n"],
  ["something that is no request", "hello\r\n\r\n"],
])("a request for %s is refused, and nothing is fetched", async (_, text) => {
  const { near, asked, served } = exit(() => new Response(""));
  await near.write(bytes(text));
  expect(await served).toBe("protocol");
  expect(asked).toEqual([]);
});

test("a path that looks like another site stays on this one", async () => {
  const { near, asked, served } = exit(() => new Response(""));
  await near.write(bytes("GET //other.test/ HTTP/1.1\r\nHost: site.test\r\n\r\n"));
  await served;
  expect(asked[0]?.url).toBe("https://site.test//other.test/");
});

test("what the browser does not let it read is told as such, and so is a redirect", async () => {
  const failing = exit(() => Promise.reject(new TypeError("Failed to fetch")));
  void failing.connection.send(request, NEVER).catch(() => undefined);
  expect(await failing.served).toBe("unreadable");
  const redirecting = exit(() => Object.defineProperty(new Response(), "type", { value: "opaqueredirect" }));
  void redirecting.connection.send(request, NEVER).catch(() => undefined);
  expect(await redirecting.served).toBe("redirected");
});

test("nothing is read from a site much faster than the client takes it", async () => {
  let read = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        read += 65_536;
        controller.enqueue(new Uint8Array(65_536));
      },
    },
    { highWaterMark: 0 },
  );
  const { connection } = exit(() => new Response(body));
  const answer = await connection.send(request, NEVER);
  await answer.body.next();
  for (let i = 0; i < 200; i++) await Promise.resolve();
  expect(read).toBeLessThan(10 * 65_536);
  answer.close();
});

test("a site that breaks off is told as such", async () => {
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      controller.error(new TypeError("network error"));
    },
  });
  const { connection, served } = exit(() => new Response(body));
  void connection.send(request, NEVER).catch(() => undefined);
  expect(await served).toBe("connection-reset");
  expect(refusalOf(new ExitRefusal("timeout")).reason).toBe("timeout");
});
