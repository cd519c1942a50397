/** What the processes of a measurement and the one that runs it say to each other over Node's IPC channel. */
export type FromParent =
  /** A session description from another process. */
  | ({ readonly type: "sdp"; readonly from: string } & Description)
  /** Where the network is: the signed consensus, and its authority. */
  | { readonly type: "consensus"; readonly bytes: Uint8Array; readonly authority: string }
  /** A client is to measure. */
  | { readonly type: "measure"; readonly sitePort: number; readonly plan: MeasurePlan };

export type FromChild =
  | ({ readonly type: "sdp"; readonly to: string } & Description)
  /** A relay's signed descriptor. */
  | { readonly type: "descriptor"; readonly bytes: Uint8Array }
  /** Links that the process has now. */
  | { readonly type: "links"; readonly count: number }
  | { readonly type: "listening"; readonly port: number }
  | { readonly type: "measured"; readonly result: Measured };

export interface Description {
  readonly kind: "offer" | "answer";
  /** Names the exchange that an answer belongs to. */
  readonly id: string;
  readonly sdp: string;
}

export interface MeasurePlan {
  /** Bytes to download, after a warm-up (timing.ts); 0: none. */
  readonly bytes: number;
  /** How many echoes, circuits and fresh streams to time. */
  readonly samples: number;
}

export interface Measured {
  readonly mibps: number;
  /** Milliseconds, one for each sample. */
  readonly echoMs: readonly number[];
  readonly buildMs: readonly number[];
  readonly firstByteMs: readonly number[];
}
