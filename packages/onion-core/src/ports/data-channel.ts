/**
 * One open, ordered, reliable, binary data channel to a peer (SPEC §2.1), as WebRTC gives it. The core builds
 * links on it; `rtc-link` implements it over simple-peer, `testing` in memory. One contract suite describes both.
 */
export interface DataChannel {
  /** SHA-256 fingerprints (32 bytes each) of the two DTLS certificates, as found in the SDP. */
  readonly fingerprints: { readonly local: Uint8Array; readonly remote: Uint8Array };

  /**
   * Sends one message of 1…16384 bytes, which it has taken when it returns: the buffer may be used again.
   * Returns whether there is room for more: after `false`, wait for `drained`. Does nothing once closed.
   */
  send(message: Uint8Array): boolean;

  /** Sets the one receiver. Messages that arrived before are delivered first; none is delivered before this call. */
  receive(receiver: DataChannelReceiver): void;

  /** Closes both directions; `closed` follows, once. What was sent before is delivered if the peer still listens. */
  close(): void;
}

export interface DataChannelReceiver {
  message(bytes: Uint8Array): void;
  /** There is room again after `send` returned false. */
  drained(): void;
  /** Exactly once, whoever closed it; nothing follows. */
  closed(reason: string): void;
}

/** The longest message on a data channel: eight whole cells (SPEC §2.1). */
export const MAX_MESSAGE_LENGTH = 16_384;
