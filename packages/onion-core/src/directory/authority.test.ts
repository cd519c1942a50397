/** Several authorities on virtual time: what a minority of liars can do to the honest, and to those who believe them. */
import { describe, expect, test } from "vitest";
import { bytesToBase64Url } from "../bytes/base64url.ts";
import type { SigningKey } from "../crypto/ed25519.ts";
import { shortId, type RelayId } from "../crypto/ids.ts";
import { silentLog, type Log, type LogFields } from "../ports/log.ts";
import { randomBelow } from "../ports/random.ts";
import { testRelay, type TestRelay } from "../testing/directory-fixtures.ts";
import {
  freshKeys,
  honestAuthority,
  MemoryAuthorities,
  type HonestAuthority,
} from "../testing/memory-authorities.ts";
import { pickSeeds, SeededRandom, withSeed } from "../testing/seeded-random.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { decodeAuthorityMessage, encodeSignatureMessage, encodeVoteMessage } from "./authority-message.ts";
import { periodLength } from "./authority.ts";
import { castVote } from "./cast-vote.ts";
import { decodeConsensus, encodeConsensus, encodeConsensusBody } from "./consensus-codec.ts";
import { consensusDigest, signDetached, verifyConsensus } from "./consensus-signatures.ts";
import type { Consensus, RelayFlag } from "./consensus.ts";
import { documentDigest } from "./digest.ts";
import { encodeVote, voteStatement, type Vote } from "./vote.ts";

const ROUND = 1000;
const PERIOD = periodLength(5, ROUND);
const START = Math.ceil(1_800_000_000_000 / PERIOD) * PERIOD - 10;
/** All of them with TABOR_AUTHORITY_RUNS=1000; a failed run's name shows its seed, and TABOR_SEED runs it again. */
const RUNS = Number(process.env["TABOR_AUTHORITY_RUNS"] ?? 60);
const AGAIN = (process.env["TABOR_SEED"] ?? "").split(",").filter(Boolean).map(Number);

/** What takes long is made once: keys and relays are the same in all runs. */
const KEYS = await freshKeys(5);
const IDS = KEYS.map(({ id }) => id);
const RELAYS: readonly [TestRelay, TestRelay, TestRelay] = await Promise.all([
  testRelay(),
  testRelay({ policy4: "accept 80,443" }),
  testRelay({ platform: "tab", capacity: 300 }),
]);

interface World {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly network: MemoryAuthorities;
  readonly honest: readonly HonestAuthority[];
}

function world(seed: number, honestKeys: readonly SigningKey[]): World {
  const clock = new VirtualClock(START);
  const random = new SeededRandom(seed);
  const network = new MemoryAuthorities(clock, random.fork(), ROUND);
  const honest = honestKeys.map((key) =>
    honestAuthority(network, { key, authorities: IDS, roundMs: ROUND, clock, relays: () => RELAYS }),
  );
  return { clock, random, network, honest };
}

/** What a client makes of a consensus that somebody shows it. */
function believe(bytes: Uint8Array, clock: VirtualClock, newest?: Consensus): Promise<Consensus> {
  return verifyConsensus(bytes, { authorities: IDS, now: clock.now(), newest });
}

/** A vote with what its voter would like to see: everyone a BadExit, and itself a guard of weight. */
function forged(key: SigningKey, validAfter: number, random: SeededRandom): Vote {
  const vote = castVote({
    ...{ authority: key.id, relays: RELAYS, previous: new Uint8Array(32), validAfter, now: validAfter },
  });
  const flags: readonly RelayFlag[] = randomBelow(random, 2) ? ["BadExit"] : ["Running", "Guard"];
  const weight = randomBelow(random, 1_000_000);
  const relays = vote.relays.map((relay) => ({ ...relay, flags: new Set(flags), weight }));
  return { ...vote, relays: relays.slice(randomBelow(random, 2)) };
}

/** Says different things to different authorities, at any time, and passes on what it likes to whom it likes. */
class Byzantine {
  readonly consensuses: Uint8Array[] = [];

  constructor(
    readonly key: SigningKey,
    readonly world: World,
    readonly votes: number,
  ) {
    world.network.ends.set(key.id, {
      receive: (message) => void this.#passOn(message),
      relays: [],
      consensus: undefined,
    });
  }

