import { TaborError, toTaborError } from "@tabor/onion-core";
import { isCircuitLoss } from "./explain.ts";
import { loadPage, type LoadDeps, type LoadTask, type Offered } from "./load-page.ts";
import type { OfferPage } from "./page.ts";
import { bytesText } from "./bytes-text.ts";
import { STARTING } from "./progress.ts";

/** A saved file is put together in memory first. */
export const MAX_SAVED_BYTES = 512 << 20;
const MAX_RECOVERIES = 3;
/** Pieces are joined into blobs of about this size, which browsers keep on disk. */
const BLOB_STEP = 4 << 20;

/** Hands a finished file to the person. */
export type SaveFile = (file: Blob, name: string) => void;

export interface SaveTask extends Omit<LoadTask, "url"> {
  readonly offer: Offered;
}

/** Reads what is offered to its end; when a circuit is lost, asks for it again from the start. @throws TaborError. */
export async function saveBody(task: SaveTask, deps: LoadDeps): Promise<Blob> {
  let { offer } = task;
  for (let recoveries = 0; ; recoveries++) {
    try {
      return await readBlob(offer, task);
    } catch (thrown) {
      const error = toTaborError(thrown, "here", "saving a file");
      if (task.signal.aborted || !isCircuitLoss(error) || recoveries === MAX_RECOVERIES) throw error;
      task.onRecovery();
      offer = await offerAgain(task, deps);
    }
  }
}

async function offerAgain(task: SaveTask, deps: LoadDeps): Promise<Offered> {
  const again = await loadPage({ ...task, url: task.offer.page.url }, deps);
  if ("body" in again) return again;
  throw new TaborError("malformed", "site", "the site answers differently than before");
}

async function readBlob({ page, body, close }: Offered, task: SaveTask): Promise<Blob> {
  const { signal, onProgress } = task;
  signal.addEventListener("abort", close);
  const blobs: Blob[] = [];
  let pieces: Uint8Array<ArrayBuffer>[] = [];
  let held = 0;
  let received = 0;
  try {
    for await (const piece of body) {
      received += piece.length;
      held += piece.length;
      if (received > MAX_SAVED_BYTES) throw tooLarge();
      pieces.push(piece.slice());
      if (held > BLOB_STEP) {
        blobs.push(new Blob(pieces));
        pieces = [];
        held = 0;
      }
      onProgress(savingProgress(page, received));
    }
    return new Blob([...blobs, ...pieces], { type: "application/octet-stream" });
  } finally {
    signal.removeEventListener("abort", close);
  }
}

function savingProgress(page: OfferPage, received: number): Parameters<LoadTask["onProgress"]>[0] {
  const sentence = `${bytesText(received)} saved`;
  return { ...STARTING, sentence, received, total: page.length, circuit: page.circuit };
}

function tooLarge(): TaborError {
  return new TaborError(
    "resource-limit",
    "here",
    `files above ${bytesText(MAX_SAVED_BYTES)} cannot be saved yet`,
  );
}
