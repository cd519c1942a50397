import type { Clock, Log } from "@tabor/onion-core";
import { readSettings } from "../volunteer/settings.ts";
import { readTotals } from "../volunteer/totals.ts";
import type { VolunteerStore } from "../volunteer/volunteer-switch.ts";
import type { VolunteerDatabase } from "./volunteer-database.ts";

const CHANNEL = "tabor-volunteer";

/** Settings and totals in IndexedDB; the other tabs of this browser hear of changes. */
export function volunteerStore(database: VolunteerDatabase, clock: Clock, log: Log): VolunteerStore {
  const channel = new BroadcastChannel(CHANNEL);
  const get = (key: "settings" | "totals"): Promise<unknown> => database.get(key).catch(() => undefined);
  const failed = (): void => {
    log.info("nothing can be kept here of the volunteer's choice");
  };
  return {
    load: async () => {
      const [settings, totals] = await Promise.all([get("settings"), get("totals")]);
      return { settings: readSettings(settings), totals: readTotals(totals, clock.now()) };
    },
    saveSettings: (settings) => {
      database.put("settings", settings).then(() => {
        channel.postMessage("settings");
      }, failed);
    },
    saveTotals: (totals) => {
      database.put("totals", totals).catch(failed);
    },
    onChanged: (listener) => {
      channel.addEventListener("message", listener);
      return () => {
        channel.removeEventListener("message", listener);
      };
    },
  };
}
