import {
  buildConsensus,
  type Clock,
  type IssuerKey,
  type Log,
  signConsensus,
  type SigningKey,
} from "@tabor/onion-core";
import { ConsensusPublisher } from "./consensus-publisher.ts";
import type { StartConsensuses } from "./consensus-source.ts";

export interface SoleAuthorityOptions {
  /** Its own for tokens now, by time; none in a network that is open. */
  readonly issuers?: () => readonly IssuerKey[];
  /** A consensus's valid-after for the time that it is; the time itself unless it is given. */
  readonly timeOf?: ((now: number) => number) | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** A network's only authority: signs one consensus after another by itself, each naming its predecessor (SPEC §8.2). */
export function soleAuthority(
  authority: SigningKey,
  { issuers, timeOf = (now) => now, clock, log }: SoleAuthorityOptions,
): StartConsensuses {
  return (host) => {
    return new ConsensusPublisher({
      make: async () => {
        const relays = host.relays();
        // Whom a consensus lists, no restart may lose.
        await host.settled();
        const consensus = await buildConsensus({
          ...{ authority: authority.id, relays, issuers: issuers?.() },
          ...{ predecessor: host.newest(), now: timeOf(clock.now()) },
        });
        return { bytes: await signConsensus(consensus.body, [authority]), votes: [consensus.voteBytes] };
      },
      publish: (consensus) => {
        host.publish(consensus);
      },
      ...{ clock, log },
    });
  };
}
