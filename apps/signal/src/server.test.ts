/** The whole directory over real sockets on the loopback interface. */
import { once } from "node:events";
import { createServer, request } from "node:http";
import { connect as connectTcp } from "node:net";
import {
  type Clock,
  type Consensus,
  type Log,
  type SigningKey,
  silentLog,
  TaborError,
  verifyConsensus,
} from "@tabor/onion-core";
import { systemClock, systemRandom } from "@tabor/platform";
import {
  DirectoryClient,
  type DirectoryState,
  fetchNetworkInfo,
  openSocketIo,
  showMember,
} from "@tabor/rtc-link";
import {
  type Answer,
  type Challenge,
  FAILED_JOINS_PER_WINDOW,
  type JoinAnswer,
  joinTranscript,
  MAX_DESCRIPTOR_LENGTH,
  MAX_MESSAGE_LENGTH,
  relayAddress,
  type Role,
} from "@tabor/signal-protocol";
import { VirtualClock } from "@tabor/onion-core/testing";
import fc from "fast-check";
import { Server as SocketServer } from "socket.io";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { soleAuthority } from "./directory/sole-authority.ts";
import { Directory } from "./directory/directory.ts";
import { serveDirectory } from "./net/socket-server.ts";
import { type SignalServer, startSignalServer } from "./server.ts";
import { descriptorOf, freshKey } from "./testing/memory-peer.ts";
import { emptyRegister } from "./testing/memory-register.ts";

const HOST = "127.0.0.1";
const cleanups: (() => unknown)[] = [];
const logged: string[] = [];
const recordingLog: Log = {
  error: (...line) => void logged.push(JSON.stringify(line)),
  warn: (...line) => void logged.push(JSON.stringify(line)),
  info: (...line) => void logged.push(JSON.stringify(line)),
  debug: (...line) => void logged.push(JSON.stringify(line)),
  scoped: () => recordingLog,
};

let authority: SigningKey;
let server: SignalServer;
/** Added to the directory's clock. */
let skew = 0;
const skewedClock: Clock = { ...systemClock, now: () => systemClock.now() + skew };

const start = (port = 0) =>
  startSignalServer({
    host: HOST,
    port,
    authority,
    webFolder: undefined,
    site: "tabor.localhost",
    others: [],
    roundMs: 2000,
    iceServers: [],
    admission: "open",
    register: emptyRegister,
    allowedOrigins: new Set(["https://friend.example"]),
    fetch,
    clock: skewedClock,
    random: systemRandom,
    log: recordingLog,
  });

