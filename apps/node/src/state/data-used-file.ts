import { TaborError, type Cancel, type Clock, type DataUsed, type Log } from "@tabor/onion-core";
import { errorCode } from "../net/system-error.ts";
import { loadText, saveText } from "./text-file.ts";

/** A crash forgets what was used in the last of these, in milliseconds. */
const SAVE_INTERVAL_MS = 60_000;

/** What a relay has used of its owner's data, as it was kept. @throws malformed if the file holds something else. */
export async function loadDataUsed(path: string): Promise<DataUsed | undefined> {
  const text = await loadText(path);
  if (text === undefined) return undefined;
  const [, day, ofDay, ofMonth] = /^(\d{4}-\d\d-\d\d) (\d{1,15}) (\d{1,15})\n$/.exec(text) ?? [];
  if (day !== undefined) return { day, bytesOfDay: Number(ofDay), bytesOfMonth: Number(ofMonth) };
  const advice = "delete it, and what was used is counted from nothing";
  throw new TaborError("malformed", "here", `${path} does not hold what data was used: ${advice}.`);
}

/** Keeps what a relay uses, from now on. @returns what saves it a last time and stops. */
export function keepDataUsed(
  relay: { readonly dataUsed: DataUsed },
  path: string,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): () => Promise<void> {
  let saving = Promise.resolve();
  let cancel: Cancel = () => undefined;
  const save = async (): Promise<void> => {
    try {
      await saveText(path, textOf(relay.dataUsed));
    } catch (thrown) {
      log.warn("what data was used cannot be kept", { code: errorCode(thrown) });
    }
  };
  const saveInTurn = (): Promise<void> => (saving = saving.then(save));
  const saveAgain = (): void => {
    cancel = clock.after(SAVE_INTERVAL_MS, () => {
      void saveInTurn();
      saveAgain();
    });
  };
  saveAgain();
  return () => {
    cancel();
    return saveInTurn();
  };
}

function textOf({ day, bytesOfDay, bytesOfMonth }: DataUsed): string {
  return `${day} ${Math.round(bytesOfDay)} ${Math.round(bytesOfMonth)}\n`;
}
