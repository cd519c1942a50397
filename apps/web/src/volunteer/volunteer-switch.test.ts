import { TaborError } from "@tabor/onion-core";
import { VirtualClock } from "@tabor/onion-core/testing";
import { describe, expect, test } from "vitest";
import { AT_HOME, scriptedVolunteer, type ScriptedRelay } from "../testing/scripted-volunteer.ts";
import type { RunningRelay } from "./running.ts";
import { DEFAULT_SETTINGS } from "./settings.ts";
import { VolunteerSwitch, type VolunteerSwitchInit } from "./volunteer-switch.ts";

const ON = { ...DEFAULT_SETTINGS, isOn: true, hasConsented: true };
/** A time of day here, in hours. */
const at = (hours: number): number => new Date(2026, 10, 23).getTime() + hours * 3_600_000;
const NOON = at(12);
/** Twenty seconds. */
const SOON = 20 / 3600;

async function setUp(settings: unknown = ON, change: Partial<VolunteerSwitchInit> = {}, now = NOON) {
  const clock = new VirtualClock(now);
  const { init, relays, store, surroundings, awaken } = scriptedVolunteer(clock, settings);
  const volunteer = new VolunteerSwitch({ ...init, ...change });
  await volunteer.load();
  await clock.settle();
  const relay = (): ScriptedRelay => relays.at(-1) ?? expect.fail("no relay");
  const running = (): number => relays.filter(({ isClosed }) => !isClosed).length;
  return { clock, volunteer, relays, store, surroundings, awaken, relay, running };
}

const circuits = (relay: ScriptedRelay, circuitsTotal: number, bytes = 0): void => {
  relay.stats = { ...relay.stats, circuits: circuitsTotal, circuitsTotal, bytesIn: bytes, bytesOut: bytes };
};

test("nothing begins before the person has agreed", async () => {
  const { volunteer, relays, clock } = await setUp(DEFAULT_SETTINGS);
  volunteer.change({ isOn: true });
  await clock.advance(2000);
  expect(relays).toEqual([]);
  expect(volunteer.state.value).toEqual({ name: "off" });
  volunteer.change({ isOn: true, hasConsented: true });
  await clock.advance(2000);
  expect(volunteer.state.value.name).toBe("on");
});

test("the choice is remembered: the next visit begins by itself", async () => {
  const first = await setUp(DEFAULT_SETTINGS);
  first.volunteer.change({ isOn: true, hasConsented: true });
  const next = await setUp(first.store.settings);
  expect(next.volunteer.state.value.name).toBe("on");
  next.volunteer.change({ isOn: false });
  expect(next.relay().isClosed).toBe(true);
  expect((await setUp(next.store.settings)).volunteer.state.value).toEqual({ name: "off" });
});

test("starts one relay, however often something changes", async () => {
  const { volunteer, relays, clock, surroundings } = await setUp();
  volunteer.change({ isOn: true });
  surroundings.value = AT_HOME;
  await clock.advance(5000);
  expect(relays).toHaveLength(1);
});

test("switched off, the relay is closed at once, and nothing goes on", async () => {
  const { volunteer, relay, clock } = await setUp();
  volunteer.change({ isOn: false });
  expect(relay().isClosed).toBe(true);
  expect(volunteer.state.value).toEqual({ name: "off" });
  expect(clock.waiting).toBe(0);
});

test("it fetches for others from when the person agreed to that until it is switched off", async () => {
  const { volunteer, relay, clock } = await setUp();
  const fetching = { isOn: true, hasConsented: false, rules: "" };
  volunteer.change({ fetching });
  expect(relay().fetching.name).toBe("off");
  volunteer.change({ fetching: { ...fetching, hasConsented: true } });
  expect(relay().fetching.name).toBe("on");
  await clock.advance(2000);
  expect(volunteer.state.value).toMatchObject({ name: "on", fetching: { name: "on", now: 2 } });
  volunteer.change({ fetching: { ...fetching, hasConsented: true, isOn: false } });
  expect(relay().fetching.name).toBe("off");
});

