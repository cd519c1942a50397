import { afterEach, describe, expect, it } from "vitest";
import { nodeAead } from "./node-aead.ts";
import {
  content,
  ECHO,
  failure,
  jitteryAead,
  join,
  linkDeps,
  rawCircuit,
  rawLink,
  readAll,
  roundTrip,
  startNetwork,
  unheardFailures,
  writeAll,
} from "./support.ts";
import { webAead } from "../crypto/web-aead.ts";
import { TaborError, type ErrorCode } from "../errors.ts";
import { ExitRefusal, type ExitConnector } from "../stream/exit-port.ts";
import type { Duplex } from "../stream/duplex.ts";
import type { EndReason } from "../cell/end-reason.ts";
import { memoryDuplex } from "../testing/memory-duplex.ts";
import { memoryExit } from "../testing/memory-network.ts";
import { pickSeeds, SeededRandom, withSeed } from "../testing/seeded-random.ts";
import { randomBelow } from "../ports/random.ts";

const [seed = 0] = pickSeeds(1, Math.random);
const unheard = unheardFailures(process);
const echo = { host: "echo.test", port: 80 };
const site = { host: "site.test", port: 80 };

afterEach(() => {
  expect(unheard.splice(0)).toEqual([]);
});

/** A site that a test plays itself. */
function playedSite() {
  const connections: Duplex[] = [];
  let tell: (() => void) | undefined;
  const sites = {
    ...ECHO,
    "site.test": (connection: Duplex) => {
      connections.push(connection);
      tell?.();
    },
  };
  const connected = async (count = 1): Promise<Duplex> => {
    while (connections.length < count) await new Promise<void>((resolve) => (tell = resolve));
    return connections[count - 1] as Duplex;
  };
  return { sites, connected, connections };
}

