/**
 * A number that operators are shown. It tells of a program as a whole: never of a user, a site, a circuit or another relay, neither by its labels nor by how
 * exactly it is told.
 */
export interface Metric {
  /** As Prometheus has it: `tabor_relay_circuits_total`. */
  readonly name: string;
  /** One sentence. */
  readonly help: string;
  readonly kind: "counter" | "gauge";
  /** What is shown is the next multiple of it, as in Tor's statistics, wherever one user more or less would make a difference. 1 unless given. */
  readonly bin?: number;
  /** Its value now; or one for each set of labels, which are the same few at all times. */
  readonly value: () => number | readonly LabelledValue[];
}

export type LabelledValue = readonly [labels: Readonly<Record<string, string>>, value: number];

/** So many circuits, links or refusals look like one (Tor rounds what it counts of clients up to 8). */
export const CLIENTS_BIN = 8;
/** So many streams look like one (Tor: `exit-streams-opened`). */
export const STREAMS_BIN = 4;
/** Bytes. */
export const BYTES_BIN = 2 ** 20;

/** @returns the next multiple of `bin`. */
export function rounded(value: number, bin: number): number {
  return Math.ceil(value / bin) * bin;
}
