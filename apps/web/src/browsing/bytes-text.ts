const UNITS = ["KiB", "MiB", "GiB", "TiB"];

/** "512 bytes", "1.5 KiB", "20 MiB". */
export function bytesText(bytes: number): string {
  if (bytes < 1024) return `${String(bytes)} ${bytes === 1 ? "byte" : "bytes"}`;
  const step = Math.min(Math.floor(Math.log2(bytes) / 10), UNITS.length);
  const value = bytes / 1024 ** step;
  return `${value < 10 ? value.toFixed(1) : Math.round(value).toString()} ${UNITS[step - 1] ?? ""}`;
}
