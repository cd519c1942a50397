import { beforeEach, describe, expect, test } from "vitest";
import {
  bytesToHex,
  concat,
  hexToBytes,
  TaborError,
  type Duplex,
  type ErrorCode,
  type Log,
  type ResolvedAnswer,
} from "@tabor/onion-core";
import { memoryDuplex, VirtualClock } from "@tabor/onion-core/testing";
import type { OnionClientPort } from "./onion-client-port.ts";
import { serveClient } from "./serve-client.ts";

const NO_AUTH = "050100";
const CONNECT = "0501000309" + Buffer.from("site.test").toString("hex") + "0050";
const RESOLVE = "05f0000309" + Buffer.from("site.test").toString("hex") + "0000";
const RESOLVE_PTR = "05f10001c00002010000";
const GREETED = "0500";

let clock: VirtualClock;
let lines: string[];
/** What the fake client was asked, and how it answers. */
let asked: { what: string; isolation: string; early: string }[];
let site: Duplex;
let fails: ErrorCode | undefined;
let answers: readonly ResolvedAnswer[];

beforeEach(() => {
  clock = new VirtualClock();
  lines = [];
  asked = [];
  fails = undefined;
  answers = [];
});

const client: OnionClientPort = {
  openStream: ({ host, port }, { isolation, early = new Uint8Array(0) }) => {
    asked.push({ what: `${host}:${String(port)}`, isolation, early: bytesToHex(early) });
    if (fails !== undefined) return Promise.reject(new TaborError(fails, "exit", "as the test wants"));
    const [here, there] = memoryDuplex();
    site = there;
    return Promise.resolve(here);
  },
  resolve: (name, { isolation }) => {
    asked.push({ what: name, isolation, early: "" });
    if (fails !== undefined) return Promise.reject(new TaborError(fails, "exit", "as the test wants"));
    return Promise.resolve(answers);
  },
};

function recordingLog(): Log {
  const record = (message: string, fields = {}): void =>
    void lines.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = { error: record, warn: record, info: record, debug: record, scoped: () => log };
  return log;
}

function serve(): { program: Duplex; served: Promise<void>; gone: AbortController } {
  const [program, peer] = memoryDuplex();
  const gone = new AbortController();
  return { program, served: serveClient(peer, gone.signal, { client, clock, log: recordingLog() }), gone };
}

/** Sends hexadecimal, and reads as many bytes as are expected back. */
async function talk(program: Duplex, sent: string, expected: string): Promise<void> {
  await program.write(hexToBytes(sent));
  let received = new Uint8Array(0);
  while (received.length < expected.length / 2) {
    received = concat(received, (await program.read()) ?? expect.fail(`ended after ${bytesToHex(received)}`));
  }
  expect(bytesToHex(received)).toBe(expected);
}

const reply = (code: number): string => `050${String(code)}000100000000` + "0000";

describe("CONNECT", () => {
  test("joins the program and the site, in both directions, each with its end", async () => {
    const { program, served } = serve();
    await talk(program, NO_AUTH + CONNECT, GREETED + reply(0));
    await program.write(hexToBytes("c0ffee"));
    expect(await site.read()).toEqual(hexToBytes("c0ffee"));
    program.end();
    expect(await site.read()).toBeNull();
    await site.write(hexToBytes("beef"));
    expect(await program.read()).toEqual(hexToBytes("beef"));
    site.end();
    expect(await program.read()).toBeNull();
    await served;
    expect(clock.waiting).toBe(0);
  });

  test("sends data along that came with the request", async () => {
    const { program } = serve();
    await talk(program, `${NO_AUTH}${CONNECT}c0ffee`, GREETED + reply(0));
    expect(asked).toEqual([{ what: "site.test:80", isolation: "socks", early: "c0ffee" }]);
  });

  test.each<[ErrorCode, number]>([
    ["exit-policy", 2],
    ["resolve-failed", 4],
    ["refused", 5],
    ["timeout", 6],
    ["no-path", 1],
  ])("%s is reply %i, and the end", async (code, number) => {
    fails = code;
    const { program, served } = serve();
    await talk(program, NO_AUTH + CONNECT, GREETED + reply(number));
    expect(await program.read()).toBeNull();
    program.end();
    await served;
  });

  test("a program that does not close after its refusal is cut off", async () => {
    fails = "refused";
    const { program, served } = serve();
    await talk(program, NO_AUTH + CONNECT, GREETED + reply(5));
    await clock.advance(2_000);
    await served;
    await expect(program.write(hexToBytes("00"))).rejects.toThrow(TaborError);
  });

  test("a stream that breaks breaks the connection", async () => {
    const { program, served } = serve();
    await talk(program, NO_AUTH + CONNECT, GREETED + reply(0));
    site.abort(new TaborError("reset", "site", "gone"));
    await expect(program.read()).rejects.toThrow(TaborError);
    await served;
  });
});

