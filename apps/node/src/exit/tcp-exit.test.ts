import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { ExitPolicy, ExitRefusal, TaborError, type AddressPreference, type Clock } from "@tabor/onion-core";
import { parseIpAddress } from "../net/ip-address.ts";
import { systemNameService, type NameAnswer, type NameService } from "./name-service.ts";
import { tcpExit } from "./tcp-exit.ts";

const ANY: AddressPreference = { ipv6Allowed: true, ipv4Refused: false, ipv6Preferred: false };
const LOOPBACK_ALLOWED = "accept 127.0.0.0/8:*";
const never = new AbortController().signal;

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

/** A server that sends "hello" and then its peer's bytes back. */
async function listen(host = "127.0.0.1", port = 0): Promise<{ port: number; connections: () => number }> {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on("error", () => undefined);
    socket.write("hello");
    socket.pipe(socket);
  }).listen(port, host);
  servers.push(server);
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

/** Time that passes only when a test says so. */
function manualClock(): { clock: Clock; pass: (ms: number) => void } {
  let timers: { at: number; fn: () => void }[] = [];
  let now = 0;
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    after: (ms, fn) => {
      const timer = { at: now + ms, fn };
      timers.push(timer);
      return () => (timers = timers.filter((each) => each !== timer));
    },
    soon: setImmediate,
  };
  const pass = (ms: number): void => {
    now += ms;
    for (const timer of timers.filter(({ at }) => at <= now)) timer.fn();
  };
  return { clock, pass };
}

/** Names of which the tests say what they mean; it records what was asked. */
function fakeNames(known: Record<string, string[] | Extract<NameAnswer<never>, { failed: unknown }>>) {
  const asked: string[] = [];
  const names: NameService = {
    addresses: (host) => {
      asked.push(host);
      const answer = known[host] ?? { failed: "permanent" };
      return Promise.resolve(Array.isArray(answer) ? { found: answer.map(addressOf) } : answer);
    },
    names: (address) => {
      asked.push(address.join("."));
      return Promise.resolve({ found: ["host.example", "not a host name"] });
    },
  };
  return { names, asked };
}

function addressOf(text: string): Uint8Array {
  const address = parseIpAddress(text);
  if (address === null) throw new Error(`not an address: ${text}`);
  return address;
}

function exitWith(rules: string, names: NameService = systemNameService) {
  const { clock, pass } = manualClock();
  return { exit: tcpExit({ policy: ExitPolicy.ofExit(rules), names, clock }), pass };
}

async function refusal(connecting: Promise<unknown>): Promise<{ reason: string; address?: string }> {
  try {
    await connecting;
  } catch (thrown) {
    if (!(thrown instanceof ExitRefusal)) throw thrown;
    return { reason: thrown.reason, ...(thrown.address && { address: thrown.address.join(".") }) };
  }
  throw new Error("it connected");
}