test("a page that goes tells its neighbours, and keeps the choice", async () => {
  const { volunteer, relay, store } = await setUp();
  volunteer.leave();
  expect(relay().isClosed).toBe(true);
  expect(store.settings).toMatchObject({ isOn: true });
});

test("a relay that is ready only after it was switched off is closed", async () => {
  const closed: string[] = [];
  let arrive: (relay: RunningRelay) => void = () => undefined;
  const startRelay = (): Promise<RunningRelay> => new Promise((resolve) => (arrive = resolve));
  const { volunteer, clock } = await setUp(ON, { startRelay });
  expect(volunteer.state.value).toEqual({ name: "starting" });
  volunteer.change({ isOn: false });
  arrive({ close: () => closed.push("closed") } as unknown as RunningRelay);
  await clock.settle();
  expect(closed).toEqual(["closed"]);
  expect(volunteer.state.value).toEqual({ name: "off" });
});

test("says why it could not start, and tries again by itself", async () => {
  const problem = new TaborError("unreachable", "directory", "away");
  let tries = 0;
  const startRelay = (): Promise<RunningRelay> => {
    tries++;
    return Promise.reject(problem);
  };
  const { volunteer, clock } = await setUp(ON, { startRelay });
  expect(volunteer.state.value).toEqual({ name: "failed", problem });
  await clock.advance(10_000);
  expect(tries).toBe(1);
  await clock.advance(10_000);
  expect(tries).toBe(2);
  expect(volunteer.state.value).toEqual({ name: "failed", problem });
});

test("tries again at once when the network may be back, once for each time", async () => {
  let tries = 0;
  const startRelay = (): Promise<RunningRelay> => {
    tries++;
    return Promise.reject(new TaborError("unreachable", "directory", "away"));
  };
  const { volunteer, clock, awaken } = await setUp(ON, { startRelay });
  awaken();
  await clock.settle();
  expect(tries).toBe(2);
  await clock.advance(14_000);
  expect(tries).toBe(2);
  volunteer.change({ isOn: false });
  awaken();
  await clock.advance(20_000);
  expect(tries).toBe(2);
  expect(clock.waiting).toBe(0);
});

describe("of several tabs of a browser one is the relay", () => {
  test("the next begins when that one has gone", async () => {
    let grant: () => void = () => undefined;
    let gaveUp = 0;
    const only: VolunteerSwitchInit["only"] = {
      take: ({ granted, waits }) => {
        grant = granted;
        waits();
        return () => {
          gaveUp++;
        };
      },
    };
    const { volunteer, relays, clock, store } = await setUp(ON, { only });
    await clock.advance(3000);
    expect(volunteer.state.value).toEqual({ name: "elsewhere" });
    expect(relays).toEqual([]);
    store.totals = { ...store.totals, circuits: 7 };
    grant();
    await clock.settle();
    expect(volunteer.state.value.name).toBe("on");
    expect(volunteer.totals.value.circuits).toBe(7);
    volunteer.change({ isOn: false });
    expect(gaveUp).toBe(1);
  });

  test("what is chosen in one holds in all", async () => {
    const { volunteer, relay, store, clock } = await setUp();
    store.changeElsewhere({ ...ON, limits: { ...ON.limits, upload: 64 } });
    await clock.settle();
    expect(relay().limits.upload).toBe(64);
    store.changeElsewhere({ ...ON, isOn: false });
    await clock.settle();
    expect(volunteer.state.value).toEqual({ name: "off" });
  });
});

