/** What a network of so many relays costs a client that only stays informed. */
import { deflateRawSync } from "node:zlib";
import {
  buildConsensus,
  consensusDigest,
  encodeConsensusDiff,
  generateSigningKey,
  type JoinedRelay,
  signConsensus,
  type SigningKey,
  verifyConsensus,
  verifyConsensusDiff,
} from "@tabor/onion-core";
import { decodeConsensus } from "../../packages/onion-core/src/directory/consensus-codec.ts";
import { relay } from "../consensus/relay.ts";
import { type Figure, figure } from "../lib/figures.ts";
import { median } from "../lib/stats.ts";

const MIB = 1_048_576;
/** An authority that is alone makes a consensus every 90 s, and one for each change, but none within a second (SPEC §8.2). */
const REFRESHES_PER_HOUR = 40;
const MOST_PER_HOUR = 3600;
/** Of volunteers' tabs, half were gone after about 20 hours (Snowflake): so much of the network leaves, and comes, in an hour. */
const TURNOVER = Math.LN2 / 20;
const ROUNDS = 5;

interface Update {
  readonly bytes: number;
  readonly cpuMs: number;
}

export async function clientCostFigures(relays: number): Promise<Figure[]> {
  const name = `scale.relays${String(relays)}`;
  const { key } = await generateSigningKey();
  const now = Date.now();
  const all: JoinedRelay[] = [];
  for (let n = 0; n <= relays; n++) all.push(await relay(n, now));
  const [base, left] = [all.slice(1), all.slice(2)];
  const whole = await signed(base, now - 1000, key);
  const refresh = await costOf(whole, await signed(base, now, key), key, now);
  // Half of all changes is somebody who leaves; the other is dearer: a descriptor to send and to check.
  const leave = await costOf(whole, await signed(left, now, key), key, now);
  const come = await costOf(await signed(left, now - 1000, key), await signed(base, now, key), key, now);
  const [comes, leaves] = [relays * TURNOVER, relays * TURNOVER];
  const updates = REFRESHES_PER_HOUR + comes + leaves;
  const share = Math.min(1, MOST_PER_HOUR / updates);
  const hour = (of: (update: Update) => number): number =>
    share * (REFRESHES_PER_HOUR * of(refresh) + comes * of(come) + leaves * of(leave));
  return [
    figure(
      `${name}.whole.kib`,
      whole.length / 1024,
      "KiB",
      `the consensus of ${String(relays)} relays, once`,
    ),
    figure(`${name}.refresh.bytes`, refresh.bytes, "B", "the next one, when nothing has changed"),
    figure(`${name}.leave.bytes`, leave.bytes, "B", "the next one, when a relay has left"),
    figure(`${name}.come.bytes`, come.bytes, "B", "the next one, when a relay has come"),
    figure(`${name}.update.cpu.ms`, come.cpuMs, "ms", "to apply and verify that"),
    figure(`${name}.hour.mib`, hour(({ bytes }) => bytes) / MIB, "MiB/h", "received in an hour"),
    figure(`${name}.hour.cpu.seconds`, hour(({ cpuMs }) => cpuMs) / 1000, "s/h", "processor time for it"),
  ];
}

async function costOf(before: Uint8Array, after: Uint8Array, key: SigningKey, now: number): Promise<Update> {
  const trust = { authorities: [key.id], now };
  const base = await verifyConsensus(before, trust);
  const { body, content, signatures } = decodeConsensus(after);
  const result = { content, signatures, digest: await consensusDigest(body) };
  const difference = encodeConsensusDiff({ content: base, digest: base.digest }, result);
  const cpuMs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const began = process.cpuUsage();
    await verifyConsensusDiff(difference, base, trust);
    const { user, system } = process.cpuUsage(began);
    cpuMs.push((user + system) / 1000);
  }
  return { bytes: deflateRawSync(difference).length, cpuMs: median(cpuMs) };
}

async function signed(relays: readonly JoinedRelay[], now: number, key: SigningKey): Promise<Uint8Array> {
  const { body } = await buildConsensus({ authority: key.id, relays, now });
  return signConsensus(body, [key]);
}