describe("connect", () => {
  test("opens TCP to an address, and says which", async () => {
    const { port } = await listen();
    const { exit } = exitWith(LOOPBACK_ALLOWED);
    const connection = await exit.connect({ host: "127.0.0.1", port }, ANY, never);
    expect(connection.address).toEqual(Uint8Array.of(127, 0, 0, 1));
    expect(Buffer.from((await connection.read()) ?? []).toString()).toBe("hello");
    connection.end();
    expect(await connection.read()).toBeNull();
  });

  test("resolves names as the system does", async () => {
    const { port } = await listen();
    const { exit } = exitWith(`${LOOPBACK_ALLOWED},accept [::1]:*`);
    const connection = await exit.connect({ host: "localhost", port }, ANY, never);
    expect(Buffer.from((await connection.read()) ?? []).toString()).toBe("hello");
    connection.end();
  });

  test("a private address is refused by default, with the address", async () => {
    const { port, connections } = await listen();
    const { exit } = exitWith("");
    expect(await refusal(exit.connect({ host: "127.0.0.1", port }, ANY, never))).toEqual({
      reason: "exit-policy",
      address: "127.0.0.1",
    });
    expect(connections()).toBe(0);
  });

  test.each([
    "127.0.0.1",
    "10.0.0.1",
    "169.254.169.254",
    "::1",
    "fd00:ec2::254",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
  ])("a name that means %s is refused after resolution", async (address) => {
    const { exit } = exitWith("", fakeNames({ "rebind.example": [address] }).names);
    const refused = await refusal(exit.connect({ host: "rebind.example", port: 80 }, ANY, never));
    expect(refused.reason).toBe("exit-policy");
  });

  test("an IPv4-mapped literal is judged as the IPv4 address", async () => {
    const { port, connections } = await listen();
    const { exit } = exitWith("");
    const refused = await refusal(exit.connect({ host: "::ffff:127.0.0.1", port }, ANY, never));
    expect(refused).toEqual({ reason: "exit-policy", address: "127.0.0.1" });
    expect(connections()).toBe(0);
  });

  test.each([
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "127.1",
    "127.0.0.01",
    "127.0.0.1.",
    "fe80::1%lo",
    "::1%1",
    "a b",
    "",
  ])("%j is neither an address nor a name, and no resolver sees it", async (host) => {
    const { names, asked } = fakeNames({});
    const { exit } = exitWith("accept *:*,accept private:*", names);
    expect(await refusal(exit.connect({ host, port: 80 }, ANY, never))).toEqual({ reason: "resolve-failed" });
    expect(asked).toEqual([]);
  });

  test("of a mixed answer, only allowed addresses are dialled", async () => {
    const here = await listen("127.0.0.1");
    const there = await listen("127.0.0.2", here.port);
    const { names } = fakeNames({ "mixed.example": ["127.0.0.1", "127.0.0.2"] });
    const { exit } = exitWith("reject 127.0.0.1:*,accept 127.0.0.0/8:*", names);
    const connection = await exit.connect({ host: "mixed.example", port: here.port }, ANY, never);
    expect(connection.address).toEqual(Uint8Array.of(127, 0, 0, 2));
    await connection.read();
    expect([here.connections(), there.connections()]).toEqual([0, 1]);
    connection.end();
  });

  test("is resolved once: a second answer could be another one", async () => {
    const { port } = await listen();
    const { names, asked } = fakeNames({ "once.example": ["127.0.0.1"] });
    const { exit } = exitWith(LOOPBACK_ALLOWED, names);
    (await exit.connect({ host: "once.example", port }, ANY, never)).end();
    expect(asked).toEqual(["once.example"]);
  });

  test("goes on to the next address when one refuses", async () => {
    const { port } = await listen("127.0.0.3");
    const { exit } = exitWith(
      LOOPBACK_ALLOWED,
      fakeNames({ "two.example": ["127.0.0.4", "127.0.0.3"] }).names,
    );
    const connection = await exit.connect({ host: "two.example", port }, ANY, never);
    expect(connection.address).toEqual(Uint8Array.of(127, 0, 0, 3));
    connection.end();
  });

  test("tells a refused connection, a name that does not resolve, and families that are not wanted", async () => {
    const { port } = await listen();
    servers.splice(0).forEach((server) => server.close());
    const { exit } = exitWith(
      `${LOOPBACK_ALLOWED},accept [::1]:*`,
      fakeNames({
        "six.example": ["::1"],
        "later.example": { failed: "transient" },
        "busy.example": { failed: "resource-limit" },
      }).names,
    );
    const reasonFor = async (host: string, preference = ANY): Promise<string> =>
      (await refusal(exit.connect({ host, port }, preference, never))).reason;
    expect(await reasonFor("127.0.0.1")).toBe("connection-refused");
    expect(await reasonFor("nobody.example")).toBe("resolve-failed");
    expect(await reasonFor("later.example")).toBe("resolve-failed");
    expect(await reasonFor("busy.example")).toBe("resource-limit");
    expect(await reasonFor("six.example", { ...ANY, ipv6Allowed: false })).toBe("no-route");
    expect(await reasonFor("127.0.0.1", { ...ANY, ipv4Refused: true })).toBe("no-route");
  });

  test("prefers the family that the client prefers", async () => {
    const { names } = fakeNames({ "both.example": ["127.0.0.1", "::1"] });
    const { exit } = exitWith("", names);
    const refusedFirst = async (ipv6Preferred: boolean): Promise<string | undefined> =>
      (await refusal(exit.connect({ host: "both.example", port: 80 }, { ...ANY, ipv6Preferred }, never)))
        .address;
    expect(await refusedFirst(false)).toBe("127.0.0.1");
    expect(await refusedFirst(true)).toBe("0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1");
  });

  test("a resolver that never answers costs 30 s", async () => {
    const silent: NameService = {
      addresses: () => new Promise(() => undefined),
      names: () => new Promise(() => undefined),
    };
    const { exit, pass } = exitWith("", silent);
    const connecting = refusal(exit.connect({ host: "silent.example", port: 80 }, ANY, never));
    const resolving = exit.resolve("silent.example", never);
    pass(29_999);
    expect(await Promise.race([connecting, Promise.resolve("waiting")])).toBe("waiting");
    pass(1);
    expect(await connecting).toEqual({ reason: "timeout" });
    expect(await resolving).toEqual([{ type: "error", transient: true }]);
  });

  test("an abort ends the wait", async () => {
    const silent: NameService = {
      addresses: () => new Promise(() => undefined),
      names: () => new Promise(() => undefined),
    };
    const { exit } = exitWith("", silent);
    const abort = new AbortController();
    const connecting = refusal(exit.connect({ host: "silent.example", port: 80 }, ANY, abort.signal));
    abort.abort();
    expect(await connecting).toEqual({ reason: "destroyed" });
    expect(await refusal(exit.connect({ host: "8.8.8.8", port: 80 }, ANY, abort.signal))).toEqual({
      reason: "destroyed",
    });
  });
});

