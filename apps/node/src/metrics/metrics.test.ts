import { readFileSync } from "node:fs";
import { ExitRefusal, type ClientEvent, type ExitConnection, type ExitConnector } from "@tabor/onion-core";
import { processMetrics, type Metric } from "@tabor/operator";
import { beforeEach, expect, test } from "vitest";
import { ClientCounts } from "./client-counts.ts";
import { directoryMetrics } from "./directory-metrics.ts";
import { ExitCounts } from "./exit-counts.ts";
import { LinkCounts } from "@tabor/rtc-link";
import { linkMetrics, natMetric } from "./link-metrics.ts";
import { measurerMetrics } from "./measurer-metrics.ts";
import { relayMetrics, signalledMetric } from "./relay-metrics.ts";

/** What a metric has for labels with these values. */
function valueOf(metrics: readonly Metric[], name: string, ...labels: readonly string[]): number | undefined {
  const value = metrics.find((metric) => metric.name === name)?.value();
  if (typeof value !== "object") return value;
  return value.find(([own]) => Object.values(own).join() === labels.join())?.[1];
}

const DIRECTORY = { state: { phase: "connecting" }, current: undefined } as const;
const RELAY = {
  id: "the relay's identity" as never,
  stats: {
    ...{ relayLinks: 3, clientLinks: 4, circuits: 5, circuitsTotal: 60, circuitsRefused: 7 },
    ...{ cellsIn: 0, cellsOut: 0, bytesIn: 800, bytesOut: 900 },
  },
  memory: { held: 10, bound: 1000, ended: 2 },
  allowance: "low",
  dataUsed: { day: "2026-11-23", bytesOfDay: 11, bytesOfMonth: 12 },
  isDraining: true,
} as const;

const SIGNALLED = { dialled: { broker: 1, mesh: 2 }, answered: { broker: 3, mesh: 4 } };

function client() {
  let tell: (event: ClientEvent) => void = () => undefined;
  const circuits: { id: number; state: { name: "building" | "open" } }[] = [];
  const fake = {
    ...{ circuits, status: { percent: 45 } },
    subscribe: (listener: (event: ClientEvent) => void) => {
      tell = listener;
      return () => undefined;
    },
  };
  return {
    counts: new ClientCounts(fake as never),
    become: (states: readonly (readonly [number, "building" | "open"])[]) => {
      circuits.splice(0, Infinity, ...states.map(([id, name]) => ({ id, state: { name } })));
      tell({ type: "circuits", circuits: circuits as never });
    },
  };
}

let exit: ExitCounts;
let links: LinkCounts;
beforeEach(() => {
  exit = new ExitCounts();
  links = new LinkCounts();
});

test("a relay's metrics are what it says of itself", () => {
  const metrics = relayMetrics(RELAY, DIRECTORY);
  const value = (name: string, ...labels: string[]) => valueOf(metrics, `tabor_relay_${name}`, ...labels);
  expect([value("circuits"), value("circuits_total"), value("circuits_refused_total")]).toEqual([5, 60, 7]);
  expect([value("links"), value("client_links"), value("memory_killed_total")]).toEqual([3, 4, 2]);
  expect([value("bytes_total", "in"), value("bytes_total", "out")]).toEqual([800, 900]);
  expect([value("queue_bytes"), value("queue_limit_bytes")]).toEqual([10, 1000]);
  expect([value("data_used_bytes", "day"), value("data_used_bytes", "month")]).toEqual([11, 12]);
  expect(["free", "low", "spent"].map((state) => value("allowance", state))).toEqual([0, 1, 0]);
  expect([value("draining"), value("listed")]).toEqual([1, 0]);
});

test("how links were signalled is told by direction and carrier", () => {
  const metrics = [signalledMetric(() => SIGNALLED)];
  const value = (...labels: string[]) => valueOf(metrics, "tabor_relay_signalled_total", ...labels);
  expect([value("dialled", "broker"), value("dialled", "mesh")]).toEqual([1, 2]);
  expect([value("answered", "broker"), value("answered", "mesh")]).toEqual([3, 4]);
});

test("whatever one client more would change is rounded up", () => {
  const isOfClients = /circuits|client_links|killed|bytes/;
  const metrics = [...relayMetrics(RELAY, DIRECTORY), ...exit.metrics];
  const exact = metrics.filter(({ bin = 1 }) => bin === 1).map(({ name }) => name);
  expect(exact.filter((name) => isOfClients.test(name))).toEqual(["tabor_relay_queue_limit_bytes"]);
  expect(exit.metrics.every(({ bin = 1 }) => bin > 1)).toBe(true);
});

