import type SimplePeer from "simple-peer";

/** WebRTC, handed in: the browser's own, or libdatachannel in Node. */
export interface RtcPlatform {
  readonly wrtc: NonNullable<SimplePeer.Options["wrtc"]>;
  /** STUN and TURN servers to ask; there are no others. */
  readonly iceServers: readonly RTCIceServer[];
}
