import { TaborError } from "@tabor/onion-core";

/** What a program's metrics say at one moment: values by name and labels, `tabor_relay_links` or `process_x{a="b"}`. */
export type Samples = ReadonlyMap<string, number>;

/** As `http://127.0.0.1:PORT/metrics` has them. More lines than that are of no program of ours. */
const MAX_LINES = 10_000;
const SAMPLE = /^([a-zA-Z_:][\w:]*(?:\{[^}]*\})?) ([0-9.eE+-]+)$/;

/** @throws malformed for anything else than metrics in the text format of Prometheus, as our programs write it. */
export function parseSamples(text: string): Samples {
  const samples = new Map<string, number>();
  for (const line of text.split("\n", MAX_LINES)) {
    if (line === "" || line.startsWith("#")) continue;
    const [, name = "", value = ""] = SAMPLE.exec(line) ?? [];
    const number = Number(value);
    if (name === "" || value === "" || !Number.isFinite(number)) throw notMetrics();
    samples.set(name, number);
  }
  return samples;
}

function notMetrics(): TaborError {
  return new TaborError("malformed", "here", "What listens there has no metrics of Tabor.");
}
