import { TaborError, type Duplex } from "@tabor/onion-core";
import { memoryDuplex, VirtualClock } from "@tabor/onion-core/testing";
import { describe, expect, test } from "vitest";
import { readUpTo } from "./collect.ts";
import { HttpConnection, type ConnectionState, type HttpAnswer } from "./connection.ts";
import type { HttpRequest } from "./request-head.ts";
import { wire } from "./testing/scripted-stream.ts";

const NEVER = new AbortController().signal;
const get = (target: string): HttpRequest => ({ method: "GET", target, fields: [["Host", "site.test"]] });
const post = (body: NonNullable<HttpRequest["body"]>): HttpRequest => ({
  method: "POST",
  target: "/",
  fields: [["Content-Type", "text/plain"]],
  body,
});

function connect() {
  const [near, site] = memoryDuplex();
  const clock = new VirtualClock();
  const states: ConnectionState[] = [];
  const connection = new HttpConnection(near, { clock, onChange: (state) => states.push(state) });
  return { connection, site: new Site(site), clock, states };
}

/** The other side, by hand. */
class Site {
  readonly #stream: Duplex;
  #seen = "";

  constructor(stream: Duplex) {
    this.#stream = stream;
  }

  /** What has come up to and with `end`. */
  async heard(end: string): Promise<string> {
    while (!this.#seen.includes(end)) {
      const bytes = await this.#stream.read();
      if (bytes === null) throw new Error(`the client ended after ${this.#seen}`);
      this.#seen += String.fromCharCode(...bytes);
    }
    const cut = this.#seen.indexOf(end) + end.length;
    const heard = this.#seen.slice(0, cut);
    this.#seen = this.#seen.slice(cut);
    return heard;
  }

  say(text: string): Promise<void> {
    return this.#stream.write(wire(text));
  }

  end(): void {
    this.#stream.end();
  }

  reset(): void {
    this.#stream.abort(new TaborError("reset", "site", "reset"));
  }
}

async function textOf(answer: HttpAnswer): Promise<string> {
  return String.fromCharCode(...(await readUpTo(answer.body, 1e6)).bytes);
}

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) {
    await Promise.resolve();
    yield wire(text);
  }
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "none",
    (thrown: unknown) => (thrown instanceof TaborError ? `${thrown.code} ${thrown.where}` : "not ours"),
  );
}

/** What the connection is after one exchange in which the site said `answer`. */
async function stateAfter(answer: string, request = get("/")): Promise<ConnectionState> {
  const { connection, site, clock } = connect();
  const sending = connection.send(request, NEVER);
  await site.say(answer);
  await textOf(await sending).catch(() => undefined);
  await clock.settle();
  return connection.state;
}