beforeEach(async () => {
  skew = 0;
  logged.length = 0;
  authority = await freshKey();
  server = await start();
  cleanups.push(() => server.close());
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const url = (port = server.port) => `http://${HOST}:${port}`;

function directoryClient(options: Partial<ConstructorParameters<typeof DirectoryClient>[0]> = {}) {
  const client = new DirectoryClient({
    servers: [url()],
    membership: { role: "client" },
    authorities: [authority.id],
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    ...options,
  });
  cleanups.push(() => {
    client.close();
  });
  return client;
}

const relayMembership = (identity: SigningKey) =>
  ({
    role: "relay",
    identity,
    descriptor: () => descriptorOf(identity, systemClock.now()),
  }) as const;

function reaches<P extends DirectoryState["phase"]>(client: DirectoryClient, phase: P) {
  type State = Extract<DirectoryState, { phase: P }>;
  return new Promise<State>((resolve) => {
    const look = (state: DirectoryState): void => {
      if (state.phase === phase) resolve(state as State);
    };
    look(client.state);
    client.onState(look);
  });
}

/** The first consensus, now or later, that `holds`. */
function consensusWhere(
  client: DirectoryClient,
  holds: (consensus: Consensus) => boolean,
): Promise<Consensus> {
  return new Promise((resolve) => {
    const look = (consensus: Consensus | undefined): void => {
      if (consensus && holds(consensus)) resolve(consensus);
    };
    look(client.current);
    client.subscribe(look);
  });
}

/** A peer that says whatever a test wants. */
async function rawPeer(port?: number) {
  const socket = openSocketIo(url(port));
  cleanups.push(() => socket.disconnect());
  const challenge = new Promise<Challenge>((resolve) => socket.once("challenge", resolve));
  const closed = new Promise((resolve) => socket.once("disconnect", resolve));
  socket.connect();
  const { directory, nonce, expires, admission } = await challenge;
  const request = async (key: SigningKey, role: Role) => {
    const fields = {
      directory: new Uint8Array(directory),
      directoryNonce: new Uint8Array(nonce),
      expires,
      admission,
      role,
      key: key.publicKey,
      peerNonce: new Uint8Array(32),
      connectionId: socket.id ?? "",
    };
    return {
      role,
      key: key.publicKey,
      nonce: fields.peerNonce,
      signature: await key.sign(joinTranscript(fields)),
    };
  };
  const ask = (event: string, ...args: unknown[]) =>
    (socket as unknown as { emitWithAck(...all: unknown[]): Promise<Answer | JoinAnswer> }).emitWithAck(
      event,
      ...args,
    );
  const join = async (role: Role, key?: SigningKey) =>
    ask("join", await request(key ?? (await freshKey()), role));
  return { socket, closed, request, ask, join };
}

describe("client and relay", () => {
  it("join; the relay is listed while it is there, and not after", async () => {
    const identity = await freshKey();
    const client = directoryClient();
    const relay = directoryClient({ membership: relayMembership(identity) });
    expect(await reaches(relay, "joined")).toMatchObject({ address: relayAddress(identity.id) });
    await consensusWhere(client, ({ relaysById }) => relaysById.has(identity.id));
    relay.close();
    await consensusWhere(client, ({ relaysById }) => !relaysById.has(identity.id));
  });

  it("reach each other through the broker", async () => {
    const identity = await freshKey();
    const client = directoryClient();
    const relay = directoryClient({ membership: relayMembership(identity) });
    const { address } = await reaches(client, "joined");
    await reaches(relay, "joined");
    const atRelay = new Promise((resolve) => relay.onSignal(resolve));
    const atClient = new Promise((resolve) => client.onSignal(resolve));
    await client.signal(relayAddress(identity.id), Uint8Array.of(1, 2));
    expect(await atRelay).toEqual({ from: address, blob: Uint8Array.of(1, 2) });
    await relay.signal(address, Uint8Array.of(3));
    expect(await atClient).toEqual({ from: relayAddress(identity.id), blob: Uint8Array.of(3) });
    await expect(client.signal(relayAddress((await freshKey()).id), Uint8Array.of(1))).rejects.toMatchObject({
      code: "unreachable",
    });
  });

  it("come back when the directory does, and the relay publishes again", async () => {
    const identity = await freshKey();
    const client = directoryClient();
    const relay = directoryClient({ membership: relayMembership(identity) });
    await consensusWhere(client, ({ relaysById }) => relaysById.has(identity.id));
    const { port } = server;
    const lost = [reaches(client, "lost"), reaches(relay, "lost")];
    await server.close();
    expect((await Promise.all(lost)).map(({ reason }) => reason.code)).toEqual(["closed", "closed"]);
    const before = client.current?.validAfter ?? 0;
    server = await start(port);
    await reaches(client, "joined");
    await consensusWhere(client, (next) => next.validAfter > before && next.relaysById.has(identity.id));
  });

  it("come back at once when they are told to", async () => {
    const { port } = server;
    const day = 86_400_000;
    // Its first wait, of at most a second, would last a day.
    const after: Clock["after"] = (ms, call) => systemClock.after(ms <= 1000 ? day : ms, call);
    const client = directoryClient({ clock: { ...systemClock, after } });
    await reaches(client, "joined");
    const lost = reaches(client, "lost");
    await server.close();
    await lost;
    server = await start(port);
    client.retry();
    await reaches(client, "joined");
  });

  it("show no member key to an open network", async () => {
    const key = () => Promise.reject(new Error("the member's key was asked for"));
    const admission = await showMember({
      ...{ openSocket: () => openSocketIo(url()), member: { key }, authorities: [authority.id] },
      ...{ clock: systemClock, random: systemRandom },
    });
    expect(admission).toBe("open");
  });

  it("give up a connection that only seems to stand when they are hurried, and come back", async () => {
    const timers = new Set<() => void>();
    const after: Clock["after"] = (_, fn) => {
      timers.add(fn);
      return () => timers.delete(fn);
    };
    let isDeaf = false;
    const client = directoryClient({
      // No timer runs but those that this test runs.
      clock: { ...systemClock, after },
      openSocket: (at) => {
        const socket = openSocketIo(at);
        const ask = socket.emitWithAck.bind(socket);
        socket.emitWithAck = (...asked) =>
          isDeaf && asked[0] === "have" ? new Promise(() => undefined) : ask(...asked);
        return socket;
      },
    });
    await reaches(client, "joined");
    isDeaf = true;
    client.hurry();
    for (const timer of timers) timer();
    await reaches(client, "lost");
    isDeaf = false;
    await reaches(client, "joined");
  });

  it("are sent the whole once, and then what has changed", async () => {
    const events: string[] = [];
    const client = directoryClient({
      openSocket: (at) => {
        const socket = openSocketIo(at);
        socket.on("consensus", () => events.push("whole"));
        socket.on("consensus-diff", () => events.push("difference"));
        return socket;
      },
    });
    await consensusWhere(client, () => true);
    const relays = [await freshKey(), await freshKey()];
    for (const identity of relays) {
      directoryClient({ membership: relayMembership(identity) });
      await consensusWhere(client, ({ relaysById }) => relaysById.has(identity.id));
    }
    expect(client.current?.relays).toHaveLength(2);
    expect(events[0]).toBe("whole");
    expect(events.at(-1)).toBe("difference");
  });

  it("are at every server as a relay, at one as a client, and go on when that one is gone", async () => {
    const other = await start();
    cleanups.push(() => other.close());
    const identity = await freshKey();
    const servers = [url(), url(other.port)];
    const opened: string[] = [];
    const openSocket = (at: string) => {
      opened.push(at);
      return openSocketIo(at);
    };
    const relay = directoryClient({ servers, openSocket, membership: relayMembership(identity) });
    await reaches(relay, "joined");
    expect(new Set(opened)).toEqual(new Set(servers));
    opened.length = 0;
    const client = directoryClient({ servers, openSocket });
    const phases: string[] = [];
    client.onState(({ phase }) => phases.push(phase));
    await reaches(client, "joined");
    await consensusWhere(client, ({ relaysById }) => relaysById.has(identity.id));
    expect(opened).toHaveLength(1);
    const [first] = opened;
    const away = new Promise<void>((resolve) => {
      client.onState(({ phase }) => {
        if (phase !== "joined") resolve();
      });
    });
    await (first === url() ? server : other).close();
    await away;
    await reaches(client, "joined");
    expect(opened.at(-1)).toBe(servers.find((at) => at !== first));
    expect(phases).not.toContain("lost");
    // The relay may be on its way there.
    const reached = () =>
      client.signal(relayAddress(identity.id), Uint8Array.of(1)).then(() => "reached", String);
    await expect.poll(reached, { timeout: 60_000 }).toBe("reached");
  }, 120_000);

  it("leave no trace of who they are in the log", async () => {
    const identity = await freshKey();
    const client = directoryClient();
    directoryClient({ membership: relayMembership(identity) });
    const { address } = await reaches(client, "joined");
    await consensusWhere(client, ({ relaysById }) => relaysById.has(identity.id));
    await client.signal(relayAddress(identity.id), new TextEncoder().encode("payload"));
    const text = logged.join("\n");
    expect(text).toContain("new consensus");
    for (const secret of [identity.id, address, address.slice(7), "127.0.0.1", "payload"]) {
      expect(text).not.toContain(secret);
    }
  });
});

describe("a client refuses", () => {
  it("a directory that is none of its authorities", async () => {
    const client = directoryClient({ authorities: [(await freshKey()).id] });
    expect((await reaches(client, "lost")).reason).toMatchObject({
      code: "not-authentic",
      where: "directory",
    });
    expect(client.current).toBeUndefined();
  });

  it("a consensus that a stranger signed, and says so", async () => {
    const httpServer = createServer().listen(0, HOST);
    await once(httpServer, "listening");
    const stranger = await freshKey();
    const directory = new Directory({
      identity: authority,
      startConsensuses: soleAuthority(stranger, { clock: systemClock, log: silentLog }),
      clock: systemClock,
      random: systemRandom,
      log: silentLog,
    });
    const sockets = serveDirectory({
      ...{ httpServer, directory, site: "tabor.test", allowedOrigins: new Set<string>() },
      log: silentLog,
    });
    cleanups.push(async () => {
      await directory.close();
      await sockets.close();
    });
    const { port } = httpServer.address() as { port: number };
    const client = directoryClient({ servers: [url(port)] });
    const problem = await new Promise<TaborError>((resolve) => {
      client.onState((state) => {
        if (state.phase === "joined" && state.problem) resolve(state.problem);
      });
    });
    expect(problem.code).toBe("not-authentic");
    expect(client.current).toBeUndefined();
  });

  it("a server that never challenges, after 15 s", async () => {
    const httpServer = createServer().listen(0, HOST);
    await once(httpServer, "listening");
    const silent = new SocketServer(httpServer, { transports: ["websocket"] });
    cleanups.push(() => silent.close());
    const connected = new Promise((resolve) => silent.on("connection", resolve));
    const clock = new VirtualClock();
    const client = directoryClient({
      servers: [url((httpServer.address() as { port: number }).port)],
      clock,
    });
    await connected;
    await clock.advance(14_999);
    expect(client.state).toEqual({ phase: "connecting" });
    await clock.advance(1);
    expect(client.state).toMatchObject({ phase: "lost", reason: { code: "timeout", where: "directory" } });
  });

  it("nothing being there", async () => {
    const { port } = server;
    await server.close();
    const client = directoryClient({ servers: [url(port)] });
    expect((await reaches(client, "lost")).reason.code).toBe("unreachable");
  });
});

describe("the directory refuses", () => {
  it("a wrong signature", async () => {
    const peer = await rawPeer();
    const request = await peer.request(await freshKey(), "relay");
    expect(await peer.ask("join", { ...request, signature: new Uint8Array(64) })).toEqual({
      ok: false,
      error: "not-authentic",
    });
  });

  it("a join replayed on another connection", async () => {
    const [first, second] = [await rawPeer(), await rawPeer()];
    const request = await first.request(await freshKey(), "relay");
    expect(await first.ask("join", request)).toMatchObject({ ok: true });
    expect(await second.ask("join", request)).toEqual({ ok: false, error: "not-authentic" });
  });

  it("an address from which too many joins have failed", async () => {
    for (let i = 0; i < FAILED_JOINS_PER_WINDOW; i++) {
      const peer = await rawPeer();
      const request = await peer.request(authority, "relay");
      await peer.ask("join", { ...request, signature: new Uint8Array(64) });
      peer.socket.disconnect();
    }
    const socket = openSocketIo(url());
    cleanups.push(() => socket.disconnect());
    const refused = new Promise((resolve) => socket.once("connect_error", resolve));
    socket.connect();
    await refused;
  });

  it("an expired challenge", async () => {
    const peer = await rawPeer();
    skew = 30_000;
    expect(await peer.join("client")).toEqual({ ok: false, error: "expired" });
  });

  it("a second join", async () => {
    const peer = await rawPeer();
    expect(await peer.join("client")).toMatchObject({ ok: true });
    expect(await peer.join("client")).toEqual({ ok: false, error: "not-allowed" });
  });

  it("a descriptor of another identity, and one over the limit", async () => {
    const peer = await rawPeer();
    await peer.join("relay");
    const foreign = await descriptorOf(await freshKey(), systemClock.now());
    expect(await peer.ask("publish", foreign)).toEqual({ ok: false, error: "not-authentic" });
    expect(await peer.ask("publish", new Uint8Array(MAX_DESCRIPTOR_LENGTH + 1))).toEqual({
      ok: false,
      error: "malformed",
    });
  });

  it("everything before joining, and events that there are not", async () => {
    const peer = await rawPeer();
    const to = relayAddress(authority.id);
    expect(await peer.ask("signal", { to, blob: Uint8Array.of(1) })).toEqual({
      ok: false,
      error: "not-joined",
    });
    expect(await peer.ask("consensus", Uint8Array.of(1))).toEqual({ ok: false, error: "malformed" });
    expect(await peer.ask("toString", 1)).toEqual({ ok: false, error: "malformed" });
    expect(await peer.ask("join", 1, 2)).toEqual({ ok: false, error: "malformed" });
    expect(await peer.ask("join")).toEqual({ ok: false, error: "malformed" });
  });

  it("a message over 64 KiB: the connection is closed", async () => {
    const peer = await rawPeer();
    peer.socket.emit("publish", new Uint8Array(MAX_MESSAGE_LENGTH + 1), () => undefined);
    expect(await peer.closed).toBe("transport close");
  });

  it("those who keep sending what is invalid: closed after ten", async () => {
    const peer = await rawPeer();
    const answers = [];
    for (let i = 0; i < 9; i++) answers.push(await peer.ask("signal", null));
    expect(new Set(answers.map((answer) => !answer.ok && answer.error))).toEqual(new Set(["malformed"]));
    expect(peer.socket.connected).toBe(true);
    peer.ask("signal", null).catch(() => undefined);
    expect(await peer.closed).toBeDefined();
  });

  it("those who send invalid events without asking for an answer, too", async () => {
    const peer = await rawPeer();
    for (let i = 0; i < 10; i++) (peer.socket as unknown as { emit(event: string): void }).emit("noise");
    expect(await peer.closed).toBeDefined();
  });

  it("a flood of valid events: rate-limited, then closed", async () => {
    const peer = await rawPeer();
    await peer.join("client");
    const to = relayAddress(authority.id);
    const answers: Answer[] = [];
    for (let i = 0; i < 59; i++) {
      peer.socket.emit("signal", { to, blob: Uint8Array.of(1) }, (answer) => answers.push(answer));
    }
    await peer.closed;
    const count = (error: string) => answers.filter((answer) => !answer.ok && answer.error === error).length;
    expect(count("unknown-peer")).toBe(49);
    expect(count("rate-limited")).toBeGreaterThanOrEqual(1);
  });

  it("a flood below the level of events", async () => {
    const peer = await rawPeer();
    const { engine } = peer.socket.io;
    // An acknowledgement of nothing: well-formed, and no event.
    for (let i = 0; i < 400; i++) engine.write("3999[]");
    expect(await peer.closed).toBeDefined();
  });

  it("more than 100 new connections of one address in 10 s", async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 110 }, () => {
        const socket = openSocketIo(url());
        cleanups.push(() => socket.disconnect());
        return new Promise<string>((resolve) => {
          socket.once("connect", () => {
            resolve("connected");
          });
          socket.once("connect_error", () => {
            resolve("refused");
          });
          socket.connect();
        });
      }),
    );
    expect(outcomes.filter((outcome) => outcome === "refused")).toHaveLength(10);
  });
});

