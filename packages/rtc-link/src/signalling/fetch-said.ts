import {
  bytesToBase64Url,
  compareBytes,
  type Consensus,
  type ConsensusContent,
  consensusDigest,
  decodeConsensus,
  decodeVote,
  documentDigest,
  type RelayId,
  type UnverifiedConsensus,
  verifyConsensus,
  type Vote,
} from "@tabor/onion-core";
import { CONSENSUS_PATH, MAX_CONSENSUS_LENGTH, MAX_VOTE_LENGTH, VOTE_PATH } from "@tabor/signal-protocol";
import { fetchBytes, type FetchDeps } from "./fetch-bytes.ts";

/** What the authorities say, with what it came from as far as the server has it: whoever is shown it can check all of it. */
export interface Said {
  readonly consensus: Consensus;
  /** The one that it names as the one before, undefined if the server no longer has it. */
  readonly before: ConsensusContent | undefined;
  /** Those of the votes that it was computed from which the server has. */
  readonly votes: readonly Vote[];
}

const DEADLINE = 30_000;

/**
 * Asks a directory for its consensus and what belongs to it (SPEC §9.1).
 * @param url the directory's origin. @throws as `verifyConsensus`, and unreachable, timeout.
 */
export async function fetchSaid(
  url: string,
  authorities: readonly RelayId[],
  deps: FetchDeps,
): Promise<Said> {
  const what = { what: "the consensus", most: MAX_CONSENSUS_LENGTH, deadline: DEADLINE };
  const bytes = await fetchBytes(new URL(CONSENSUS_PATH, url), what, deps);
  const consensus = await verifyConsensus(bytes, { authorities, now: deps.clock.now() });
  return { consensus, ...(await fetchBelonging(url, consensus, deps)) };
}

/** What the consensus names, checked by its digest. Never rejects: what is not there is left out. */
async function fetchBelonging(
  url: string,
  { previous, votes }: Pick<Consensus, "previous" | "votes">,
  deps: FetchDeps,
): Promise<Omit<Said, "consensus">> {
  const [before, ...found] = await Promise.all([
    fetchBefore(url, previous, deps).catch(() => undefined),
    ...votes.map(({ digest }) => fetchVote(url, digest, deps).catch(() => undefined)),
  ]);
  return { before: before?.content, votes: found.filter((vote) => vote !== undefined) };
}

async function fetchBefore(
  url: string,
  digest: Uint8Array,
  deps: FetchDeps,
): Promise<UnverifiedConsensus | undefined> {
  const what = { what: "the consensus before", most: MAX_CONSENSUS_LENGTH, deadline: DEADLINE };
  const bytes = await fetchBytes(below(url, CONSENSUS_PATH, digest), what, deps);
  const decoded = decodeConsensus(bytes);
  return compareBytes(await consensusDigest(decoded.body), digest) === 0 ? decoded : undefined;
}

async function fetchVote(url: string, digest: Uint8Array, deps: FetchDeps): Promise<Vote | undefined> {
  const what = { what: "a vote", most: MAX_VOTE_LENGTH, deadline: DEADLINE };
  const bytes = await fetchBytes(below(url, VOTE_PATH, digest), what, deps);
  return compareBytes(await documentDigest(bytes), digest) === 0 ? decodeVote(bytes) : undefined;
}

function below(url: string, path: string, digest: Uint8Array): URL {
  return new URL(`${path}/${bytesToBase64Url(digest)}`, url);
}
