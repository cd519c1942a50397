// eslint-disable-next-line @typescript-eslint/triple-slash-reference -- for every project that compiles this file
/// <reference path="./simple-peer.d.ts" />
import type SimplePeer from "simple-peer";
import Peer from "simple-peer/simplepeer.min.js";
import type { RtcPlatform } from "./platform.ts";

/** How long candidates are gathered, in milliseconds: a STUN server that does not answer holds nobody up for longer. */
const GATHERING_DEADLINE_MS = 2000;

export interface PeerOptions {
  readonly platform: RtcPlatform;
  readonly initiator: boolean;
  /** Called once with the data channel: the initiator's at once, the responder's when it has opened. */
  readonly onChannel: (channel: RTCDataChannel, connection: RTCPeerConnection) => void;
}

/**
 * A simple-peer that tells its data channel. It negotiates, watches the connection and takes it down; messages do not
 * go through its stream, which would copy each of them and keep any number for a reader that does not read.
 */
export function createPeer({ platform, initiator, onChannel }: PeerOptions): SimplePeer.Instance {
  const { RTCPeerConnection, ...others } = platform.wrtc;
  let connection: RTCPeerConnection | undefined;
  let channel: RTCDataChannel | undefined;

  const observe = (constructed: RTCPeerConnection): void => {
    connection = constructed;
  };

  class ObservedConnection extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      observe(this);
    }

    override createDataChannel(label: string, init?: RTCDataChannelInit): RTCDataChannel {
      channel = super.createDataChannel(label, init);
      return channel;
    }
  }

  const peer = new Peer({
    initiator,
    trickle: false,
    iceCompleteTimeout: GATHERING_DEADLINE_MS,
    channelName: "tabor",
    // Always given: simple-peer's default names STUN servers of others.
    config: { iceServers: [...platform.iceServers()] },
    wrtc: { ...others, RTCPeerConnection: ObservedConnection },
  });
  connection?.addEventListener("connectionstatechange", () => {
    // simple-peer looks for "failed" alone, which libdatachannel may have left behind when it tells of it.
    const state = connection?.connectionState;
    if (state === "failed" || state === "closed") peer.destroy(new Error(`the connection is ${state}`));
  });
  if (channel !== undefined && connection !== undefined) onChannel(channel, connection);
  connection?.addEventListener("datachannel", (event) => {
    if (channel !== undefined) {
      peer.destroy(new Error("the peer opened a second data channel"));
      return;
    }
    channel = event.channel;
    // simple-peer would take each further channel for the one, and leave a timer running for each.
    if (connection === undefined) return;
    connection.ondatachannel = null;
    onChannel(channel, connection);
  });
  return peer;
}
