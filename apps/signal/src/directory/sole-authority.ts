import {
  buildConsensus,
  type Clock,
  type IssuerKey,
  type Log,
  signConsensus,
  type SigningKey,
  type UnsignedConsensus,
} from "@tabor/onion-core";
import { ConsensusPublisher } from "./consensus-publisher.ts";
import type { StartConsensuses } from "./consensus-source.ts";

export interface SoleAuthorityOptions {
  /** Its own for tokens now, by time; none in a network that is open. */
  readonly issuers?: () => readonly IssuerKey[];
  readonly clock: Clock;
  readonly log: Log;
}

/** A network's only authority: signs one consensus after another by itself, each naming its predecessor (SPEC §8.2). */
export function soleAuthority(
  authority: SigningKey,
  { issuers, clock, log }: SoleAuthorityOptions,
): StartConsensuses {
  return (host) => {
    let predecessor: UnsignedConsensus | undefined;
    return new ConsensusPublisher({
      make: async () => {
        const consensus = await buildConsensus({
          ...{ authority: authority.id, relays: host.relays(), issuers: issuers?.() },
          ...{ predecessor, now: clock.now() },
        });
        predecessor = consensus;
        return { bytes: await signConsensus(consensus.body, [authority]), votes: [consensus.voteBytes] };
      },
      publish: (consensus) => {
        host.publish(consensus);
      },
      ...{ clock, log },
    });
  };
}