  async act(validAfter: number): Promise<void> {
    const { random, clock } = this.world;
    for (let n = 0; n < this.votes; n++) {
      const voteBytes = encodeVote(forged(this.key, validAfter, random));
      const message = encodeVoteMessage(voteBytes, [
        await this.#signVote(this.key.id, validAfter, voteBytes),
      ]);
      if (this.votes === 1) this.#send(message, IDS);
      else clock.after(randomBelow(random, 4 * ROUND), () => this.#send(message, this.#some()));
    }
  }

  /** A consensus of its own, with its signature and those of its friends, shown to authorities and clients. */
  async forge(honest: Uint8Array, friends: readonly SigningKey[]): Promise<void> {
    const { content } = decodeConsensus(honest);
    const weight = randomBelow(this.world.random, 1_000_000);
    const relays = content.relays.map((relay) => ({
      ...relay,
      flags: new Set<RelayFlag>(["Running"]),
      weight,
    }));
    const body = encodeConsensusBody({ ...content, relays });
    const name = { validAfter: content.validAfter, digest: await consensusDigest(body) };
    const signatures = await Promise.all([this.key, ...friends].map((key) => signDetached(name, key)));
    this.consensuses.push(encodeConsensus(body, signatures));
    for (const signature of signatures) this.#send(encodeSignatureMessage(name, signature), IDS);
  }

  async #passOn(bytes: Uint8Array): Promise<void> {
    const message = decodeAuthorityMessage(bytes);
    const { random } = this.world;
    if (message.kind !== "vote" || randomBelow(random, 2)) return;
    const { vote, voteBytes, signatures } = message;
    const own = await this.#signVote(vote.authority, vote.validAfter, voteBytes);
    const others = signatures.filter(({ authority }) => bytesToBase64Url(authority) !== this.key.id);
    this.#send(encodeVoteMessage(voteBytes, [...others, own]), this.#some());
  }

  async #signVote(authority: RelayId, validAfter: number, voteBytes: Uint8Array) {
    const digest = await documentDigest(voteBytes);
    const signature = await this.key.sign(voteStatement({ authority, validAfter, digest }));
    return { authority: this.key.publicKey, signature };
  }

  #send(message: Uint8Array, to: readonly RelayId[]): void {
    for (const id of to) if (id !== this.key.id) this.world.network.send(id, message);
  }

  #some(): readonly RelayId[] {
    return IDS.filter(() => randomBelow(this.world.random, 2) === 1);
  }
}

function digestsOf(authorities: readonly HonestAuthority[]): Promise<ReadonlySet<string>> {
  const bodies = authorities.flatMap(({ published }) =>
    published.map((bytes) => decodeConsensus(bytes).body),
  );
  return Promise.all(bodies.map(async (body) => bytesToBase64Url(await consensusDigest(body)))).then(
    (digests) => new Set(digests),
  );
}

const flagsOf = (consensus: Consensus, relay: TestRelay): readonly RelayFlag[] => [
  ...(consensus.relaysById.get(relay.descriptor.identity)?.flags ?? []),
];

