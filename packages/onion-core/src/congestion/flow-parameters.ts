import { MAX_STREAM_DATA } from "../cell/relay-message.ts";
import { TABOR_PARAMETERS } from "./vegas-parameters.ts";

/** What the flow control of streams is tuned by (SPEC §12.4). Sizes in bytes, times in microseconds. */
export interface FlowParameters {
  /** More than this in the buffer towards the reader, and the other side shall stop. */
  readonly xoffLimit: number;
  /** For so long a full buffer may still be a burst. */
  readonly grace: number;
  /** Bytes that must have left the buffer before their rate says something; at most `xoffLimit`. */
  readonly xonRate: number;
  /** A rate is told anew when it differs by more than this percentage. */
  readonly xonChangePct: number;
  /** Rates that the average looks back. */
  readonly xonEwmaCount: number;
  /** A buffer above this is looked at when data arrives, and not only when some leaves: nothing may be leaving. */
  readonly burst: number;
  /** Bytes that may still come after an XOFF: the other side's window. */
  readonly maxInFlight: number;
  /** The bucket of a limited sender holds at least this much, or a cell would never fit. */
  readonly minBucket: number;
  /** Bytes sent, and XOFFs or XONs received, at which all three are halved. */
  readonly halveAtBytes: number;
  readonly halveAtCount: number;
}

/** Those of SPEC §12.4. */
export const FLOW_PARAMETERS: FlowParameters = {
  xoffLimit: 256 * MAX_STREAM_DATA,
  grace: 5000,
  xonRate: 128 * MAX_STREAM_DATA,
  xonChangePct: 25,
  xonEwmaCount: 2,
  burst: 8 * MAX_STREAM_DATA,
  maxInFlight: TABOR_PARAMETERS.cwndMax * MAX_STREAM_DATA,
  minBucket: MAX_STREAM_DATA,
  halveAtBytes: 20 * 2 ** 20,
  halveAtCount: 200,
};
