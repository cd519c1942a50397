import { TaborError, type NatClass } from "@tabor/onion-core";
import type { Samples } from "./samples.ts";

export interface StatusInput {
  readonly now: Samples;
  /** An earlier look, for rates. */
  readonly before?: { readonly samples: Samples; readonly seconds: number } | undefined;
  readonly bold: (text: string) => string;
}

/** What a person is told of a program, a line each. @throws malformed if these are not the metrics of a program that has a status. */
export function statusText(input: StatusInput): readonly string[] {
  const has = (name: string): boolean => input.now.has(name);
  if (!has("tabor_directory_joined")) {
    throw new TaborError(
      "malformed",
      "here",
      "What listens there has no metrics of a relay, an exit, a proxy or a measurer.",
    );
  }
  const rows = [
    ...directoryRow(input),
    ...(has("tabor_relay_circuits") ? relayRows(input) : []),
    ...(has('tabor_exit_streams_total{kind="connect",result="answered"}') ? exitRows(input) : []),
    ...(has("tabor_client_ready_percent") ? clientRows(input) : []),
    ...(has("tabor_measurer_measured_relays") ? measurerRows(input) : []),
    ...processRow(input),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `${input.bold(name.padEnd(width))}  ${text}`);
}

type Row = readonly [name: string, text: string];

function directoryRow({ now }: StatusInput): readonly Row[] {
  const joined = get(now, "tabor_directory_joined") === 1 ? "joined" : "not joined";
  const relays = `${get(now, "tabor_consensus_relays")} relays`;
  if (!now.has("tabor_relay_listed")) return [["Network", `${joined}, ${relays}`]];
  const listed = get(now, "tabor_relay_listed") === 1 ? "listed" : "not listed";
  const draining = get(now, "tabor_relay_draining") === 1 ? ", draining" : "";
  return [["Network", `${joined}, ${listed} among ${relays}${draining}`]];
}

function measurerRows({ now }: StatusInput): readonly Row[] {
  const measurer = (name: string): number => get(now, `tabor_measurer_${name}`);
  const [answering, silent, untried] = ["answering", "silent", "untried"].map((state) =>
    measurer(`relays{state="${state}"}`),
  );
  const ofResult = (name: string, good: string): string =>
    `${measurer(`${name}{result="${good}"}`)}, ${measurer(`${name}{result="failed"}`)} failed`;
  return [
    ["Relays", `${answering ?? 0} answer, ${silent ?? 0} are silent, ${untried ?? 0} not tried yet`],
    ["Measured", `${measurer("measured_relays")} within a day`],
    ["Looks", ofResult("looks_total", "answered")],
    ["Transfers", ofResult("transfers_total", "done")],
  ];
}

function relayRows(input: StatusInput): readonly Row[] {
  const { now } = input;
  const relay = (name: string): number => get(now, `tabor_relay_${name}`);
  const signalled = (by: string): string =>
    upTo(
      ["dialled", "answered"].reduce(
        (sum, direction) => sum + relay(`signalled_total{direction="${direction}",by="${by}"}`),
        0,
      ),
    );
  const queues = `${size(relay("queue_bytes"))} of ${size(relay("queue_limit_bytes"))}`;
  const used = ["day", "month"].map((period) => size(relay(`data_used_bytes{period="${period}"}`)));
  const circuits = `${upTo(relay("circuits"))} now, ${upTo(relay("circuits_total"))} in all`;
  return [
    ["Links", `${relay("links")} to relays, ${upTo(relay("client_links"))} to clients; ${throughTurn(now)}`],
    ["Signalled", `${signalled("mesh")} through other relays, ${signalled("broker")} by the broker`],
    ["Dialled", connections(now, "dialled")],
    ["Answered", connections(now, "answered")],
    [
      "NAT",
      NAT_TEXT.find(([name]) => get(now, `tabor_relay_nat{class="${name}"}`) === 1)?.[1] ?? "not known",
    ],
    ["Circuits", `${circuits}, ${upTo(relay("circuits_refused_total"))} refused`],
    [
      "Traffic",
      `${flow(input, "tabor_relay_bytes_total", "in")}; ${flow(input, "tabor_relay_bytes_total", "out")}`,
    ],
    ["Queues", `${queues}; ${upTo(relay("memory_killed_total"))} ended for want of memory`],
    ["Data", `${used[0] ?? ""} today, ${used[1] ?? ""} this month; ${allowance(now)}`],
  ];
}

