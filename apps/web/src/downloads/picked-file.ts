import { TaborError } from "@tabor/onion-core";
import type { OpenSink } from "./file-sink.ts";
import { isNamed, toWritable } from "./writable.ts";

/** File System Access (WICG), which TypeScript's library has not. */
interface Picker {
  showSaveFilePicker?(options: { readonly suggestedName: string }): Promise<FileSystemFileHandle>;
}

/** A file where the person wants it, written as it comes. Chromium has it, while a click is fresh. */
export const pickedFile: OpenSink = async ({ fileName }) => {
  const picker = window as Picker;
  if (picker.showSaveFilePicker === undefined) return undefined;
  try {
    const handle = await picker.showSaveFilePicker({ suggestedName: fileName });
    return toWritable(await handle.createWritable());
  } catch (thrown) {
    if (isNamed(thrown, "AbortError")) throw new TaborError("aborted", "here", "no place was chosen for it");
    // The click is too long ago, or the name is one that this browser refuses.
    return undefined;
  }
};
