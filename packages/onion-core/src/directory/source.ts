import type { Consensus } from "./consensus.ts";
import type { RelayEntry } from "./consensus.ts";
import type { Cancel } from "../ports/clock.ts";
import type { DataChannel } from "../ports/data-channel.ts";

/** Where clients and relays get the network from; the signalling client implements it. */
export interface DirectorySource {
  /** The newest consensus that was verified, if any. */
  readonly current: Consensus | undefined;
  /** Calls `listener` with each newer one. */
  subscribe(listener: (consensus: Consensus) => void): Cancel;
}

/**
 * Brings a sealed offer to a relay. @returns what the relay replied, which nobody has looked at.
 * @throws unreachable, timeout, resource-limit or aborted.
 */
export type CarryOffer = (relay: RelayEntry, offer: Uint8Array, signal: AbortSignal) => Promise<Uint8Array>;

/** Answers a sealed offer that came through the mesh. @returns the sealed reply. @throws if there is none. */
export type AnswerOffer = (offer: Uint8Array) => Promise<Uint8Array>;

/** Opens data channels to relays by their identity and signal key; the signalling client implements it. */
export interface ChannelDialer {
  /**
   * @param carry what takes the offer there; the broker unless given.
   * @returns an open data channel to whoever answered for `relay`: the link handshake (SPEC §2.2) has still to prove
   * who that is.
   * @throws unreachable, timeout, resource-limit ("busy") or aborted.
   */
  dial(relay: RelayEntry, signal: AbortSignal, carry?: CarryOffer): Promise<DataChannel>;
}
