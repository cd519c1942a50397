import { parseArgs } from "node:util";

export const USAGE = `npm run bench:socks -- HOST:PORT [options]
  HOST:PORT          the SOCKS 5 proxy to measure
  --listen ADDRESS   where our site listens: an address that the proxy's exits reach (127.0.0.1)
  --site-port PORT   and its port (any free one)
  --site NAME        what the proxy is asked for: a name or address that leads there from the exits (the address)
  --mib N            how much each download and upload has (64)
  --streams N        fresh streams whose first byte is timed (200)
  --rounds N         how often all is done; the medians are told (3)
  --json FILE        writes the figures under stable names`;

export interface SocksBenchOptions {
  readonly proxy: { readonly host: string; readonly port: number };
  readonly listen: string;
  readonly sitePort: number;
  readonly site: string;
  readonly mib: number;
  readonly streams: number;
  readonly rounds: number;
  readonly json: string | undefined;
}

/** @throws Error with a sentence for who typed it. */
export function socksBenchOptions(args: readonly string[]): SocksBenchOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      listen: { type: "string", default: "127.0.0.1" },
      "site-port": { type: "string", default: "0" },
      site: { type: "string" },
      mib: { type: "string", default: "64" },
      streams: { type: "string", default: "200" },
      rounds: { type: "string", default: "3" },
      json: { type: "string" },
    },
  });
  const [proxy, ...others] = positionals;
  if (proxy === undefined || others.length > 0) throw new Error("one proxy is wanted, as HOST:PORT");
  return {
    proxy: hostAndPort(proxy),
    listen: values.listen,
    sitePort: whole("--site-port", values["site-port"], 0, 65_535),
    site: values.site ?? values.listen,
    mib: whole("--mib", values.mib, 1, 4095),
    streams: whole("--streams", values.streams, 1, 1_000_000),
    rounds: whole("--rounds", values.rounds, 1, 1000),
    json: values.json,
  };
}

/** An IPv6 address stands in brackets. */
function hostAndPort(text: string): { host: string; port: number } {
  const [, bracketed, plain, port = ""] = /^(?:\[([^\]]+)\]|([^:]+)):([0-9]+)$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) throw new Error(`${text} is no HOST:PORT`);
  return { host, port: whole("the port", port, 1, 65_535) };
}

function whole(what: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^[0-9]+$/.test(text) && value >= least && value <= most) return value;
  throw new Error(`${what} must be a whole number from ${least} to ${most}`);
}