describe("isolation", () => {
  async function isolationOf(greeting: string, replies: string): Promise<string | undefined> {
    const { program } = serve();
    await talk(program, greeting + CONNECT, replies + reply(0));
    return asked.at(-1)?.isolation;
  }
  const withUser = (user: string, password: string): Promise<string | undefined> =>
    isolationOf(
      "050102" +
        bytesToHex(
          concat(
            Uint8Array.of(1, user.length),
            Buffer.from(user),
            Uint8Array.of(password.length),
            Buffer.from(password),
          ),
        ),
      "0502" + "0100",
    );

  test("is by user name and password, and by whether there are any", async () => {
    const keys = [
      await isolationOf(NO_AUTH, GREETED),
      await withUser("", ""),
      await withUser("a", ""),
      await withUser("", "a"),
      await withUser("a", "b"),
      await withUser("ab", ""),
      await withUser("a:b", ""),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(await withUser("a", "b")).toBe(keys[4]);
  });
});

describe("lookups", () => {
  test("RESOLVE answers with the first address", async () => {
    answers = [
      { type: "address", address: Uint8Array.of(192, 0, 2, 7), ttl: 60 },
      { type: "address", address: new Uint8Array(16), ttl: 60 },
    ];
    const { program, served } = serve();
    await talk(program, NO_AUTH + RESOLVE, `${GREETED}05000001c00002070000`);
    expect(asked[0]?.what).toBe("site.test");
    program.end();
    await served;
  });

  test("RESOLVE_PTR asks for the reverse name and answers with a name", async () => {
    answers = [{ type: "name", name: "ab", ttl: 60 }];
    const { program } = serve();
    await talk(program, NO_AUTH + RESOLVE_PTR, `${GREETED}050000030261620000`);
    expect(asked[0]?.what).toBe("1.2.0.192.in-addr.arpa");
  });

  test("a name without an answer is host unreachable", async () => {
    answers = [{ type: "error", transient: false }];
    const { program } = serve();
    await talk(program, NO_AUTH + RESOLVE, GREETED + reply(4));
  });

  test("a lookup that fails is answered too", async () => {
    fails = "no-path";
    const { program } = serve();
    await talk(program, NO_AUTH + RESOLVE, GREETED + reply(1));
  });
});

describe("a handshake", () => {
  test("may take 30 s and no longer", async () => {
    const { program, served } = serve();
    await talk(program, NO_AUTH, GREETED);
    await clock.advance(29_999);
    await program.write(hexToBytes("05"));
    await clock.advance(1);
    await served;
    await expect(program.read()).rejects.toThrow(TaborError);
    expect(asked).toEqual([]);
  });

  test("that is broken off opens nothing", async () => {
    const { program, served } = serve();
    await talk(program, NO_AUTH, GREETED);
    program.end();
    await served;
    expect(await program.read()).toBeNull();
    expect(asked).toEqual([]);
    expect(clock.waiting).toBe(0);
  });
});

test("no log line names a target or a credential", async () => {
  fails = "refused";
  const { program } = serve();
  await talk(program, NO_AUTH + CONNECT, GREETED + reply(5));
  expect(lines).not.toEqual([]);
  expect(lines.join("\n")).not.toContain("site");
});