describe("five authorities", () => {
  test("that are well publish one consensus in each period, and each names the one before", async () => {
    const { clock, honest } = world(1, KEYS);
    await clock.advance(2 * PERIOD);
    expect((await digestsOf(honest)).size).toBe(2);
    for (const { published, reports } of honest) {
      const [first, second] = await Promise.all(published.map((bytes) => believe(bytes, clock)));
      expect(first?.signers).toEqual(IDS);
      expect(second?.previous).toEqual(first?.digest);
      expect(second?.votes.map(({ authority }) => authority)).toEqual(IDS);
      expect(flagsOf(first as Consensus, RELAYS[1])).toEqual(["Running", "Valid", "Exit", "Stable", "Fast"]);
      expect(reports).toMatchObject([
        { outcome: "published", faults: [] },
        { outcome: "published", faults: [] },
      ]);
    }
    for (const { authority } of honest) authority.close();
  });

  test("of whom two are silent go on, and name them", async () => {
    const { clock, honest } = world(2, KEYS.slice(0, 3));
    await clock.advance(PERIOD);
    expect((await digestsOf(honest)).size).toBe(1);
    const [gone, away] = IDS.slice(3);
    for (const { reports } of honest) {
      expect(reports).toMatchObject([
        { faults: [gone, away].map((authority) => ({ authority, fault: "silent" })) },
      ]);
    }
  });

  test("of whom one starts late has it the consensus of the others, and its vote in the next", async () => {
    const { clock, network } = world(3, KEYS.slice(0, 4));
    await clock.advance(PERIOD);
    const [key] = KEYS.slice(4) as [SigningKey];
    const late = honestAuthority(network, {
      ...{ key, authorities: IDS, roundMs: ROUND, clock, relays: () => RELAYS },
    });
    await clock.settle();
    expect(late.published).toHaveLength(1);
    await clock.advance(PERIOD);
    const newest = await believe(late.published.at(-1) ?? new Uint8Array(), clock);
    expect(newest.signers).toEqual(IDS);
  });

  test("of whom one lacks a descriptor ask each other for it", async () => {
    const clock = new VirtualClock(START);
    const network = new MemoryAuthorities(clock, new SeededRandom(4), ROUND);
    const honest = KEYS.map((key, i) =>
      honestAuthority(network, {
        ...{ key, authorities: IDS, roundMs: ROUND, clock },
        relays: () => (i < 3 ? RELAYS : RELAYS.slice(1)),
      }),
    );
    await clock.advance(PERIOD);
    expect((await digestsOf(honest)).size).toBe(1);
    const consensus = await believe(honest[4]?.published[0] ?? new Uint8Array(), clock);
    expect(consensus.relays).toHaveLength(3);
    expect(consensus.signers).toEqual(IDS);
  });
});

describe("one of five signs two consensuses for one period", () => {
  test("it is named by all others, out-voted, and stops nothing", async () => {
    const { clock, network, honest } = world(5, KEYS);
    const [liar] = KEYS.slice(4) as [SigningKey];
    await clock.advance(10);
    const name = { validAfter: clock.now(), digest: new Uint8Array(32).fill(9) };
    const other = encodeSignatureMessage(name, await signDetached(name, liar));
    for (const id of IDS.slice(0, 4)) network.send(id, other);
    await clock.advance(PERIOD - 20);
    expect((await digestsOf(honest)).size).toBe(1);
    for (const { published, reports } of honest.slice(0, 4)) {
      const consensus = await believe(published.at(-1) ?? new Uint8Array(), clock);
      expect(consensus.signers).toEqual(expect.arrayContaining(IDS.slice(0, 4)));
      expect(reports).toMatchObject([
        { outcome: "published", faults: [{ authority: liar.id, fault: "two consensuses" }] },
      ]);
    }
    for (const { authority } of honest) authority.close();
  });

  test("a fault is told in the log when it begins and when it ends, by name", async () => {
    const { clock, network } = world(6, KEYS.slice(0, 3));
    const lines: string[] = [];
    const tell = (level: string) => (message: string, fields?: LogFields) => {
      lines.push(
        `${level} ${message} ${String(fields?.["fault"] ?? "")} ${String(fields?.["authority"] ?? "")}`,
      );
    };
    const log: Log = { ...silentLog, warn: tell("warn"), info: tell("info"), scoped: () => log };
    const [key, away] = KEYS.slice(3) as [SigningKey, SigningKey];
    const common = { authorities: IDS, roundMs: ROUND, clock, relays: () => RELAYS };
    honestAuthority(network, { ...common, key, log });
    await clock.advance(3 * PERIOD);
    expect(lines).toEqual([`warn an authority is at fault silent ${away.id}`]);
    honestAuthority(network, { ...common, key: away });
    await clock.advance(2 * PERIOD);
    expect(lines.slice(1)).toEqual([`info an authority is well again  ${away.id}`]);
  });
});

