import type { Transfer } from "../lib/transfer.ts";

/** What the processes of a measurement and the one that runs it say to each other over Node's IPC channel. */
export type FromParent =
  /** A session description from another process. */
  | ({ readonly type: "sdp"; readonly from: string } & Description)
  /** Where the network is: the signed consensus, and its authority. */
  | { readonly type: "consensus"; readonly bytes: Uint8Array; readonly authority: string }
  /** A client is to measure something; one thing at a time. */
  | { readonly type: "task"; readonly site: SitePorts; readonly task: Task };

export type FromChild =
  | ({ readonly type: "sdp"; readonly to: string } & Description)
  /** A relay's signed descriptor. */
  | { readonly type: "descriptor"; readonly bytes: Uint8Array }
  /** Links that the process has now. */
  | { readonly type: "links"; readonly count: number }
  | { readonly type: "listening"; readonly site: SitePorts }
  /** To a task: what it measured, or why it could not. */
  | { readonly type: "answer"; readonly result: readonly number[] | string };

export interface Description {
  readonly kind: "offer" | "answer";
  /** Names the exchange that an answer belongs to. */
  readonly id: string;
  readonly sdp: string;
}

export interface SitePorts {
  /** Of `transfer-site.ts`. */
  readonly transfer: number;
  /** Sends back what it receives. */
  readonly echo: number;
}

export type Task =
  /** Over fresh streams at the same time, each on a circuit of its own; answered with the seconds that all took. */
  | { readonly kind: "transfer"; readonly transfer: Transfer; readonly streams: number }
  /** Of one cell to the end of the chain; answered with milliseconds of each, as are the next three. */
  | { readonly kind: "echo"; readonly samples: number }
  | { readonly kind: "build"; readonly samples: number }
  /** Of fresh streams on one built circuit. */
  | { readonly kind: "firstByte"; readonly samples: number }
  /** Echoes on a circuit beside so many others that download as fast as they can. */
  | { readonly kind: "interactive"; readonly samples: number; readonly bulk: number };
