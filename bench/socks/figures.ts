import type { SocksMeasured, Speeds } from "./measure.ts";
import { type Figure, timing } from "../lib/figures.ts";
import { median } from "../lib/stats.ts";

const MEANING: Readonly<Record<keyof Speeds, string>> = {
  "download.streams1": "down, one stream",
  "download.streams10": "down, ten streams on ten circuits, together",
  "upload.streams1": "up, one stream",
  "upload.streams10": "up, ten streams on ten circuits, together",
};

export function socksFigures({ firstByteMs, speeds }: SocksMeasured): Figure[] {
  return [
    ...timing("socks.firstbyte", firstByteMs, "from the connection to the proxy to the site's first byte"),
    ...(Object.keys(MEANING) as (keyof Speeds)[]).map((name) => ({
      name: `socks.${name}.mibps`,
      value: median(speeds.map((one) => one[name])),
      unit: "MiB/s",
      meaning: MEANING[name],
    })),
  ];
}