describe("two of five lie: one votes twice, one forges flags", () => {
  test.each(seeds("all clients have the honest consensus", 2))("%s", async (_, seed) => {
    const [equivocator, forger, ...honestKeys] = shuffled(seed);
    const here = world(seed, honestKeys);
    const { clock, honest, random } = here;
    const liars = [
      new Byzantine(equivocator, here, 2 + randomBelow(random, 2)),
      new Byzantine(forger, here, 1),
    ];
    await clock.advance(10);
    await Promise.all(liars.map((liar) => liar.act(clock.now())));
    await clock.advance(PERIOD - 20);
    const [bytes] = honest.flatMap(({ published }) => published);
    if (bytes === undefined) throw new Error("nothing was published");
    expect((await digestsOf(honest)).size).toBe(1);
    const consensus = await believe(bytes, clock);
    expect(consensus.signers).toEqual(expect.arrayContaining(honestKeys.map(({ id }) => id)));
    for (const relay of RELAYS) expect(flagsOf(consensus, relay)).not.toContain("BadExit");
    expect(flagsOf(consensus, RELAYS[0])).toContain("Guard");
    expect(consensus.relaysById.get(RELAYS[2].descriptor.identity)?.weight).toBe(300);
    for (const { reports } of honest) expect(faultsIn(reports)).toContain(equivocator.id);

    for (const liar of liars) await liar.forge(bytes, liar.key === forger ? [equivocator] : []);
    for (const forgery of liars.flatMap(({ consensuses }) => consensuses)) {
      await expect(believe(forgery, clock)).rejects.toThrow("signed by");
    }
    for (const { authority } of honest) authority.close();
  });
});

describe("three of five lie", () => {
  test.each(seeds("clients refuse, and say who signed", 3))("%s", async (_, seed) => {
    const [a, b, c, ...honestKeys] = shuffled(seed);
    const here = world(seed, honestKeys);
    const { clock, honest } = here;
    const liars = [new Byzantine(a, here, 2), new Byzantine(b, here, 1), new Byzantine(c, here, 1)];
    await clock.advance(10);
    await Promise.all(liars.map((liar) => liar.act(clock.now())));
    await clock.advance(PERIOD - 20);
    expect(honest.flatMap(({ published }) => published)).toEqual([]);
    for (const { reports } of honest) expect(reports).toMatchObject([{ outcome: "failed" }]);

    const alone = encodeConsensusBody({ ...EMPTY, validAfter: clock.now() });
    const name = { validAfter: clock.now(), digest: await consensusDigest(alone) };
    const two = await Promise.all(honestKeys.map((key) => signDetached(name, key)));
    const bytes = encodeConsensus(alone, two);
    for (const liar of liars) await liar.forge(bytes, liar.key === a ? [b] : []);
    for (const shown of [bytes, ...liars.flatMap(({ consensuses }) => consensuses)]) {
      const why = await believe(shown, clock).then(String, String);
      const missing = IDS.filter((id) => !signersOf(shown).includes(id));
      expect(why).toContain(`signed by ${String(signersOf(shown).length)} of 5 authorities`);
      expect(why).toContain(`not signed: ${missing.map(shortId).sort().join(", ")}`);
    }
    for (const { authority } of honest) authority.close();
  });
});

const EMPTY = {
  freshUntil: START + 100_000,
  validUntil: START + 600_000,
  previous: new Uint8Array(32),
  weights: { Wgg: 0, Wgd: 0, Wmg: 0, Wmd: 0, Wme: 0, Wee: 0, Wed: 0 },
  votes: [],
  issuers: [],
  relays: [],
};

function signersOf(bytes: Uint8Array): readonly string[] {
  return decodeConsensus(bytes).signatures.map(({ authority }) => bytesToBase64Url(authority));
}

function faultsIn(reports: HonestAuthority["reports"]): readonly RelayId[] {
  return reports.flatMap(({ faults }) => faults.map(({ authority }) => authority));
}

function shuffled(seed: number): [SigningKey, SigningKey, SigningKey, ...SigningKey[]] {
  const random = new SeededRandom(seed ^ 0x5a5a);
  const order = KEYS.map((key) => ({ key, at: randomBelow(random, 1 << 30) })).sort((x, y) => x.at - y.at);
  return order.map(({ key }) => key) as [SigningKey, SigningKey, SigningKey, ...SigningKey[]];
}

/** A thousand runs: five hundred of each kind, or as many as are asked for. */
function seeds(name: string, liars: number): [string, number][] {
  const count = Math.ceil(RUNS / 2);
  return pickSeeds(count, Math.random, AGAIN).map((seed) => [
    withSeed(`${name} (${String(liars)})`, seed),
    seed,
  ]);
}
