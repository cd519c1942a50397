import { type Clock, TaborError } from "@tabor/onion-core";
import type SimplePeer from "simple-peer";
import { createPeer } from "./peer.ts";
import { PeerChannel } from "./peer-channel.ts";
import type { RtcPlatform } from "./platform.ts";
import { linkRoute, relayAddresses, type RoutedChannel } from "./link-route.ts";
import { certificateFingerprint, checkSessionDescription } from "./session-description.ts";
import { within } from "../signalling/deadline.ts";

/** Milliseconds from the start of an attempt to the open channel, signalling included. */
const CONNECT_DEADLINE_MS = 20_000;

export interface ConnectOptions {
  readonly platform: RtcPlatform;
  readonly clock: Clock;
  /** Withdraws the attempt; an open channel is no longer concerned. */
  readonly signal?: AbortSignal | undefined;
}

interface RemoteDescription {
  readonly type: "offer" | "answer";
  readonly sdp: string;
}

/** One peer on its way to an open channel. Whatever fails on the way takes it down. */
export class Attempt {
  /** Our description, with all candidates. */
  readonly localDescription: Promise<string>;
  readonly opened: Promise<RoutedChannel>;
  readonly #options: ConnectOptions;
  readonly #peer: SimplePeer.Instance;
  readonly #failed: Promise<never>;
  readonly #began: number;
  #local: string | undefined;
  #remote: string | undefined;
  #rtcChannel: RTCDataChannel | undefined;
  #connection: RTCPeerConnection | undefined;
  #channel: PeerChannel | undefined;

  constructor(options: ConnectOptions, role: "initiator" | "responder") {
    this.#options = options;
    this.#began = options.clock.monotonic();
    this.#peer = createPeer({
      platform: options.platform,
      initiator: role === "initiator",
      onChannel: (channel, connection) => {
        this.#rtcChannel = channel;
        this.#connection = connection;
        this.#wrap();
      },
    });
    this.localDescription = new Promise((resolve) => {
      this.#peer.on("signal", (signal) => {
        if (signal.type !== "offer" && signal.type !== "answer") return;
        this.#local = signal.sdp;
        resolve(signal.sdp ?? "");
      });
    });
    this.opened = this.#whenOpen();
    this.#failed = this.#whenFailed();
  }

  /** @throws malformed, or closed when the attempt has failed meanwhile. */
  accept({ type, sdp }: RemoteDescription): void {
    checkSessionDescription(sdp);
    if (this.#peer.destroyed) throw new TaborError("closed", "link", "the attempt to connect has ended");
    this.#remote = sdp;
    this.#wrap();
    this.#peer.signal({ type, sdp });
  }

  /** Has ICE try these addresses of the peer. One that it does not understand ends the attempt. */
  tryCandidates(candidates: readonly string[]): void {
    for (const candidate of candidates) {
      if (this.#peer.destroyed) return;
      try {
        this.#peer.signal(JSON.stringify({ candidate: { candidate, sdpMLineIndex: 0 } }));
      } catch (thrown) {
        this.#peer.destroy(thrown instanceof Error ? thrown : new Error("candidate not understood"));
      }
    }
  }

  /** Waits for a step of the attempt. @throws unreachable, malformed, timeout, aborted, or what the step throws. */
  async until<T>(what: string, step: () => Promise<T>): Promise<T> {
    const { clock, signal } = this.#options;
    const ms = Math.max(0, this.#began + CONNECT_DEADLINE_MS - clock.monotonic());
    const work = (async () => Promise.race([step(), this.#failed]))();
    try {
      return await within(work, { clock, ms, where: "link", what, signal });
    } catch (thrown) {
      this.#peer.destroy();
      throw thrown;
    }
  }

  /** Takes the channel over, before it can carry a message: fingerprints are known by then. */
  #wrap(): void {
    if (this.#rtcChannel === undefined || this.#local === undefined || this.#remote === undefined) return;
    const fingerprints = {
      local: certificateFingerprint(this.#local),
      remote: certificateFingerprint(this.#remote),
    };
    const { clock } = this.#options;
    const [connection, relayed] = [this.#connection, relayAddresses(this.#remote)];
    const route = () => connection && linkRoute(connection, relayed);
    this.#channel = new PeerChannel({
      ...{ peer: this.#peer, channel: this.#rtcChannel, fingerprints, clock, route },
    });
  }

  #whenOpen(): Promise<RoutedChannel> {
    return new Promise((resolve, reject) => {
      this.#peer.once("connect", () => {
        if (this.#channel !== undefined) resolve(this.#channel);
        else reject(new TaborError("protocol", "link", "connected before we had answered"));
      });
    });
  }

  #whenFailed(): Promise<never> {
    const failed = new Promise<never>((_resolve, reject) => {
      this.#peer.on("error", (error) => {
        reject(unreachable(error));
      });
      this.#peer.once("close", () => {
        reject(new TaborError("unreachable", "link", "the peer closed the connection before it was open"));
      });
    });
    // It may fail when nobody waits any more.
    failed.catch(() => undefined);
    return failed;
  }
}

function unreachable(cause: Error): TaborError {
  return new TaborError("unreachable", "link", "no connection to the peer could be made", { cause });
}
