import type { Cancel, Clock, DataChannel } from "@tabor/onion-core";
import type { IncomingSignal, PeerAddress } from "@tabor/signal-protocol";
import { connectAsInitiator, connectAsResponder } from "../transport/connect.ts";
import type { RoutedChannel } from "../transport/link-route.ts";
import type { RtcPlatform } from "../transport/platform.ts";

/** What carries blobs between peers; the `DirectoryClient`. */
export interface Broker {
  /** @throws unreachable if nobody has the address, closed while not joined, resource-limit, timeout. */
  signal(to: PeerAddress, blob: Uint8Array): Promise<void>;
  onSignal(listener: (signal: IncomingSignal) => void): Cancel;
}

/** Makes data channels out of session descriptions; WebRTC, or memory in tests. */
export interface Connector<Channel extends DataChannel = DataChannel> {
  /** @param exchange takes our offer to the peer and brings its answer. */
  initiate(exchange: (offer: string) => Promise<string>, signal: AbortSignal): Promise<Channel>;
  respond(
    offer: string,
    signal: AbortSignal,
  ): Promise<{ readonly answer: string; readonly channel: Promise<Channel> }>;
}

export function rtcConnector(platform: RtcPlatform, clock: Clock): Connector<RoutedChannel> {
  return {
    initiate: (exchange, signal) => connectAsInitiator({ exchange, platform, clock, signal }),
    respond: (offer, signal) => connectAsResponder({ offer, platform, clock, signal }),
  };
}
