import type { RtcPlatform } from "./platform.ts";

/** The browser's own WebRTC. @param iceServers none: only peers that reach each other directly connect. */
export function browserRtcPlatform(iceServers: RtcPlatform["iceServers"] = () => []): RtcPlatform {
  return { wrtc: { RTCPeerConnection, RTCSessionDescription, RTCIceCandidate }, iceServers };
}