describe(withSeed("streams", seed), () => {
  for (const [name, aead] of [
    ["a cipher on other threads", webAead],
    ["an immediate cipher", nodeAead],
  ] as const) {
    it(`carry every size there and back, with ${name}`, async () => {
      const { clock, network } = await startNetwork(seed, {}, { aead });
      const client = network.client();
      for (const size of [1, 1901, 1902, 1903, 3804, 65_537, 1_500_000]) {
        const stream = await clock.until(client.openStream(echo, { isolation: "a" }));
        const sent = content(size, size);
        const received = await clock.until(roundTrip(stream, sent));
        expect(received.length).toBe(size);
        expect(Buffer.compare(received, sent)).toBe(0);
      }
      expect(client.circuits.every(({ streams }) => streams === 0)).toBe(true);
      client.close();
    });
  }

  it("are answered after the client has ended its direction", async () => {
    const { sites, connected } = playedSite();
    const { clock, network } = await startNetwork(seed, { sites });
    const stream = await clock.until(network.client().openStream(site, { isolation: "a" }));
    const connection = await connected();
    await clock.until(stream.write(content(1, 5000)));
    stream.end();
    expect(await clock.until(readAll(connection))).toEqual(content(1, 5000));
    const answer = content(2, 300_000);
    const answered = connection.write(answer).then(() => {
      connection.end();
    });
    const [received] = await clock.until(Promise.all([readAll(stream), answered]));
    expect(Buffer.compare(received, answer)).toBe(0);
    expect((await failure(stream.write(Uint8Array.of(1)))).code).toBe("usage");
  });

  it("take what the client still sends after the site has ended its direction", async () => {
    const { sites, connected } = playedSite();
    const { clock, network } = await startNetwork(seed, { sites });
    const stream = await clock.until(network.client().openStream(site, { isolation: "a" }));
    const connection = await connected();
    connection.end();
    expect(await clock.until(stream.read())).toBeNull();
    const upload = content(3, 300_000);
    const sent = stream.write(upload).then(() => {
      stream.end();
    });
    const [received] = await clock.until(Promise.all([readAll(connection), sent]));
    expect(Buffer.compare(received, upload)).toBe(0);
    await clock.settle();
    expect(stream.circuit.streams).toBe(0);
  });

  it("are cut by the client in mid-transfer: the site hears of it, the circuit goes on", async () => {
    const { sites, connected } = playedSite();
    const { clock, network } = await startNetwork(seed, { sites });
    const client = network.client();
    const stream = await clock.until(client.openStream(site, { isolation: "a" }));
    const connection = await connected();
    const pouring = failure(writeAll(connection, content(4, 5_000_000)));
    await clock.until(stream.read());
    stream.abort(new TaborError("aborted", "here", "the user went away"));
    expect((await clock.until(failure(stream.read()))).code).toBe("aborted");
    await clock.until(pouring);
    expect(stream.circuit.streams).toBe(0);
    const next = await clock.until(client.openStream(echo, { isolation: "a" }));
    expect(next.circuit.id).toBe(stream.circuit.id);
    expect(await clock.until(roundTrip(next, content(5, 10_000)))).toEqual(content(5, 10_000));
  });

  it("are broken off by the site in mid-transfer: what came is delivered, then the reason", async () => {
    const { sites, connected } = playedSite();
    const { clock, network } = await startNetwork(seed, { sites });
    const client = network.client();
    const stream = await clock.until(client.openStream(site, { isolation: "a" }));
    const connection = await connected();
    await clock.until(connection.write(content(6, 50_000)));
    const writing = failure(stream.write(content(7, 5_000_000)));
    await clock.settle();
    connection.abort(new TaborError("reset", "site", "gone"));
    const chunks: Uint8Array[] = [];
    const reading = failure(
      (async () => {
        for (let bytes = await stream.read(); bytes !== null; bytes = await stream.read()) chunks.push(bytes);
      })(),
    );
    expect((await clock.until(reading)).code).toBe("reset");
    expect(join(chunks)).toEqual(content(6, 50_000));
    expect((await clock.until(writing)).code).toBe("reset");
    const next = await clock.until(client.openStream(echo, { isolation: "a" }));
    expect(next.circuit.id).toBe(stream.circuit.id);
  });

  it("are cut by both sides at once: each END crosses the other, and the circuit goes on", async () => {
    const { sites, connected } = playedSite();
    const { clock, network } = await startNetwork(seed, { sites }, { channels: { latency: () => 20 } });
    const client = network.client();
    const stream = await clock.until(client.openStream(site, { isolation: "a" }));
    const connection = await connected();
    connection.abort(new TaborError("reset", "site", "gone"));
    stream.abort(new TaborError("aborted", "here", "gone"));
    await clock.advance(1000);
    const next = await clock.until(client.openStream(echo, { isolation: "a" }));
    expect(next.circuit.id).toBe(stream.circuit.id);
    expect(await clock.until(roundTrip(next, content(8, 3000)))).toEqual(content(8, 3000));
  });

  it("end in every order of both sides' ends and cuts, and never harm the circuit", async () => {
    const { sites, connected, connections } = playedSite();
    const { clock, network, random } = await startNetwork(
      seed,
      { sites },
      { channels: { latency: () => 10 } },
    );
    const client = network.client();
    const first = await clock.until(client.openStream(site, { isolation: "a" }));
    for (let round = 0; round < 60; round++) {
      const stream = round === 0 ? first : await clock.until(client.openStream(site, { isolation: "a" }));
      const connection = await connected(connections.length);
      const quiet = (promise: Promise<unknown>): void => void promise.catch(() => undefined);
      quiet(readAll(stream));
      quiet(readAll(connection));
      const acts = [stream, connection].flatMap((side) => [
        () => {
          side.end();
        },
        () => {
          side.abort(new TaborError("reset", "site", "cut"));
        },
        () => {
          quiet(side.write(content(round, 40_000)));
        },
      ]);
      for (let step = 0; step < 6; step++) {
        acts[randomBelow(random, acts.length)]?.();
        await clock.advance(randomBelow(random, 40));
      }
      for (const side of [stream, connection]) side.abort(new TaborError("reset", "site", "cut"));
      await clock.advance(200);
      expect(stream.circuit).toMatchObject({ id: first.circuit.id, state: { name: "open" }, streams: 0 });
    }
  });

  const refusals: readonly [EndReason, ErrorCode, "tried at another exit" | "reported"][] = [
    ["connection-refused", "refused", "reported"],
    ["no-route", "unreachable", "reported"],
    ["connection-reset", "reset", "reported"],
    ["timeout", "timeout", "reported"],
    ["exit-policy", "exit-policy", "tried at another exit"],
    ["resolve-failed", "resolve-failed", "tried at another exit"],
    ["misc", "closed", "tried at another exit"],
    ["internal", "closed", "tried at another exit"],
    ["hibernating", "resource-limit", "tried at another exit"],
    ["resource-limit", "resource-limit", "tried at another exit"],
  ];
  for (const [reason, code, then] of refusals) {
    it(`refused with END ${reason} are ${then}`, async () => {
      let asked = 0;
      const refusing: ExitConnector = {
        connect: () => {
          asked += 1;
          return Promise.reject(new ExitRefusal(reason));
        },
        resolve: () => Promise.resolve([]),
      };
      const others = [1, 2].map(() => ({ flags: ["Exit", "Fast"] as const, exit: refusing }));
      const { clock, network } = await startNetwork(seed, { exits: 0, others });
      const error = await clock.until(failure(network.client().openStream(echo, { isolation: "a" })));
      expect(error.code).toBe(code);
      expect(asked).toBe(then === "reported" ? 1 : 2);
    });
  }

  it("refused by one exit are served by another", async () => {
    const picky: ExitConnector = {
      connect: () => Promise.reject(new ExitRefusal("exit-policy", Uint8Array.of(192, 0, 2, 7))),
      resolve: () => Promise.resolve([]),
    };
    const others = [1, 2].map(() => ({ flags: ["Exit", "Fast"] as const, exit: picky }));
    const { clock, network } = await startNetwork(seed, { exits: 1, others });
    const retried: ErrorCode[] = [];
    const stream = await clock.until(
      network.client().openStream(echo, {
        isolation: "a",
        onProgress: (progress) => {
          if (progress.step === "retrying") retried.push(progress.reason.code);
        },
      }),
    );
    expect(await clock.until(roundTrip(stream, content(9, 100)))).toEqual(content(9, 100));
    expect(retried.every((code) => code === "exit-policy")).toBe(true);
  });

  it("that an exit never answers time out, and another circuit is tried", async () => {
    let asked = 0;
    const dead: ExitConnector = {
      connect: (_target, _preference, signal) =>
        new Promise((_resolve, reject) => {
          asked += 1;
          signal.addEventListener("abort", () => {
            reject(new TaborError("aborted", "here", "withdrawn"));
          });
        }),
      resolve: () => new Promise(() => undefined),
    };
    const { clock, network } = await startNetwork(seed, {
      exits: 0,
      others: [{ flags: ["Exit"], exit: dead }],
    });
    const client = network.client();
    const started = clock.monotonic();
    const error = await clock.until(failure(client.openStream(echo, { isolation: "a" })));
    expect(error).toMatchObject({ code: "timeout", where: "exit" });
    expect(asked).toBe(3);
    expect(clock.monotonic() - started).toBe(10_000 + 10_000 + 15_000);
    // The circuits that were given up close, although the exit has not answered their streams.
    await clock.advance(60_000);
    expect(client.circuits.filter(({ isolation }) => isolation !== undefined).length).toBeLessThanOrEqual(1);
  });

  it("can be withdrawn while they wait", async () => {
    const dead: ExitConnector = {
      connect: () => new Promise(() => undefined),
      resolve: () => new Promise(() => undefined),
    };
    const { clock, network } = await startNetwork(seed, {
      exits: 0,
      others: [{ flags: ["Exit"], exit: dead }],
    });
    const client = network.client();
    for (const wait of [0, 1, 3000]) {
      const withdraw = new AbortController();
      const opening = failure(client.openStream(echo, { isolation: "a", signal: withdraw.signal }));
      await clock.advance(wait);
      withdraw.abort();
      expect((await opening).code).toBe("aborted");
    }
    const early = AbortSignal.abort();
    expect((await failure(client.openStream(echo, { isolation: "a", signal: early }))).code).toBe("aborted");
  });

  it("carry early data with BEGIN: the site has it before the client knows of the connection", async () => {
    const order: string[] = [];
    const sites = {
      "site.test": (connection: Duplex) =>
        void connection.read().then((bytes) => {
          order.push(`site has ${String(bytes?.length)}`);
          connection.end();
        }),
    };
    const { clock, network } = await startNetwork(seed, { sites }, { channels: { latency: () => 50 } });
    const opening = network.client().openStream(site, { isolation: "a", early: content(1, 700) });
    await clock.until(opening);
    order.push("client is connected");
    expect(order).toEqual(["site has 700", "client is connected"]);
  });

  it("refused with much early data under way fail once, and heard", async () => {
    const { clock, network } = await startNetwork(seed, {}, { channels: { latency: () => 5 } });
    const opening = network
      .client()
      .openStream({ host: "nowhere.test", port: 80 }, { isolation: "a", early: content(1, 2_000_000) });
    expect((await clock.until(failure(opening))).code).toBe("resolve-failed");
    await clock.advance(1000);
  });

  it("to what no BEGIN can name are refused here, and cost no circuit", async () => {
    const { clock, network } = await startNetwork(seed);
    const client = network.client();
    const stream = await clock.until(client.openStream(echo, { isolation: "a" }));
    const hosts = ["", "no spaces.test", "ümlaut.test", "x".repeat(254), "[::1]", "nul\0.test", "a]b"];
    for (const host of hosts) {
      const error = await failure(client.openStream({ host, port: 80 }, { isolation: "a" }));
      expect(error.code).toBe("usage");
    }
    for (const port of [0, 65_536, -1, 1.5, NaN]) {
      expect((await failure(client.openStream({ ...echo, port }, { isolation: "a" }))).code).toBe("usage");
    }
    expect((await failure(client.resolve("a\0b", { isolation: "a" }))).code).toBe("usage");
    expect(await clock.until(roundTrip(stream, content(1, 100)))).toEqual(content(1, 100));
  });

  it("resolve names at the exit", async () => {
    const { clock, network } = await startNetwork(seed);
    const client = network.client();
    const ask = (name: string) => clock.until(client.resolve(name, { isolation: "a" }));
    expect(await ask("echo.test")).toEqual([
      { type: "address", address: Uint8Array.of(192, 0, 2, 1), ttl: 60 },
    ]);
    expect(await ask("nowhere.test")).toEqual([{ type: "error", transient: false }]);
  });

  it("are resolved with an error if the exit's resolver throws, finds nothing, or finds too much", async () => {
    const answers = {
      "none.test": () => Promise.resolve([]),
      "throws.test": () => {
        throw new Error("broken resolver");
      },
      "many.test": () =>
        Promise.resolve(Array.from({ length: 99 }, () => ({ type: "error", transient: true }) as const)),
    };
    const exit: ExitConnector = {
      ...memoryExit(ECHO),
      resolve: (name) => answers[name as keyof typeof answers](),
    };
    const { clock, network } = await startNetwork(seed, { exits: 0, others: [{ flags: ["Exit"], exit }] });
    const client = network.client();
    const ask = (name: string) => clock.until(client.resolve(name, { isolation: "a" }));
    expect(await ask("none.test")).toEqual([{ type: "error", transient: false }]);
    expect(await ask("throws.test")).toEqual([{ type: "error", transient: true }]);
    expect(await ask("many.test")).toHaveLength(7);
  });

  it("that are not read slow themselves down, and no other of their circuit", async () => {
    const { sites, connected } = playedSite();
    const { clock, network } = await startNetwork(seed, { sites });
    const client = network.client();
    const slow = await clock.until(client.openStream(site, { isolation: "a" }));
    const connection = await connected();
    const poured = content(1, 3_000_000);
    let accepted = false;
    const pouring = writeAll(connection, poured).then(() => {
      accepted = true;
      connection.end();
    });
    const quick = await clock.until(client.openStream(echo, { isolation: "a" }));
    expect(quick.circuit.id).toBe(slow.circuit.id);
    const bulk = content(2, 2_000_000);
    expect(Buffer.compare(await clock.until(roundTrip(quick, bulk)), bulk)).toBe(0);
    expect(accepted).toBe(false);
    const [received] = await clock.until(Promise.all([readAll(slow), pouring]));
    expect(Buffer.compare(received, poured)).toBe(0);
  });

  it("of which there are too many for one round of the circuit's window all move on", async () => {
    const received = new Map<number, number>();
    let count = 0;
    const sites = {
      "site.test": (connection: Duplex) => {
        const number = count++;
        received.set(number, 0);
        const drain = async (): Promise<void> => {
          for (let bytes = await connection.read(); bytes !== null; bytes = await connection.read())
            received.set(number, (received.get(number) ?? 0) + bytes.length);
        };
        drain().catch(() => undefined);
      },
    };
    const { clock, network } = await startNetwork(
      seed,
      { sites },
      { channels: { latency: () => 20, bufferBytes: 4_000_000 } },
    );
    const client = network.client();
    const streams = await clock.until(
      Promise.all(Array.from({ length: 120 }, () => client.openStream(site, { isolation: "a" }))),
    );
    const upload = content(1, 400_000);
    for (const stream of streams) stream.write(upload).catch(() => undefined);
    await clock.advance(300);
    // The first few had the whole window before the others began to write.
    const amounts = [...received.values()].sort((a, b) => a - b).slice(0, 110);
    expect(Math.min(...amounts)).toBeGreaterThan(0);
    expect(Math.max(...amounts) - Math.min(...amounts)).toBeLessThanOrEqual(2 * 1902);
    client.close();
    await clock.settle();
  });

  it("are 1024 on a circuit; the next one goes over another", async () => {
    const { clock, network } = await startNetwork(seed);
    const client = network.client();
    const open = (): Promise<unknown> => client.openStream(echo, { isolation: "a" });
    await clock.until(open());
    await clock.until(Promise.all(Array.from({ length: 1023 }, open)));
    const full = client.circuits.filter(({ streams }) => streams > 0);
    expect(full.map(({ streams }) => streams)).toEqual([1024]);
    const next = await clock.until(client.openStream(echo, { isolation: "a" }));
    expect(next.circuit.id).not.toBe(full[0]?.id);
    expect(next.circuit.streams).toBe(1);
  });

  it("let go of a site that does not read, when the client cuts them and when the circuit ends", async () => {
    const aborted: number[] = [];
    let number = 0;
    const exit: ExitConnector = {
      ...memoryExit({}),
      connect: () => {
        const [ours] = memoryDuplex();
        const own = number++;
        return Promise.resolve({
          address: Uint8Array.of(192, 0, 2, 1),
          ttl: 0,
          read: () => ours.read(),
          write: (bytes) => ours.write(bytes),
          end: () => {
            ours.end();
          },
          abort: (error) => {
            aborted.push(own);
            ours.abort(error);
          },
        });
      },
    };
    const { clock, network } = await startNetwork(seed, { exits: 0, others: [{ flags: ["Exit"], exit }] });
    const client = network.client();
    const cut = await clock.until(client.openStream(site, { isolation: "a" }));
    const writing = failure(cut.write(content(1, 2_000_000)));
    await clock.settle();
    cut.abort(new TaborError("aborted", "here", "done with it"));
    await writing;
    await clock.settle();
    expect(aborted).toContain(0);
    const left = await clock.until(client.openStream(site, { isolation: "a" }));
    void left.write(content(2, 2_000_000)).catch(() => undefined);
    await clock.settle();
    expect(aborted).not.toContain(1);
    client.close();
    await clock.settle();
    expect(aborted).toContain(1);
  });

  it("deliver all that was sent before their end, though their circuit is retired meanwhile", async () => {
    const { sites, connected } = playedSite();
    const { clock, network } = await startNetwork(seed, { sites }, { channels: { latency: () => 40 } });
    const client = network.client();
    const stream = await clock.until(client.openStream(site, { isolation: "a" }));
    const connection = await connected();
    connection.end();
    expect(await clock.until(stream.read())).toBeNull();
    client.newIdentity();
    const upload = content(1, 400_000);
    await clock.until(stream.write(upload));
    stream.end();
    expect(Buffer.compare(await clock.until(readAll(connection)), upload)).toBe(0);
    expect(stream.circuit.state.name).toBe("open");
    await clock.advance(30_000);
    expect(stream.circuit.state.name).toBe("closed");
  });

  it("to a hop that is no exit end with exit policy", async () => {
    const { clock, network, random } = await startNetwork(seed);
    const middle = network.entries.find(({ flags }) => !flags.has("Guard") && !flags.has("Exit"));
    const id = (middle as NonNullable<typeof middle>).descriptor.identity;
    const link = await clock.until(rawLink(network, id, linkDeps(clock, random)));
    const end = await clock.until(rawCircuit(network, link, id));
    end.say({
      command: "BEGIN",
      streamId: 1 as never,
      target: echo,
      preference: { ipv6Allowed: true, ipv4Refused: false, ipv6Preferred: false },
    });
    await clock.settle();
    expect(end.heard).toEqual([{ command: "END", streamId: 1, reason: "exit-policy" }]);
  });
});

