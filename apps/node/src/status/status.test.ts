import { VirtualClock } from "@tabor/onion-core/testing";
import { MetricsPage, processMetrics } from "@tabor/operator";
import { LinkCounts } from "@tabor/rtc-link";
import { describe, expect, test } from "vitest";
import { ExitCounts } from "../metrics/exit-counts.ts";
import { linkMetrics } from "../metrics/link-metrics.ts";
import { directoryMetrics } from "../metrics/directory-metrics.ts";
import { parseSamples } from "./samples.ts";
import { statusText } from "./status-text.ts";

const plain = (text: string): string => text;

const RELAY = `# HELP tabor_directory_joined 1 while joined.
# TYPE tabor_directory_joined gauge
tabor_directory_joined 1
tabor_consensus_relays 12
tabor_relay_listed 1
tabor_relay_draining 1
tabor_relay_links 11
tabor_relay_client_links 24
tabor_relay_signalled_total{direction="dialled",by="broker"} 8
tabor_relay_signalled_total{direction="dialled",by="mesh"} 8
tabor_relay_signalled_total{direction="answered",by="mesh"} 16
tabor_relay_nat{class="turn"} 1
tabor_connections_turn 8
tabor_connections_total{direction="dialled",result="opened"} 16
tabor_connections_total{direction="dialled",result="failed"} 8
tabor_connections_opened_percent{direction="dialled"} 70
tabor_relay_circuits 16
tabor_relay_circuits_total 1200
tabor_relay_circuits_refused_total 0
tabor_relay_memory_killed_total 8
tabor_relay_bytes_total{direction="in"} 1048576
tabor_relay_bytes_total{direction="out"} 3221225472
tabor_relay_queue_bytes 2097152
tabor_relay_queue_limit_bytes 536870912
tabor_relay_data_used_bytes{period="day"} 1048576
tabor_relay_data_used_bytes{period="month"} 1073741824
tabor_relay_allowance{state="low"} 1
`;

test("a relay's status, with rates since the last look", () => {
  const now = parseSamples(RELAY);
  const before = { samples: parseSamples(RELAY.replace(" 1048576", " 0")), seconds: 0.5 };
  expect(statusText({ now, before, bold: plain })).toEqual([
    "Network    joined, listed among 12 relays, draining",
    "Links      11 to relays, ≤ 24 to clients; ≤ 8 through TURN",
    "Signalled  ≤ 24 through other relays, ≤ 8 by the broker",
    "Dialled    ≤ 16 opened, ≤ 8 failed (70 % opened)",
    "Answered   0 opened, 0 failed",
    "NAT        hard, with a TURN server",
    "Circuits   ≤ 16 now, ≤ 1200 in all, 0 refused",
    "Traffic    in 1.0 MiB, 2.0 MiB/s; out 3.0 GiB, 0.0 MiB/s",
    "Queues     2.0 MiB of 512.0 MiB; ≤ 8 ended for want of memory",
    "Data       1.0 MiB today, 1.0 GiB this month; nearly used up: no new circuits",
    "Process    0.0 MiB, 0 s of processor in 0.0 h",
  ]);
});

test("it reads what our programs serve, and shows an exit's and a client's part where there are such", async () => {
  const directory = directoryMetrics({ state: { phase: "connecting" }, current: undefined });
  const metrics = [
    ...directory,
    ...new ExitCounts().metrics,
    ...linkMetrics(new LinkCounts(), 8),
    ...processMetrics(),
  ];
  const now = parseSamples(await new MetricsPage(metrics, new VirtualClock()).text());
  const text = statusText({ now, bold: (name) => `*${name}*` }).join("\n");
  expect(text).toContain("*Network*  not joined, 0 relays");
  expect(text).toContain("*Streams*  0 opened, 0 refused, 0 failed");
  expect(text).toMatch(/\*Process\* {2}[1-9]\d*\.0 MiB, /);
  expect(text).not.toContain("Circuits");
  const client = new Map([...now, ["tabor_client_ready_percent", 45]]);
  expect(statusText({ now: client, bold: plain }).join("\n")).toMatch(/^Ready +45 %$/m);
  const ofMeasurer = [
    ["measured_relays", 4],
    ['relays{state="answering"}', 5],
    ['relays{state="silent"}', 1],
    ['looks_total{result="answered"}', 60],
    ['looks_total{result="failed"}', 7],
  ] as const;
  const measurer = new Map([
    ...now,
    ...ofMeasurer.map(([name, n]) => [`tabor_measurer_${name}`, n] as const),
  ]);
  const told = statusText({ now: measurer, bold: plain }).join("\n");
  expect(told).toMatch(/^Relays +5 answer, 1 are silent, 0 not tried yet$/m);
  expect(told).toMatch(/^Looks +60, 7 failed$/m);
});

describe("what has no status of ours is refused", () => {
  test.each(["<html>", "a b", "up 1\nx{} NaN", "a", "a 1 2", "a 1e"])("as metrics: %j", (text) => {
    expect(() => parseSamples(text)).toThrow("no metrics of Tabor");
  });
  test("as metrics of another program", () => {
    expect(() => statusText({ now: parseSamples("up 1\n"), bold: plain })).toThrow("no metrics of a relay");
  });
});