describe("it rests", () => {
  test.each([
    ["offline", { isOnline: false }],
    ["metered", { isMetered: true }],
    ["frozen", { isFrozen: true }],
  ] as const)("at once when %s, and goes on by itself", async (reason, change) => {
    const { volunteer, running, surroundings, clock } = await setUp();
    surroundings.value = { ...AT_HOME, ...change };
    expect(volunteer.state.value).toEqual({ name: "resting", reason });
    expect(running()).toBe(0);
    surroundings.value = AT_HOME;
    await clock.settle();
    expect(volunteer.state.value.name).toBe("on");
    expect(running()).toBe(1);
  });

  test("on battery, once what runs has ended well", async () => {
    const { volunteer, relay, surroundings, clock } = await setUp();
    surroundings.value = { ...AT_HOME, isOnBattery: true };
    expect(volunteer.state.value).toEqual({ name: "resting", reason: "battery" });
    expect({ drains: relay().isDraining, closed: relay().isClosed }).toEqual({ drains: true, closed: false });
    await clock.advance(5000);
    relay().drained();
    await clock.settle();
    expect(relay().isClosed).toBe(true);
    expect(volunteer.state.value).toEqual({ name: "resting", reason: "battery" });
  });

  test("not where its person has allowed it", async () => {
    const limits = { ...ON.limits, onMetered: true, onBattery: true };
    const { volunteer, surroundings } = await setUp({ ...ON, limits });
    surroundings.value = { ...AT_HOME, isMetered: true, isOnBattery: true };
    expect(volunteer.state.value.name).toBe("on");
  });

  test.each([
    [22, true],
    [7, false],
  ])("outside its hours, from 22 over midnight to 7: at %i", async (hour, runs) => {
    const limits = { ...ON.limits, hours: { from: 22, to: 7 } };
    const { volunteer, clock } = await setUp({ ...ON, limits }, {}, at(hour - SOON));
    const resting = { name: "resting", reason: "hours" };
    expect(volunteer.state.value).toMatchObject(runs ? resting : { name: "on" });
    await clock.advance(30_000);
    expect(volunteer.state.value).toMatchObject(runs ? { name: "on" } : resting);
  });

  test("when the day's data is nearly used up, until the next day, over restarts too", async () => {
    const { volunteer, relay, clock, store } = await setUp(
      { ...ON, limits: { ...ON.limits, perDay: 1 } },
      {},
      at(24 - SOON),
    );
    circuits(relay(), 3, 0.48 * 2 ** 30);
    await clock.advance(2000);
    expect(volunteer.state.value).toEqual({ name: "resting", reason: "data" });
    relay().drained();
    await clock.settle();
    expect(relay().isClosed).toBe(true);
    const again = await setUp({ ...ON, limits: { ...ON.limits, perDay: 1 } }, {}, at(24 - SOON));
    again.volunteer.change({ isOn: false });
    again.store.totals = store.totals;
    again.volunteer.change({ isOn: true });
    await again.volunteer.load();
    expect(again.volunteer.state.value).toEqual({ name: "resting", reason: "data" });
    await clock.advance(30_000);
    expect(volunteer.state.value.name).toBe("on");
  });
});

test("what it has done is added up, and kept", async () => {
  const { volunteer, relay, clock, store } = await setUp();
  await clock.advance(3000);
  circuits(relay(), 5, 1000);
  await clock.advance(1000);
  // One of them was the test of its own.
  expect(volunteer.totals.value).toMatchObject({ circuits: 4, circuitsOfDay: 4, bytes: 2000, since: NOON });
  expect(volunteer.traffic.value.at(-1)).toMatchObject({ in: 1000, out: 1000 });
  await clock.advance(10_000);
  expect(store.totals).toMatchObject({ circuits: 4, bytes: 2000 });
  circuits(relay(), 6, 1500);
  volunteer.change({ isOn: false });
  expect(store.totals).toMatchObject({ circuits: 5, bytes: 3000 });
  volunteer.change({ isOn: true });
  await clock.advance(3000);
  expect(volunteer.totals.value).toMatchObject({ circuits: 5, bytes: 3000 });
});

test("it is tested once it is linked, and again when asked", async () => {
  const { volunteer, relay, clock } = await setUp();
  await clock.settle();
  expect(volunteer.selfTest.value).toMatchObject({ name: "passed", ms: 84 });
  const problem = new TaborError("timeout", "relay", "no answer");
  relay().tested = () => Promise.reject(problem);
  volunteer.test();
  expect(volunteer.selfTest.value).toEqual({ name: "running" });
  await clock.settle();
  expect(volunteer.selfTest.value).toMatchObject({ name: "failed", problem });
});