const enough = new TaborError("aborted", "here", "enough");

/** Sends all, ends, and takes what comes back until the end, or until the stream breaks. */
async function echoed(stream: Duplex, sent: Uint8Array): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const writing = stream.write(sent).then(() => {
    stream.end();
  });
  const reading = async (): Promise<void> => {
    for (let bytes = await stream.read(); bytes !== null; bytes = await stream.read()) chunks.push(bytes);
  };
  await Promise.allSettled([writing, reading()]);
  return join(chunks);
}

describe("streams of many circuits", () => {
  for (const oneSeed of pickSeeds(3, Math.random)) {
    it(
      withSeed(
        "never exchange a byte, whatever the order in which ciphers and links finish and others are cut",
        oneSeed,
      ),
      async () => {
        const random = new SeededRandom(oneSeed);
        const latencies = random.fork();
        const { clock, network } = await startNetwork(
          oneSeed,
          { guards: 2, middles: 2, exits: 2 },
          {
            channels: { latency: () => randomBelow(latencies, 8) },
            aead: (clock) => jitteryAead(nodeAead, clock, random.fork()),
          },
        );
        const clients = [network.client(), network.client()];
        const jobs = clients.flatMap((client, c) =>
          [0, 1, 2, 3, 4, 5].map(async (job) => {
            const key = 100 * c + job;
            const stream = await client.openStream(echo, { isolation: String(job % 2) });
            const sent = content(key, 1 + randomBelow(random, 120_000));
            const isCut = job % 3 === 2;
            if (isCut)
              clock.after(randomBelow(random, 100), () => {
                stream.abort(enough);
              });
            const received = await echoed(stream, sent);
            // Of a stream that is cut what came before is right as well.
            const expected = isCut ? sent.subarray(0, received.length) : sent;
            return Buffer.compare(received, expected);
          }),
        );
        expect(await clock.until(Promise.all(jobs))).toEqual(jobs.map(() => 0));
      },
    );
  }
});