describe("resolve", () => {
  const { names } = fakeNames({
    "site.example": ["8.8.8.8", "2600::1"],
    "mixed.example": ["10.0.0.1", "8.8.8.8"],
    "lan.example": ["192.168.1.1", "fd00::1"],
    "later.example": { failed: "transient" },
  });
  const { exit } = exitWith("", names);
  const address = (text: string) => ({ type: "address", address: addressOf(text), ttl: 0 });
  const error = (transient: boolean) => [{ type: "error", transient }];

  test("answers with every address", async () => {
    expect(await exit.resolve("site.example", never)).toEqual([address("8.8.8.8"), address("2600::1")]);
  });

  test("leaves private addresses out, and says that nothing was found if none is left", async () => {
    expect(await exit.resolve("mixed.example", never)).toEqual([address("8.8.8.8")]);
    expect(await exit.resolve("lan.example", never)).toEqual(error(false));
    expect(await exit.resolve("127.0.0.1", never)).toEqual(error(false));
  });

  test("tells private addresses that the operator allows", async () => {
    const { exit: allowing } = exitWith("accept 192.168.0.0/16:8080", names);
    expect(await allowing.resolve("lan.example", never)).toEqual([address("192.168.1.1")]);
  });

  test("tells errors for a while from errors for good", async () => {
    expect(await exit.resolve("later.example", never)).toEqual(error(true));
    expect(await exit.resolve("nobody.example", never)).toEqual(error(false));
    expect(await exit.resolve("0x7f.1", never)).toEqual(error(false));
  });

  test("answers reverse lookups of public addresses with host names only", async () => {
    expect(await exit.resolve("8.8.8.8.in-addr.arpa", never)).toEqual([
      { type: "name", name: "host.example", ttl: 0 },
    ]);
    expect(await exit.resolve("1.1.168.192.in-addr.arpa", never)).toEqual(error(false));
    expect(await exit.resolve("1.0.ip6.arpa", never)).toEqual(error(false));
  });

  test("knows localhost by the system's files", async () => {
    const { exit: system } = exitWith(LOOPBACK_ALLOWED);
    expect(await system.resolve("localhost", never)).toContainEqual(address("127.0.0.1"));
  });
});

describe("fetching", () => {
  const fixture = (name: string): string =>
    readFileSync(new URL(`../../../../e2e/fixtures/${name}`, import.meta.url), "utf8");
  const cert = fixture("site.cert.pem");

  /** A server behind TLS that sends "hello". */
  async function listenSecurely(): Promise<number> {
    const server = createTlsServer({ cert, key: fixture("site.key.pem") }, (socket) => {
      socket.on("error", () => undefined);
      socket.write("hello");
    }).listen(0, "127.0.0.1");
    servers.push(server);
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  }

  function fetcher(roots?: string) {
    const policy = ExitPolicy.ofExit(LOOPBACK_ALLOWED);
    const names = fakeNames({ localhost: ["127.0.0.1"] }).names;
    return tcpExit({ policy, names, clock: manualClock().clock, ...(roots !== undefined && { roots }) });
  }

  test("of https: the exit agrees on TLS, and the client reads plain bytes", async () => {
    const port = await listenSecurely();
    const stream = await fetcher(cert).fetch({ scheme: "https", host: "localhost", port }, never);
    expect(new TextDecoder().decode((await stream.read()) ?? undefined)).toBe("hello");
    stream.abort(new TaborError("aborted", "here", "enough"));
  });

  test("of http: as a stream", async () => {
    const { port } = await listen();
    const stream = await fetcher().fetch({ scheme: "http", host: "localhost", port }, never);
    expect(new TextDecoder().decode((await stream.read()) ?? undefined)).toBe("hello");
    stream.abort(new TaborError("aborted", "here", "enough"));
  });

  test("refuses a site whose certificate nobody vouches for", async () => {
    const port = await listenSecurely();
    const fetching = fetcher().fetch({ scheme: "https", host: "localhost", port }, never);
    await expect(fetching).rejects.toEqual(new ExitRefusal("unreadable"));
  });

  test("refuses by the address, as streams do", async () => {
    const { port, connections } = await listen();
    const exit = tcpExit({
      policy: ExitPolicy.ofExit(""),
      names: fakeNames({ "site.test": ["127.0.0.1"] }).names,
      clock: manualClock().clock,
    });
    const fetching = exit.fetch({ scheme: "https", host: "site.test", port }, never);
    await expect(fetching).rejects.toMatchObject({ reason: "exit-policy" });
    expect(connections()).toBe(0);
  });
});
