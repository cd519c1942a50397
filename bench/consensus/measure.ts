/**
 * What a large consensus costs: its size and that of its difference to the next one, compressed, and how long a client
 * verifies either. `node --import tsx bench/consensus/measure.ts [RELAYS] [CHURN in percent]`
 */
import { deflateRawSync } from "node:zlib";
import {
  buildConsensus,
  consensusDigest,
  encodeConsensusDiff,
  generateSigningKey,
  type JoinedRelay,
  signConsensus,
  verifyConsensus,
  verifyConsensusDiff,
} from "@tabor/onion-core";
import { relay } from "./relay.ts";
import { decodeConsensus } from "../../packages/onion-core/src/directory/consensus-codec.ts";

const [count = 100_000, churn = 5] = process.argv.slice(2).map(Number);
const now = Date.now();
const keys = await Promise.all(Array.from({ length: 5 }, async () => (await generateSigningKey()).key));
const authorities = keys.map(({ id }) => id);
const fresh = Math.round((count * churn) / 100);

const relays: JoinedRelay[] = [];
for (let n = 0; n < count + fresh; n++) relays.push(await relay(n, now));
const before = await signed(relays.slice(0, count), now - 1000);
const after = await signed(relays.slice(fresh), now);
const trust = { authorities, now };

const [base, wholeMs] = await timed(() => verifyConsensus(before, trust));
const { body, content, signatures } = decodeConsensus(after);
const result = { content, signatures, digest: await consensusDigest(body) };
const difference = encodeConsensusDiff({ content: base, digest: base.digest }, result);
const [reached, differenceMs] = await timed(() => verifyConsensusDiff(difference, base, trust));
if (Buffer.compare(reached.digest, result.digest) !== 0) throw new Error("the difference leads elsewhere");
const [whole, less] = [after, difference].map((bytes) => deflateRawSync(bytes).length) as [number, number];

console.table({
  relays: count,
  "churn, %": churn,
  "whole, bytes": after.length,
  "whole, compressed, bytes": whole,
  "difference, bytes": difference.length,
  "difference, compressed, bytes": less,
  "difference ÷ whole, both compressed, %": ((100 * less) / whole).toFixed(2),
  "verifying the whole, ms": Math.round(wholeMs),
  "verifying the difference, ms": Math.round(differenceMs),
});

async function signed(listed: readonly JoinedRelay[], at: number): Promise<Uint8Array> {
  const unsigned = await buildConsensus({ authority: authorities[0] ?? failed(), relays: listed, now: at });
  return signConsensus(unsigned.body, keys);
}

async function timed<T>(run: () => Promise<T>): Promise<[T, number]> {
  const began = performance.now();
  return [await run(), performance.now() - began];
}

function failed(): never {
  throw new Error("there is no authority");
}
