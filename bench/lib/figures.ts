import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { median, quantile } from "./stats.ts";

/** One measured figure. Names are stable: scripts compare them from run to run. */
export interface Figure {
  /** For example `node3.throughput.ratio`. */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it means, for the table. */
  readonly meaning: string;
}

export function figure(name: string, value: number, unit: string, meaning: string): Figure {
  return { name, value, unit, meaning };
}

/** Median and 95th percentile of times in milliseconds. */
export function timing(name: string, values: readonly number[], meaning: string): Figure[] {
  return [
    figure(`${name}.ms.median`, median(values), "ms", meaning),
    figure(`${name}.ms.p95`, quantile(values, 0.95), "ms", `${meaning}, 95th percentile`),
  ];
}

/** Prints the figures as a table, with the machine they were measured on. */
export function printTable(figures: readonly Figure[]): void {
  const rows = figures.map(({ name, value, unit, meaning }) => [name, rounded(value), unit, meaning]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  console.log(`\n${machine()}\n`);
  for (const [name = "", value = "", unit = "", meaning = ""] of rows) {
    console.log(
      `${name.padEnd(widths[0] ?? 0)}  ${value.padStart(widths[1] ?? 0)} ${unit.padEnd(widths[2] ?? 0)}  ${meaning}`,
    );
  }
}

/** The same as JSON: `{ machine, date, figures: { name: value } }`. */
export function writeJson(file: string, figures: readonly Figure[]): void {
  const values = Object.fromEntries(figures.map(({ name, value }) => [name, value]));
  writeFileSync(
    file,
    `${JSON.stringify({ machine: machine(), date: new Date().toISOString(), figures: values }, null, 2)}\n`,
  );
}

function machine(): string {
  const model = cpus()[0]?.model ?? "unknown processor";
  return `${String(cpus().length)} × ${model}, Node ${process.versions.node}, ${process.platform}`;
}

function rounded(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
