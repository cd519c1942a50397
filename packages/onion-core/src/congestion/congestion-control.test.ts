import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { BlockedSignal } from "./blocked-signal.ts";
import { CongestionControl } from "./congestion-control.ts";
import { BLOCKED_MARKS, TABOR_PARAMETERS, TOR_PARAMETERS, type VegasParameters } from "./vegas-parameters.ts";

function controller(parameters: VegasParameters = TABOR_PARAMETERS): CongestionControl {
  return new CongestionControl(parameters);
}

/** Sends up to `count` cells; returns how many of them will be acknowledged. */
function send(control: CongestionControl, count: number, now: number): number {
  let due = 0;
  for (let i = 0; i < count && control.canSend(); i++) if (control.cellSent(now)) due += 1;
  return due;
}

const step = fc.record({
  cells: fc.nat(400),
  acknowledge: fc.boolean(),
  micros: fc.oneof(fc.constant(0), fc.nat(500_000), fc.constant(10 ** 10)),
  blocked: fc.boolean(),
  queued: fc.nat(20_000),
});

for (const [name, parameters] of [
  ["Tor's", { ...TOR_PARAMETERS, cwndMax: 700, ssCwndMax: 700 }],
  ["our", TABOR_PARAMETERS],
  [
    "tiny",
    { ...TABOR_PARAMETERS, sendmeInc: 2, cwndInit: 4, cwndMin: 2, cwndMax: 9, gamma: 3, ssCwndMax: 9 },
  ],
] as const)
  describe(`with ${name} parameters`, () => {
    it("counts what is in flight and keeps the window in its limits, whatever the clock, the link and the peer do", () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
          const control = controller(parameters);
          let [now, due, sent, acknowledged] = [1, 0, 0, 0];
          for (const one of steps) {
            now += one.micros;
            const before = control.inflight;
            due += send(control, one.cells, now);
            sent += control.inflight - before;
            if (one.acknowledge && due > 0) {
              control.acknowledged(now, one.blocked, one.queued);
              due -= 1;
              acknowledged += parameters.sendmeInc;
            }
            expect(control.inflight).toBe(sent - acknowledged);
            expect(control.inflight).toBeGreaterThanOrEqual(0);
            expect(due).toBe(Math.floor(control.inflight / parameters.sendmeInc));
            expect(Number.isInteger(control.cwnd)).toBe(true);
            expect(control.cwnd).toBeGreaterThanOrEqual(parameters.cwndMin);
            expect(control.cwnd).toBeLessThanOrEqual(parameters.cwndMax);
            expect(control.room).toBe(Math.max(0, control.cwnd - control.inflight));
          }
        }),
      );
    });

    it("never comes to a stop: a full window has a SENDME to wait for", () => {
      fc.assert(
        fc.property(fc.array(fc.tuple(fc.nat(10 ** 7), fc.boolean()), { maxLength: 100 }), (round) => {
          const control = controller(parameters);
          let now = 1;
          for (const [micros, blocked] of round) {
            send(control, Infinity, now);
            now += micros;
            control.acknowledged(now, blocked);
          }
        }),
      );
    });
  });

describe("SENDMEs", () => {
  it("are due for each sendmeInc-th cell, also after the window has shrunk", () => {
    const control = controller();
    const due = Array.from({ length: TABOR_PARAMETERS.cwndInit }, () => control.cellSent(0));
    expect(due.flatMap((yes, i) => (yes ? [i + 1] : []))).toEqual([64, 128]);
  });

  it("that nobody is owed are refused", () => {
    const control = controller();
    const acknowledge = (): void => {
      control.acknowledged(1000, false);
    };
    expect(acknowledge).toThrow("not due");
    send(control, TABOR_PARAMETERS.sendmeInc - 1, 0);
    expect(acknowledge).toThrow("not due");
    send(control, 1, 0);
    acknowledge();
    expect(acknowledge).toThrow("not due");
    expect(control.inflight).toBe(0);
  });

  it("a cell beyond the window is a mistake of ours", () => {
    const control = controller();
    send(control, Infinity, 0);
    expect(control.canSend()).toBe(false);
    expect(() => control.cellSent(0)).toThrow("window is full");
    expect(control.inflight).toBe(control.cwnd);
  });
});

test("a clock that stands still leaves the window as it was at the start", () => {
  const control = controller();
  for (let i = 0; i < 100; i++) {
    send(control, Infinity, 5);
    control.acknowledged(5, false);
  }
  expect(control.cwnd).toBe(TABOR_PARAMETERS.cwndInit);
});

test("a sender that has little to say keeps a small window, however many round trips pass", () => {
  const control = controller();
  for (let i = 0; i < 1000; i++) {
    send(control, TABOR_PARAMETERS.sendmeInc, i * 50_000);
    control.acknowledged(i * 50_000 + 40_000, false);
  }
  expect(control.cwnd).toBeLessThanOrEqual(4 * TABOR_PARAMETERS.cwndInit);
});

test("our parameters hang together", () => {
  const p = TABOR_PARAMETERS;
  expect([p.sendmeInc, p.cwndMin, p.gamma, p.delta]).toEqual(
    [p.sendmeInc, p.cwndMin, p.gamma, p.delta].sort((a, b) => a - b),
  );
  expect(p.alpha).toBeLessThanOrEqual(p.beta);
  expect(p.sendmeInc % 8).toBe(0);
  expect([BLOCKED_MARKS.low, BLOCKED_MARKS.high]).toEqual([p.sendmeInc, p.delta]);
});

test("the blocked signal holds between its marks", () => {
  const signal = new BlockedSignal({ high: 10, low: 4 });
  expect([0, 10, 11, 10, 5, 4, 5, 10, 11].map((queued) => signal.update(queued))).toEqual([
    false,
    false,
    true,
    true,
    true,
    false,
    false,
    false,
    true,
  ]);
});
