/** Measures any SOCKS 5 onion proxy, ours or another (`bench/socks/options.ts` has the options). */
import { socksFigures } from "./socks/figures.ts";
import { measureProxy } from "./socks/measure.ts";
import { type SocksBenchOptions, socksBenchOptions, USAGE } from "./socks/options.ts";
import { printTable, writeJson } from "./lib/figures.ts";

const options = optionsOrUsage();
try {
  const figures = socksFigures(await measureProxy(options));
  printTable(figures);
  if (options.json !== undefined) writeJson(options.json, figures);
} catch (thrown) {
  end(thrown);
}

function optionsOrUsage(): SocksBenchOptions {
  try {
    return socksBenchOptions(process.argv.slice(2));
  } catch (thrown) {
    console.error(USAGE);
    return end(thrown);
  }
}

function end(thrown: unknown): never {
  console.error(thrown instanceof Error ? thrown.message : String(thrown));
  process.exit(1);
}
