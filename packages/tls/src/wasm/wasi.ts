import type { Clock, Random } from "@tabor/onion-core";

/** What the module asks of its host: WASI preview 1, as far as it goes. */
export interface Host {
  readonly random: Random;
  readonly clock: Pick<Clock, "now">;
  /** What a panic said, before the trap that follows it. */
  readonly complain: (text: string) => void;
}

const SUCCESS = 0;
/** `errno` of WASI. */
const BAD_FILE = 8;
const STDERR = 2;
const NANOSECONDS_PER_MILLISECOND = 1_000_000n;

/** @param memory the instance's, which does not exist yet when this is called. */
export function wasiImports(host: Host, memory: () => WebAssembly.Memory): WebAssembly.ModuleImports {
  const bytes = (address: number, length: number): Uint8Array =>
    new Uint8Array(memory().buffer, address >>> 0, length);
  const view = (): DataView => new DataView(memory().buffer);
  return {
    random_get: (address: number, length: number) => {
      host.random.fill(bytes(address, length));
      return SUCCESS;
    },
    clock_time_get: (_clock: number, _precision: bigint, into: number) => {
      const nanoseconds = BigInt(Math.trunc(host.clock.now())) * NANOSECONDS_PER_MILLISECOND;
      view().setBigUint64(into, nanoseconds, true);
      return SUCCESS;
    },
    fd_write: (file: number, vectors: number, count: number, written: number) => {
      if (file !== STDERR) return BAD_FILE;
      const text = gather(view(), vectors, count);
      host.complain(new TextDecoder().decode(text));
      view().setUint32(written, text.length, true);
      return SUCCESS;
    },
    environ_get: () => SUCCESS,
    environ_sizes_get: (count: number, size: number) => {
      view().setUint32(count, 0, true);
      view().setUint32(size, 0, true);
      return SUCCESS;
    },
    proc_exit: () => {
      throw new WebAssembly.RuntimeError("exit");
    },
  };
}

/** The bytes of a list of (address, length). */
function gather(memory: DataView, vectors: number, count: number): Uint8Array {
  const parts = Array.from({ length: count }, (_, index) => {
    const address = memory.getUint32(vectors + 8 * index, true);
    return [...new Uint8Array(memory.buffer, address, memory.getUint32(vectors + 8 * index + 4, true))];
  });
  return Uint8Array.from(parts.flat());
}
