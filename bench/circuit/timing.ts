/** Milliseconds that something takes. */
export async function timed(action: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await action();
  return performance.now() - started;
}

/** A third is downloaded before time is taken: code that is still being compiled says little about the network. */
const WARM_UP = 3;

/** MiB/s of a download, after a shorter one; 0 bytes: 0, and there is none. */
export async function throughput(bytes: number, download: (bytes: number) => Promise<void>): Promise<number> {
  if (bytes === 0) return 0;
  await download(bytes / WARM_UP);
  const ms = await timed(() => download(bytes));
  return bytes / 1_048_576 / (ms / 1000);
}