function exitRows(input: StatusInput): readonly Row[] {
  const streams = (kind: string, result: string): string =>
    upTo(get(input.now, `tabor_exit_streams_total{kind="${kind}",result="${result}"}`));
  const connect = `${streams("connect", "answered")} opened, ${streams("connect", "refused")} refused, ${streams("connect", "failed")} failed`;
  return [
    ["Streams", connect],
    ["Names", `${streams("resolve", "answered")} found, ${streams("resolve", "failed")} not`],
    [
      "Sites",
      `${flow(input, "tabor_exit_bytes_total", "in")}; ${flow(input, "tabor_exit_bytes_total", "out")}`,
    ],
  ];
}

function clientRows({ now }: StatusInput): readonly Row[] {
  const client = (name: string, labels = ""): number => get(now, `tabor_client_${name}${labels}`);
  const streams = (kind: string, result: string): number =>
    client("streams_total", `{kind="${kind}",result="${result}"}`);
  const builds = (result: string): number => client("builds_total", `{result="${result}"}`);
  return [
    ["Ready", `${client("ready_percent")} %`],
    [
      "Circuits",
      `${client("circuits", '{state="open"}')} open, ${builds("built")} built, ${builds("failed")} failed`,
    ],
    ["Streams", `${streams("connect", "opened")} opened, ${streams("connect", "failed")} failed`],
    ["Names", `${streams("resolve", "opened")} found, ${streams("resolve", "failed")} not`],
  ];
}

function processRow({ now }: StatusInput): readonly Row[] {
  const hours = (get(now, "process_uptime_seconds") / 3600).toFixed(1);
  const cpu = get(now, "process_cpu_seconds_total");
  return [
    ["Process", `${size(get(now, "process_resident_memory_bytes"))}, ${cpu} s of processor in ${hours} h`],
  ];
}

function allowance(now: Samples): string {
  const is = (state: string): boolean => get(now, `tabor_relay_allowance{state="${state}"}`) === 1;
  if (is("spent")) return "used up: it carries nothing until the next day or month";
  return is("low") ? "nearly used up: no new circuits" : "within the limits";
}

/** "in 120 MiB, 1.5 MiB/s" */
function flow({ now, before }: StatusInput, name: string, direction: string): string {
  const key = `${name}{direction="${direction}"}`;
  const total = `${direction} ${size(get(now, key))}`;
  if (before === undefined || before.seconds <= 0) return total;
  return `${total}, ${size(Math.max(0, get(now, key) - get(before.samples, key)) / before.seconds)}/s`;
}

const NAT_TEXT: readonly (readonly [name: NatClass, text: string])[] = [
  ["easy", "none that matters"],
  ["hard", "hard: no links to relays behind another"],
  ["turn", "hard, with a TURN server"],
];

function throughTurn(now: Samples): string {
  return `${upTo(get(now, "tabor_connections_turn"))} through TURN`;
}

function connections(now: Samples, direction: string): string {
  const [opened, failed] = ["opened", "failed"].map((result) =>
    get(now, `tabor_connections_total{direction="${direction}",result="${result}"}`),
  );
  const counts = `${upTo(opened ?? 0)} opened, ${upTo(failed ?? 0)} failed`;
  if (!opened && !failed) return counts;
  const percent = get(now, `tabor_connections_opened_percent{direction="${direction}"}`);
  return `${counts} (${percent} % opened)`;
}

function get(samples: Samples, key: string): number {
  return samples.get(key) ?? 0;
}

/** What is rounded up says so. */
function upTo(value: number): string {
  return value === 0 ? "0" : `≤ ${value}`;
}

function size(bytes: number): string {
  const [unit, one] = bytes >= 2 ** 30 ? (["GiB", 2 ** 30] as const) : (["MiB", 2 ** 20] as const);
  return `${(bytes / one).toFixed(1)} ${unit}`;
}
