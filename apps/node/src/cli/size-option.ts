import { InvalidArgumentError } from "commander";

const BYTES_BY_UNIT: Readonly<Record<string, number>> = {
  ...{ MB: 1e6, GB: 1e9, TB: 1e12 },
  ...{ MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 },
};

/** Bytes of "500 GB" or "1.5 TiB". */
export function parseSize(text: string): number {
  const [, number = "", unit = ""] = /^(\d{1,6}(?:\.\d{1,3})?) ?([A-Za-z]+)$/.exec(text) ?? [];
  const bytes = Math.round(Number(number) * (BYTES_BY_UNIT[unit] ?? 0));
  if (bytes > 0) return bytes;
  const units = Object.keys(BYTES_BY_UNIT).join(", ");
  throw new InvalidArgumentError(`A number and one of ${units} is wanted, like "500 GB".`);
}
