import { TaborError, type Cancel, type Clock, type RelayId } from "@tabor/onion-core";
import { expect, test } from "vitest";
import { VolunteerSwitch, type RunningRelay } from "./volunteer-switch.ts";

function setUp(start?: () => Promise<RunningRelay>) {
  const timers = new Set<() => void>();
  const after = (_ms: number, fn: () => void): Cancel => {
    timers.add(fn);
    return () => timers.delete(fn);
  };
  const clock: Clock = { now: () => 0, monotonic: () => 0, after, soon: () => undefined };
  const relays: { closed: boolean; circuits: number }[] = [];
  const startRelay = (): Promise<RunningRelay> => {
    const relay = { closed: false, circuits: 0 };
    relays.push(relay);
    return Promise.resolve({
      report: () => ({
        relay: "r" as RelayId,
        stats: statsOf(relay.circuits),
        listed: true,
        otherRelays: 2,
        problem: undefined,
      }),
      close: () => (relay.closed = true),
    });
  };
  const tick = (): void => {
    for (const fn of [...timers]) {
      timers.delete(fn);
      fn();
    }
  };
  return { volunteer: new VolunteerSwitch(start ?? startRelay, clock), relays, timers, tick };
}

const statsOf = (circuits: number) => ({
  relayLinks: 1,
  clientLinks: 0,
  circuits,
  circuitsTotal: circuits,
  circuitsRefused: 0,
  cellsIn: 0,
  cellsOut: 0,
  bytesIn: 0,
  bytesOut: 0,
});

test("starts one relay, however often it is asked", async () => {
  const { volunteer, relays } = setUp();
  volunteer.start();
  volunteer.start();
  await expect.poll(() => volunteer.state.value.name).toBe("on");
  volunteer.start();
  expect(relays).toHaveLength(1);
});

test("shows what the relay reports, again and again", async () => {
  const { volunteer, relays, tick } = setUp();
  volunteer.start();
  await expect.poll(() => volunteer.state.value.name).toBe("on");
  expect(volunteer.state.value).toMatchObject({ stats: { circuits: 0 } });
  for (const relay of relays) relay.circuits = 3;
  tick();
  expect(volunteer.state.value).toMatchObject({ stats: { circuits: 3 } });
});

test("stops the relay and its reports at once", async () => {
  const { volunteer, relays, timers } = setUp();
  volunteer.start();
  await expect.poll(() => volunteer.state.value.name).toBe("on");
  volunteer.stop();
  expect({ closed: relays[0]?.closed, timers: timers.size, state: volunteer.state.value }).toEqual({
    closed: true,
    timers: 0,
    state: { name: "off" },
  });
});

test("a relay that is ready only after it was switched off is closed", async () => {
  let arrive: (relay: RunningRelay) => void = () => undefined;
  const { volunteer } = setUp(() => new Promise((resolve) => (arrive = resolve)));
  volunteer.start();
  volunteer.stop();
  const closed = new Promise<void>((resolve) => {
    arrive({ report: () => expect.unreachable(), close: resolve });
  });
  await closed;
  expect(volunteer.state.value).toEqual({ name: "off" });
});

test("says why it could not start, and may be started again", async () => {
  const problem = new TaborError("unreachable", "directory", "away");
  const { volunteer } = setUp(() => Promise.reject(problem));
  volunteer.start();
  await expect.poll(() => volunteer.state.value).toEqual({ name: "failed", problem });
  volunteer.start();
  expect(volunteer.state.value).toEqual({ name: "starting" });
});
