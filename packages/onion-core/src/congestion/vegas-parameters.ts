/** What TOR_VEGAS is tuned by (SPEC §12.2). Windows and thresholds in DATA cells, times in whole microseconds. */
export interface VegasParameters {
  /** DATA cells that one SENDME acknowledges; at least 2. */
  readonly sendmeInc: number;
  /** The window at the start; at least `sendmeInc`, or nothing would ever be acknowledged. */
  readonly cwndInit: number;
  /** The floor of the window after slow start, `sendmeInc`…`gamma`. */
  readonly cwndMin: number;
  readonly cwndMax: number;
  /** Cells by which an update after slow start changes the window. */
  readonly cwndInc: number;
  /** Such updates per window. */
  readonly cwndIncRate: number;
  /** Growth in slow start, in per cent of `sendmeInc` per SENDME. */
  readonly cwndIncPctSs: number;
  /** SENDMEs that the smoothed RTT looks back, in per cent of those between two updates… */
  readonly ewmaCwndPct: number;
  /** …but at most this many… */
  readonly ewmaMax: number;
  /** …and this many in slow start. */
  readonly ewmaSs: number;
  /** How far, 0…100, the least RTT goes towards the smoothed one when the window has shrunk to its floor. */
  readonly rttResetPct: number;
  /** Cells of the circuit that are thought to queue: fewer than this let the window grow, … */
  readonly alpha: number;
  /** … more than this shrink it, … */
  readonly beta: number;
  /** … this many end slow start, … */
  readonly gamma: number;
  /** … and above this the window is cut at once. */
  readonly delta: number;
  /** Above this window slow start grows by half of this per round trip (RFC 3742 §2). */
  readonly ssCwndCap: number;
  /** Slow start lets this percentage of the window queue besides `gamma`. */
  readonly ssQueuePct: number;
  /** Slow start ends at this window. */
  readonly ssCwndMax: number;
  /** The window counts as full while no more than this many SENDMEs' worth of it is free, … */
  readonly cwndFullGap: number;
  /** … until less than this percentage of it is in use. Only a full window grows. */
  readonly cwndFullMinPct: number;
  /** Whether being full is forgotten with each window (true) or with each update (false). */
  readonly cwndFullPerCwnd: boolean;
}

/** C tor 0.4.9 for circuits to an exit: what the published vectors are of. */
export const TOR_PARAMETERS: VegasParameters = {
  sendmeInc: 31,
  cwndInit: 124,
  cwndMin: 124,
  cwndMax: 2 ** 31 - 1,
  cwndInc: 1,
  cwndIncRate: 31,
  cwndIncPctSs: 100,
  ewmaCwndPct: 50,
  ewmaMax: 10,
  ewmaSs: 2,
  rttResetPct: 100,
  ssQueuePct: 0,
  alpha: 186,
  beta: 248,
  gamma: 186,
  delta: 310,
  ssCwndCap: 600,
  ssCwndMax: 5000,
  cwndFullGap: 4,
  cwndFullMinPct: 25,
  cwndFullPerCwnd: true,
};

/** Ours, for cells four times as large; each with its reason in SPEC §12.2. */
export const TABOR_PARAMETERS: VegasParameters = {
  sendmeInc: 64,
  cwndInit: 128,
  cwndMin: 128,
  cwndMax: 4096,
  cwndInc: 64,
  cwndIncRate: 1,
  cwndIncPctSs: 100,
  ewmaCwndPct: 50,
  ewmaMax: 10,
  ewmaSs: 2,
  rttResetPct: 100,
  alpha: 640,
  beta: 640,
  gamma: 640,
  delta: 768,
  ssCwndCap: 4096,
  ssQueuePct: 10,
  ssCwndMax: 4096,
  cwndFullGap: 2,
  cwndFullMinPct: 25,
  cwndFullPerCwnd: true,
};

/** Cells of a circuit that wait for its first link: when `BlockedSignal` says blocked, and when no longer (SPEC §12.2). */
export const BLOCKED_MARKS = { high: 768, low: 64 } as const;
