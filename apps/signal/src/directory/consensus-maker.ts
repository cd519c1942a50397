import {
  buildConsensus,
  type Clock,
  type JoinedRelay,
  signConsensus,
  type SigningKey,
  type UnsignedConsensus,
} from "@tabor/onion-core";

/**
 * This directory's only authority: signs one consensus after another, each naming its predecessor (SPEC §8.2). Calls
 * must not overlap.
 */
export function consensusMaker(
  authority: SigningKey,
  clock: Clock,
): (relays: readonly JoinedRelay[]) => Promise<Uint8Array> {
  let predecessor: UnsignedConsensus | undefined;
  return async (relays) => {
    const consensus = await buildConsensus({
      authority: authority.id,
      relays,
      predecessor,
      now: clock.now(),
    });
    predecessor = consensus;
    return signConsensus(consensus.body, [authority]);
  };
}
