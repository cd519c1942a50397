import type { CircuitEnd } from "./circuit-end.ts";
import type { InOrder } from "../crypto/in-order.ts";
import type { Layer, Opened } from "../crypto/layer.ts";
import type { RelayId } from "../crypto/ids.ts";

/** One hop as the client knows it: its two layers, and our end of what we say to each other. */
export interface ClientHop {
  readonly relay: RelayId;
  readonly outbound: Layer;
  readonly inbound: Layer;
  /** Releases what this hop's layer held, in order. */
  readonly opened: InOrder<Opened>;
  readonly end: CircuitEnd;
  /** How long the hop took to answer the handshake, in milliseconds: a round trip to it and its key exchange. */
  readonly handshakeMs: number;
}
