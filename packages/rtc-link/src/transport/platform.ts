import type SimplePeer from "simple-peer";

/** WebRTC, handed in: the browser's own, or libdatachannel in Node. */
export interface RtcPlatform {
  readonly wrtc: NonNullable<SimplePeer.Options["wrtc"]>;
  /** STUN and TURN servers to ask, as they are now; there are no others. */
  readonly iceServers: () => readonly RTCIceServer[];
  /** Where WebRTC itself asks one server only: asks several from one socket which address they see, "192.0.2.1:32853". */
  readonly askStun?: (urls: readonly string[]) => Promise<readonly string[]>;
}