describe("a connection carries one exchange after another", () => {
  test("on one stream, each answer to its request", async () => {
    const { connection, site, states } = connect();
    for (const target of ["/1", "/2", "/3"]) {
      const sending = connection.send(get(target), NEVER);
      expect(await site.heard("\r\n\r\n")).toBe(`GET ${target} HTTP/1.1\r\nHost: site.test\r\n\r\n`);
      await site.say(`HTTP/1.1 200 OK\nContent-Length: 2\n\n${target}`);
      expect(await textOf(await sending)).toBe(target);
    }
    expect(states).toEqual(["ready", "ready", "ready"]);
  });

  test.each([
    ["a length that was met", "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi"],
    ["chunks to their end", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nhi\n0\n\n"],
    ["no content", "HTTP/1.1 204 No Content\n\n"],
    ["not modified, whatever length it speaks of", "HTTP/1.1 304 x\nContent-Length: 99\n\n"],
    ["nothing", "HTTP/1.1 200 OK\nContent-Length: 0\n\n"],
    ["keep-alive in HTTP/1.0", "HTTP/1.0 200 OK\nConnection: Keep-Alive\nContent-Length: 2\n\nhi"],
    ["interim answers before", "HTTP/1.1 103 x\n\nHTTP/1.1 200 OK\nContent-Length: 0\n\n"],
  ])("after %s it may be used again", async (_, answer) => {
    expect(await stateAfter(answer)).toBe("ready");
  });

  test.each([
    ["close", "HTTP/1.1 200 OK\nConnection: close\nContent-Length: 2\n\nhi"],
    ["close among others", "HTTP/1.1 200 OK\nConnection: x, Close\nContent-Length: 0\n\n"],
    ["HTTP/1.0 that says nothing", "HTTP/1.0 200 OK\nContent-Length: 2\n\nhi"],
    ["a byte too many", "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi!"],
    ["a second answer that nobody asked for", "HTTP/1.1 204 x\n\nHTTP/1.1 200 OK\nContent-Length: 0\n\n"],
    ["a chunk that lies", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1\nhi\n0\n\n"],
    ["a body after no content", "HTTP/1.1 204 x\n\nsurplus"],
  ])("after %s it is closed", async (_, answer) => {
    expect(await stateAfter(answer)).toBe("closed");
  });

  test("HEAD has no body, whatever length the answer speaks of", async () => {
    const head: HttpRequest = { ...get("/"), method: "HEAD" };
    expect(await stateAfter("HTTP/1.1 200 OK\nContent-Length: 99\n\n", head)).toBe("ready");
    expect(await stateAfter("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n", head)).toBe("ready");
    expect(await stateAfter("HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", head)).toBe("closed");
  });

  test("trailers come with the end of the body", async () => {
    const { connection, site } = connect();
    const sending = connection.send(get("/"), NEVER);
    await site.say("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nhi\n0\nServer-Timing: x\n\n");
    const answer = await sending;
    expect(answer.trailers).toBeUndefined();
    await textOf(answer);
    expect(answer.trailers?.first("server-timing")).toBe("x");
  });

  test("what is left unread, or given up, closes it", async () => {
    const { connection, site } = connect();
    const sending = connection.send(get("/"), NEVER);
    await site.say("HTTP/1.1 200 OK\nContent-Length: 9\n\nhi");
    const answer = await sending;
    expect(connection.state).toBe("busy");
    answer.close();
    expect(connection.state).toBe("closed");
    expect(await codeOf(textOf(answer))).toBe("closed here");
  });

  test("an answer that was read says nothing to the next one when it is closed", async () => {
    const { connection, site } = connect();
    const sending = connection.send(get("/"), NEVER);
    await site.say("HTTP/1.1 204 x\n\n");
    const first = await sending;
    const next = connection.send(get("/2"), NEVER);
    first.close();
    await site.say("HTTP/1.1 204 x\n\n");
    expect((await next).status).toBe(204);
  });

  test("takes one request at a time", async () => {
    const { connection } = connect();
    const first = connection.send(get("/"), NEVER);
    expect(await codeOf(connection.send(get("/"), NEVER))).toBe("usage here");
    connection.close();
    expect(await codeOf(first)).toBe("closed here");
  });
});

describe("while nothing is asked", () => {
  async function idle() {
    const all = connect();
    const sending = all.connection.send(get("/"), NEVER);
    await all.site.say("HTTP/1.1 204 x\n\n");
    await sending;
    return all;
  }

  test("the site's end closes it", async () => {
    const { connection, site, clock, states } = await idle();
    site.end();
    await clock.settle();
    expect(connection.state).toBe("closed");
    expect(states).toEqual(["ready", "closed"]);
  });

  test("an answer to nothing closes it: it must not become the next request's", async () => {
    const { connection, site, clock } = await idle();
    await site.say("HTTP/1.1 200 OK\nContent-Length: 4\n\nevil");
    await clock.settle();
    expect(connection.state).toBe("closed");
    expect(await codeOf(connection.send(get("/2"), NEVER))).toBe("usage here");
  });

  test("silence does no harm", async () => {
    const { connection, clock } = await idle();
    await clock.advance(3_600_000);
    expect(connection.state).toBe("ready");
    expect(clock.waiting).toBe(0);
  });

  test("a site that ends as the next request comes has not begun to answer it", async () => {
    const { connection, site } = await idle();
    const sending = connection.send(get("/2"), NEVER);
    site.end();
    expect(await codeOf(sending)).toBe("closed site");
    expect(connection.answering).toBe(false);
  });

  test("a site that ends in the middle of the head has", async () => {
    const { connection, site } = await idle();
    const sending = connection.send(get("/2"), NEVER);
    await site.say("HTTP/1.1 2");
    site.end();
    expect(await codeOf(sending)).toBe("closed site");
    expect(connection.answering).toBe(true);
  });
});

describe("a request", () => {
  async function written(request: HttpRequest, end: string): Promise<string> {
    const { connection, site } = connect();
    const sending = connection.send(request, NEVER);
    const heard = await site.heard(end);
    await site.say("HTTP/1.1 204 x\n\n");
    await sending;
    return heard;
  }

  test("with a body says how long it is, behind its type", async () => {
    const request: HttpRequest = {
      ...post(wire("hello")),
      fields: [
        ["Host", "a"],
        ["Content-Type", "text/plain"],
        ["Origin", "null"],
      ],
    };
    expect(await written(request, "hello")).toBe(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nOrigin: null\r\n\r\nhello",
    );
  });

  test("that brings nothing says so", async () => {
    const request: HttpRequest = { method: "POST", target: "/", fields: [] };
    expect(await written(request, "\r\n\r\n")).toBe("POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
  });

  test("of unknown length goes in chunks", async () => {
    const body = { length: undefined, bytes: pieces("hel", "", "lo") };
    expect(await written(post(body), "0\r\n\r\n")).toContain(
      "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
    );
  });

  test("of known length goes as it comes, megabytes too", async () => {
    const { connection, site } = connect();
    const sending = connection.send(post(new Uint8Array(3_000_000).fill(0x61)), NEVER);
    expect(await site.heard("\r\n\r\n")).toContain("Content-Length: 3000000\r\n");
    expect(await site.heard("a".repeat(3_000_000))).toHaveLength(3_000_000);
    await site.say("HTTP/1.1 204 x\n\n");
    await sending;
    expect(connection.state).toBe("ready");
  });

  test.each([
    ["longer", pieces("hello", "!")],
    ["shorter", pieces("hell")],
  ])("with a body %s than it says breaks off", async (_, bytes) => {
    const { connection } = connect();
    expect(await codeOf(connection.send(post({ length: 5, bytes }), NEVER))).toBe("usage here");
    expect(connection.state).toBe("closed");
  });

  test("may be answered before it has been sent; then the connection ends with the answer", async () => {
    const { connection, site } = connect();
    const endless = (async function* () {
      for (;;) {
        await Promise.resolve();
        yield new Uint8Array(10_000);
      }
    })();
    const sending = connection.send(post({ length: undefined, bytes: endless }), NEVER);
    await site.say("HTTP/1.1 413 Too Large\nContent-Length: 2\n\nno");
    const answer = await sending;
    expect(answer.status).toBe(413);
    expect(await textOf(answer)).toBe("no");
    expect(connection.state).toBe("closed");
  });

  test.each<[string, Partial<HttpRequest>]>([
    ["a line feed in a value", { fields: [["X", "a\r\nY: b"]] }],
    ["a colon in a name", { fields: [["X:", "a"]] }],
    ["a length of its own", { fields: [["Content-Length", "5"]] }],
    ["a transfer coding of its own", { fields: [["transfer-encoding", "chunked"]] }],
    ["a space in its target", { target: "/a b" }],
    ["an absolute target", { target: "http://a/" }],
    ["a broken method", { method: "GET /" }],
    ["CONNECT", { method: "CONNECT" }],
    ["text beyond Latin-1", { fields: [["X", "\u0100"]] }],
  ])("with %s is never sent", async (_, part) => {
    const { connection } = connect();
    expect(await codeOf(connection.send({ ...get("/"), ...part }, NEVER))).toBe("usage here");
    expect(connection.state).toBe("ready");
  });

  test("that is withdrawn closes the connection, before and within the answer", async () => {
    for (const said of ["", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhe"]) {
      const { connection, site } = connect();
      const controller = new AbortController();
      const reading = connection.send(get("/"), controller.signal).then(textOf);
      if (said !== "") await site.say(said);
      controller.abort();
      expect(await codeOf(reading)).toBe("aborted here");
      expect(connection.state).toBe("closed");
    }
  });

  test("withdrawn before it is sent costs nothing", async () => {
    const { connection } = connect();
    expect(await codeOf(connection.send(get("/"), AbortSignal.abort()))).toBe("aborted here");
    expect(connection.state).toBe("ready");
  });
});

describe("silence", () => {
  test("before the answer ends the wait after a minute", async () => {
    const { connection, clock } = connect();
    const sending = codeOf(connection.send(get("/"), NEVER));
    await clock.advance(59_999);
    expect(connection.state).toBe("busy");
    await clock.advance(1);
    expect(await sending).toBe("timeout site");
  });

  test("of a site that takes a long upload is no silence", async () => {
    const { connection, site, clock } = connect();
    const slow = (async function* () {
      for (let i = 0; i < 10; i++) {
        await new Promise<void>((resolve) => clock.after(30_000, resolve));
        yield wire("x");
      }
    })();
    const sending = connection.send(post({ length: undefined, bytes: slow }), NEVER);
    await clock.advance(310_000);
    await site.heard("0\r\n\r\n");
    await site.say("HTTP/1.1 204 x\n\n");
    expect((await sending).status).toBe(204);
  });

  test("of a site that takes nothing ends the upload", async () => {
    const { connection, clock } = connect();
    const sending = codeOf(connection.send(post(new Uint8Array(1_000_000)), NEVER));
    await clock.advance(61_000);
    expect(await sending).toBe("timeout site");
  });

  test("of a site that takes no second request ends the wait as well", async () => {
    const [near, far] = memoryDuplex();
    const site = new Site(far);
    const clock = new VirtualClock();
    const stuck: Duplex = {
      read: () => near.read(),
      write: (bytes) => (bytes.length > 1000 ? stall : near.write(bytes)),
      end: () => undefined,
      abort: (error) => {
        near.abort(error);
        release(error);
      },
    };
    let release: (error: TaborError) => void = () => undefined;
    const stall = new Promise<void>((_, reject) => (release = reject));
    const connection = new HttpConnection(stuck, { clock });
    const sending = connection.send(get("/"), NEVER);
    await site.say("HTTP/1.1 204 x\n\n");
    await sending;
    const second = codeOf(connection.send(get(`/${"x".repeat(1000)}`), NEVER));
    await clock.advance(60_000);
    expect(await second).toBe("timeout site");
  });
});