describe("malformed events", () => {
  it.each(["join", "publish", "signal"])(
    "of the name %s are answered, whatever they are, and harm nobody",
    async (event) => {
      const bystander = directoryClient();
      await reaches(bystander, "joined");
      let peer = await rawPeer();
      let sent = 0;
      // What Socket.IO can carry: JSON, with byte strings in it.
      const payload = fc.letrec((tie) => ({
        any: fc.oneof(
          { depthSize: "small" },
          fc.jsonValue(),
          fc.uint8Array({ maxLength: 100 }),
          fc.array(tie("any"), { maxLength: 3 }),
          fc.dictionary(fc.constantFrom("to", "blob", "role", "key", "nonce", "signature", "x"), tie("any")),
        ),
      })).any;
      await fc.assert(
        fc.asyncProperty(payload, async (value) => {
          if (++sent % 9 === 0) peer = await rawPeer();
          // A byte string of whatever content is a well-formed `publish`, for which one must have joined.
          const answer = await peer.ask(event, value);
          expect(answer).toMatchObject({ ok: false });
          expect(["malformed", "not-joined"]).toContain(!answer.ok && answer.error);
        }),
        { numRuns: 60 },
      );
      expect(bystander.state.phase).toBe("joined");
      expect((await rawPeer()).socket.connected).toBe(true);
    },
  );
});

