/** WebRTC for Node: libdatachannel, through node-datachannel's polyfill. */
import { networkInterfaces } from "node:os";
import { cleanup } from "node-datachannel";
import polyfill from "node-datachannel/polyfill";
import { askStun } from "./ice/node-stun.ts";
import type { RtcPlatform } from "./transport/platform.ts";

type Wrtc = RtcPlatform["wrtc"];

export interface NodeRtcOptions {
  readonly iceServers?: RtcPlatform["iceServers"];
  /** The one local address to use. Without it: every address but loopback, or loopback where there is no other. */
  readonly bindAddress?: string | undefined;
}

export function nodeRtcPlatform({ iceServers = () => [], bindAddress }: NodeRtcOptions = {}): RtcPlatform {
  const address = bindAddress ?? (hasOnlyLoopback() ? "127.0.0.1" : undefined);
  return {
    wrtc: {
      RTCPeerConnection: peerConnectionAt(address),
      RTCSessionDescription: polyfill.RTCSessionDescription,
      RTCIceCandidate: polyfill.RTCIceCandidate as unknown as Wrtc["RTCIceCandidate"],
    },
    iceServers,
    askStun: (urls) => askStun(urls, address),
  };
}

/** Ends libdatachannel's threads. To be called last: what is still open is gone at once. */
export function endNodeRtc(): void {
  try {
    cleanup();
  } catch {
    // It waits 10 s at most for connections that are being closed; the process ends, whatever becomes of them.
  }
}

/** The polyfill's connection, with what simple-peer takes for granted. */
function peerConnectionAt(bindAddress: string | undefined): Wrtc["RTCPeerConnection"] {
  class NodePeerConnection extends polyfill.RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      // The polyfill hands its options to libdatachannel, which has this one besides those of the browsers.
      super(bindAddress === undefined ? configuration : Object.assign({}, configuration, { bindAddress }));
      // The polyfill does not say that no more candidates come, for which simple-peer would wait.
      this.addEventListener("icegatheringstatechange", () => {
        if (this.iceGatheringState === "complete") this.dispatchEvent(noMoreCandidates());
      });
    }

    override async createOffer(): Promise<RTCSessionDescriptionInit> {
      return writable((await super.createOffer()) as RTCSessionDescriptionInit);
    }

    override async createAnswer(): Promise<RTCSessionDescriptionInit> {
      return writable((await super.createAnswer()) as RTCSessionDescriptionInit);
    }
  }
  // It follows the browsers' interface, and differs from the DOM's types in private members only.
  return NodePeerConnection as unknown as Wrtc["RTCPeerConnection"];
}

function noMoreCandidates(): Event {
  return Object.assign(new Event("icecandidate"), { candidate: null });
}

/** simple-peer sets the `sdp` of a description, which the polyfill's do not allow. */
function writable({ type, sdp }: RTCSessionDescriptionInit): RTCSessionDescriptionInit {
  return sdp === undefined ? { type } : { type, sdp };
}

function hasOnlyLoopback(): boolean {
  const interfaces = Object.values(networkInterfaces());
  return interfaces.every((addresses) => addresses?.every(({ internal }) => internal) ?? true);
}
