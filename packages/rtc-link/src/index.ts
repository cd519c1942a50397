/** Links between peers over WebRTC: the data channel, and the way to it. */
export { browserRtcPlatform } from "./transport/browser.ts";
export {
  connectAsInitiator,
  connectAsResponder,
  type InitiatorOptions,
  type ResponderOptions,
} from "./transport/connect.ts";
export type { ConnectOptions } from "./transport/attempt.ts";
export type { RtcPlatform } from "./transport/platform.ts";
export type { LinkRoute, RoutedChannel } from "./transport/link-route.ts";
export { currentIceServers } from "./ice/ice-servers.ts";
export { findNat } from "./ice/find-nat.ts";
export { NatWatch } from "./ice/nat-watch.ts";
export * from "./signalling/index.ts";