describe("web pages", () => {
  const upgrade = (headers: Record<string, string>) =>
    new Promise<string>((resolve, reject) => {
      const socket = connectTcp(server.port, HOST);
      cleanups.push(() => socket.destroy());
      const lines = {
        Host: `${HOST}:${server.port}`,
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        ...headers,
      };
      const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n${head.join("")}\r\n`);
      socket.once("data", (data) => {
        resolve(data.toString("latin1").split("\r\n")[0] ?? "");
      });
      socket.once("error", reject);
    });

  it("of the view's origins find no Socket.IO at all", async () => {
    const ask = (host: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const path = "/socket.io/?EIO=4&transport=polling";
        request({ host: HOST, port: server.port, path, headers: { Host: host } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .once("error", reject)
          .end();
      });
    expect(await ask(`app.tabor.localhost:${server.port}`)).toBe(400);
    // Not built, and so nothing is there: the web server answers.
    expect(await ask(`a1b2.view.tabor.localhost:${server.port}`)).toBe(503);
  });

  it("of this server and of origins that the operator allows may join, no others", async () => {
    expect(await upgrade({})).toContain("101");
    expect(await upgrade({ Origin: url() })).toContain("101");
    expect(await upgrade({ Origin: "https://friend.example" })).toContain("101");
    expect(await upgrade({ Origin: "https://evil.example" })).toContain("400");
    expect(await upgrade({ Origin: "null" })).toContain("400");
    // Pages of sites live there: not even as a page of the same host.
    for (const host of [`view.tabor.localhost:${server.port}`, `a1b2.view.tabor.localhost:${server.port}`]) {
      expect(await upgrade({ Origin: `http://${host}`, Host: host })).toContain("400");
      expect(await upgrade({ Origin: `http://${host}` })).toContain("400");
      expect(await upgrade({ Host: host })).toContain("400");
    }
    expect(await upgrade({ Origin: `http://${HOST}:1` })).toContain("400");
  });

  it("find the authorities at /tabor.json", async () => {
    const info = await fetchNetworkInfo(url(), { fetch, clock: systemClock });
    expect(info).toEqual({ authorities: [authority.id], servers: [], iceServers: [] });
  });
});

it("signs what its own authority can verify", async () => {
  const client = directoryClient();
  const consensus = await consensusWhere(client, () => true);
  expect(consensus.signers).toEqual([authority.id]);
  await expect(verifyConsensus(new Uint8Array(10), { authorities: [authority.id], now: 0 })).rejects.toThrow(
    TaborError,
  );
});

it("says in one sentence that its port is taken", async () => {
  await expect(start(server.port)).rejects.toMatchObject({
    message: `Port ${server.port} on ${HOST} is already in use: stop what uses it, or choose another with --port.`,
  });
});
