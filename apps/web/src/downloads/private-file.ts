import type { Clock } from "@tabor/onion-core";
import type { FileSink, OpenSink } from "./file-sink.ts";
import { READ_WITHIN } from "./hand-over.ts";
import { toWritable } from "./writable.ts";

const FOLDER = "downloads";

export interface PrivateFileDeps {
  readonly clock: Clock;
  readonly storage: StorageManager;
  readonly locks: LockManager;
  readonly handOver: (file: Blob, name: string) => void;
}

/**
 * A file in the app's own part of the disk (File System, "origin private"), which becomes one of the browser's downloads when it
 * is whole, and is then taken away. Not in Firefox's private windows, nor in older Safari.
 */
export function privateFiles({ clock, storage, locks, handOver }: PrivateFileDeps): OpenSink {
  return async ({ fileName }) => {
    const name = crypto.randomUUID();
    const folder = await folderIn(storage);
    const handle = await folder?.getFileHandle(name, { create: true });
    // The declaration in TypeScript's library is ahead of Safari.
    const canWrite = handle !== undefined && "createWritable" in handle;
    if (folder === undefined || !canWrite) return undefined;
    const unlock = hold(locks, name);
    const remove = async (): Promise<void> => {
      unlock();
      await folder.removeEntry(name).catch(() => undefined);
    };
    const file = toWritable(await handle.createWritable());
    const sink: FileSink = {
      write: (bytes) => file.write(bytes),
      close: async () => {
        await file.close();
        handOver(await handle.getFile(), fileName);
        clock.after(READ_WITHIN, () => void remove());
      },
      abort: async () => {
        await file.abort();
        await remove();
      },
    };
    return sink;
  };
}

/** Takes away what tabs left that were closed while a file was in it. */
export async function removeForgotten({
  storage,
  locks,
}: Pick<PrivateFileDeps, "storage" | "locks">): Promise<void> {
  const folder = await folderIn(storage);
  if (folder === undefined) return;
  const { held = [] } = await locks.query();
  const inUse = new Set(held.map(({ name }) => name));
  for await (const name of folder.keys()) {
    if (!inUse.has(lockOf(name))) await folder.removeEntry(name).catch(() => undefined);
  }
}

async function folderIn(storage: StorageManager): Promise<FileSystemDirectoryHandle | undefined> {
  try {
    return await (await storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });
  } catch {
    return undefined;
  }
}

/** Tells other tabs that a file is in use, until it is told otherwise or this tab ends. */
function hold(locks: LockManager, name: string): () => void {
  let unlock: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (unlock = resolve));
  void locks.request(lockOf(name), () => held);
  return unlock;
}

function lockOf(name: string): string {
  return `tabor-download ${name}`;
}