test("an exit's streams are counted by kind and result, and its bytes", async () => {
  const connection = {
    read: () => Promise.resolve(new Uint8Array(5)),
    write: () => Promise.resolve(),
  } as unknown as ExitConnection;
  const outcomes = [connection, new ExitRefusal("exit-policy"), new ExitRefusal("timeout"), new Error("x")];
  const connector: ExitConnector = {
    connect: () => {
      const next = outcomes.shift();
      return next === undefined || next instanceof Error
        ? Promise.reject(next ?? new Error())
        : Promise.resolve(next);
    },
    resolve: (name) =>
      Promise.resolve(
        name === "there" ? [{ type: "name", name, ttl: 1 }] : [{ type: "error", transient: true }],
      ),
  };
  const counted = exit.counted(connector);
  const ask = () => counted.connect({ host: "there", port: 80 }, {} as never, new AbortController().signal);
  const open = await ask();
  for (let i = 0; i < 3; i++) await expect(ask()).rejects.toThrow();
  await open.read();
  await open.write(new Uint8Array(7));
  for (const name of ["there", "nowhere"]) await counted.resolve(name, new AbortController().signal);
  const streams = (...labels: string[]) => valueOf(exit.metrics, "tabor_exit_streams_total", ...labels);
  expect(["answered", "refused", "failed"].map((result) => streams("connect", result))).toEqual([1, 1, 2]);
  expect(["answered", "refused", "failed"].map((result) => streams("resolve", result))).toEqual([1, 0, 1]);
  expect(["in", "out"].map((way) => valueOf(exit.metrics, "tabor_exit_bytes_total", way))).toEqual([5, 7]);
});

test("connections are counted by who dialled and whether they opened", async () => {
  let [route, end]: ["direct" | "turn", () => void] = ["direct", () => undefined];
  const closed = new Promise<void>((resolve) => (end = resolve));
  const channel = { route: () => route, closed } as never;
  const counted = links.counted({
    initiate: () => Promise.reject(new Error("no way")),
    respond: () => Promise.resolve({ answer: "", channel: Promise.resolve(channel) }),
  });
  await expect(counted.initiate(() => Promise.resolve(""), new AbortController().signal)).rejects.toThrow(
    "no way",
  );
  await expect(counted.initiate(() => Promise.resolve(""), AbortSignal.abort())).rejects.toThrow("no way");
  expect(await (await counted.respond("", new AbortController().signal)).channel).toBe(channel);
  const all = linkMetrics(links, 8);
  const count = (...labels: string[]) => valueOf(all, "tabor_connections_total", ...labels);
  expect([count("dialled", "opened"), count("dialled", "failed")]).toEqual([0, 1]);
  expect([count("answered", "opened"), count("answered", "failed")]).toEqual([1, 0]);
  const percent = (direction: string) => valueOf(all, "tabor_connections_opened_percent", direction);
  expect([percent("dialled"), percent("answered")]).toEqual([0, 100]);
  const throughTurn = () => valueOf(all, "tabor_connections_turn");
  expect(throughTurn()).toBe(0);
  route = "turn";
  expect(throughTurn()).toBe(1);
  end();
  await closed;
  expect(throughTurn()).toBe(0);
});

test("a client's circuits are built or have failed, once each", async () => {
  const { counts, become } = client();
  become([
    [1, "building"],
    [2, "building"],
  ]);
  become([
    [1, "open"],
    [2, "building"],
  ]);
  become([[1, "open"]]);
  become([[3, "building"]]);
  const value = (name: string, ...labels: string[]) =>
    valueOf(counts.metrics, `tabor_client_${name}`, ...labels);
  expect([value("builds_total", "built"), value("builds_total", "failed")]).toEqual([1, 1]);
  expect([value("circuits", "building"), value("circuits", "open")]).toEqual([1, 0]);
  expect(value("ready_percent")).toBe(45);
  const port = counts.counted({
    openStream: () => Promise.reject(new Error("no")),
    resolve: () => Promise.resolve([]),
  });
  const options = { isolation: "", signal: new AbortController().signal };
  await expect(port.openStream({ host: "there", port: 80 }, options)).rejects.toThrow();
  await port.resolve("there", options);
  expect([value("streams_total", "connect", "failed"), value("streams_total", "resolve", "opened")]).toEqual([
    1, 1,
  ]);
});

const MEASURER = {
  stats: {
    ...{ answering: 5, silent: 2, untried: 1, measured: 4 },
    ...{ looks: { answered: 60, failed: 7 }, transfers: { done: 8, failed: 3 } },
  },
};

test("a measurer's metrics are what it has found out, by kind", () => {
  const metrics = measurerMetrics(MEASURER);
  const value = (name: string, ...labels: string[]) => valueOf(metrics, `tabor_measurer_${name}`, ...labels);
  expect(["answering", "silent", "untried"].map((state) => value("relays", state))).toEqual([5, 2, 1]);
  expect([value("looks_total", "answered"), value("looks_total", "failed")]).toEqual([60, 7]);
  expect([value("transfers_total", "done"), value("transfers_total", "failed")]).toEqual([8, 3]);
  expect(value("measured_relays")).toBe(4);
});

test("each metric is explained to operators", () => {
  const text = readFileSync(new URL("../../../../docs/operators.md", import.meta.url), "utf8");
  const all = [
    ...relayMetrics(RELAY, DIRECTORY),
    ...directoryMetrics(DIRECTORY),
    ...measurerMetrics(MEASURER),
    signalledMetric(() => SIGNALLED),
    ...[
      ...exit.metrics,
      ...linkMetrics(links, 8),
      natMetric({ current: "easy" }),
      ...client().counts.metrics,
      ...processMetrics(),
    ],
  ];
  for (const { name } of all) expect(text).toContain(`| \`${name}\``);
});
