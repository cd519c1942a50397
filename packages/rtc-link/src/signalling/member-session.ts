/** A session in which a member shows its key, and draws tokens (SPEC §9.7). */
import type { TokenKey, TokenSession, TokenSource } from "@tabor/blind-tokens";
import {
  type Clock,
  type Consensus,
  type Random,
  type RelayId,
  relayId,
  TaborError,
  type TokenIssuer,
} from "@tabor/onion-core";
import { type AdmissionMode, BLINDED_LENGTH, type Challenge } from "@tabor/signal-protocol";
import { ConsensusKeeper } from "./consensus-keeper.ts";
import { within } from "./deadline.ts";
import { type DirectoryConnection, type DirectorySocket, openConnection } from "./directory-connection.ts";
import type { MemberCredential } from "./membership.ts";
import { sessionKey } from "./session-key.ts";

export interface MemberSessionOptions {
  readonly openSocket: () => DirectorySocket;
  readonly member: MemberCredential;
  readonly authorities: readonly RelayId[];
  readonly clock: Clock;
  readonly random: Random;
}

/** Milliseconds. */
const CONSENSUS_DEADLINE = 10_000;

/** Each is a connection of its own, which ends with the draw: so the session that signals is another one, and nobody's. */
export function memberSessions(options: MemberSessionOptions): TokenSource {
  return { open: () => openSession(options) };
}

/**
 * Shows the member's key to a directory, with an invitation that registers it, and leaves. An open network is shown neither.
 * @returns whom the network lets in. @throws not-a-member for a key that is not registered and an invitation that is unknown, used or
 * over; what joining fails with.
 */
export async function showMember({
  openSocket,
  member,
  ...options
}: MemberSessionOptions): Promise<AdmissionMode> {
  const socket = openSocket();
  let admission: AdmissionMode = "open";
  await openConnection({
    ...{ ...options, socket, authenticating: () => undefined, signalled: () => undefined },
    joiner: async (challenge: Challenge) => {
      ({ admission } = challenge);
      if (admission === "open") return { role: "client", key: await sessionKey() };
      return { role: "member", key: await member.key(), invite: member.invite };
    },
    consensus: () => undefined,
  });
  socket.disconnect();
  return admission;
}

async function openSession({ openSocket, member, ...options }: MemberSessionOptions): Promise<TokenSession> {
  const { authorities, clock } = options;
  const socket = openSocket();
  const keeper = new ConsensusKeeper(authorities, clock);
  let directory: RelayId | undefined;
  try {
    const { connection, lost } = await openConnection({
      ...{ ...options, socket, authenticating: () => undefined, signalled: () => undefined },
      joiner: async (challenge: Challenge) => {
        directory = relayId(challenge.directory);
        return { role: "member", key: await member.key(), invite: member.invite };
      },
      consensus: (message) => {
        keeper.offer(socket, message, () => undefined);
      },
    });
    const ended = lost.then((reason) => Promise.reject(reason));
    const consensus = await within(Promise.race([firstOf(keeper), ended]), {
      ...{ clock, ms: CONSENSUS_DEADLINE, where: "directory" },
      what: "a consensus to draw tokens by",
    });
    return {
      issuer: issuerOf(consensus, directory),
      draw: drawOver(connection),
      close: () => socket.disconnect(),
    };
  } catch (error) {
    socket.disconnect();
    throw error;
  }
}

function firstOf(keeper: ConsensusKeeper): Promise<Consensus> {
  return new Promise((resolve) => {
    if (keeper.current) resolve(keeper.current);
    else keeper.subscribe(resolve);
  });
}

/** The newest of this directory's own: no other signs here. Everybody sees in the consensus which that is, so that none is a member's own. */
function issuerOf({ issuers }: Consensus, directory: RelayId | undefined): TokenIssuer {
  const issuer = issuers.filter(({ authority }) => authority === directory).at(-1);
  if (issuer !== undefined) return issuer;
  throw new TaborError("expired", "directory", "the consensus announces no issuer of this directory");
}

function drawOver(connection: DirectoryConnection): TokenSession["draw"] {
  return async ({ id }: TokenKey, blinded) => {
    const all = new Uint8Array(blinded.length * BLINDED_LENGTH);
    for (const [i, one] of blinded.entries()) all.set(one, i * BLINDED_LENGTH);
    const signatures = await connection.draw({ key: Uint8Array.from(id), blinded: all });
    return blinded.map((_, i) => signatures.subarray(i * BLINDED_LENGTH, (i + 1) * BLINDED_LENGTH));
  };
}
