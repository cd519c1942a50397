import type { Clock } from "@tabor/onion-core";
import { Counter, Gauge, Registry } from "prom-client";
import { rounded, type LabelledValue, type Metric } from "./metric.ts";

/** How long a page stays as it is, in milliseconds: who asks all the time learns no more of when something happened. */
const FRESH_MS = 10_000;

/** All metrics of a program, in the text format of Prometheus. */
export class MetricsPage {
  readonly contentType: string;
  readonly #registry = new Registry();
  readonly #clock: Clock;
  #text: Promise<string> | undefined;
  #at = 0;

  constructor(metrics: readonly Metric[], clock: Clock) {
    this.#clock = clock;
    this.contentType = this.#registry.contentType;
    for (const metric of metrics) this.#register(metric);
  }

  /** As it is now, or was up to ten seconds ago. */
  text(): Promise<string> {
    const now = this.#clock.monotonic();
    if (this.#text === undefined || now - this.#at >= FRESH_MS) {
      this.#at = now;
      this.#text = this.#registry.metrics();
    }
    return this.#text;
  }

  #register(metric: Metric): void {
    const registers = [this.#registry];
    const config = { name: metric.name, help: helpOf(metric), labelNames: labelsOf(metric), registers };
    if (metric.kind === "gauge") {
      const gauge: Gauge = new Gauge({
        ...config,
        collect: () => {
          for (const [labels, value] of valuesOf(metric)) gauge.set(labels, value);
        },
      });
      return;
    }
    const counter: Counter = new Counter({
      ...config,
      collect: () => {
        counter.reset();
        for (const [labels, value] of valuesOf(metric)) counter.inc(labels, value);
      },
    });
  }
}

function helpOf({ help, bin = 1 }: Metric): string {
  return bin === 1 ? help : `${help} Rounded up to a multiple of ${String(bin)}.`;
}

function labelsOf(metric: Metric): string[] {
  return Object.keys(valuesOf(metric)[0]?.[0] ?? {});
}

function valuesOf({ value, bin = 1 }: Metric): readonly LabelledValue[] {
  const now = value();
  const all: readonly LabelledValue[] = typeof now === "number" ? [[{}, now]] : now;
  return all.map(([labels, each]) => [labels, rounded(each, bin)] as const);
}
