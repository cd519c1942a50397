import { Store, type Readable } from "../services/store.ts";
import type { Surroundings } from "../volunteer/rest.ts";

/** Network Information API: not in every browser, nor in TypeScript's DOM. */
interface NetworkInformation extends EventTarget {
  readonly saveData?: boolean;
  readonly type?: string;
}

/** Battery Status API: Chromium has it. */
interface Battery extends EventTarget {
  readonly charging: boolean;
}

interface MoreOfNavigator {
  readonly connection?: NetworkInformation;
  readonly getBattery?: () => Promise<Battery>;
}

/** What this browser tells of its network and power, and whether it is about to stop this page (Page Lifecycle). */
export function surroundings(window: Window): Readable<Surroundings> {
  const { navigator, document } = window;
  const { connection, getBattery } = navigator as Navigator & MoreOfNavigator;
  const store = new Store<Surroundings>({
    isOnline: navigator.onLine,
    isMetered: isMetered(connection),
    isOnBattery: undefined,
    isFrozen: false,
  });
  const set = (change: Partial<Surroundings>): void => {
    store.value = { ...store.value, ...change };
  };
  for (const event of ["online", "offline"])
    window.addEventListener(event, () => {
      set({ isOnline: navigator.onLine });
    });
  connection?.addEventListener("change", () => {
    set({ isMetered: isMetered(connection) });
  });
  document.addEventListener("freeze", () => {
    set({ isFrozen: true });
  });
  document.addEventListener("resume", () => {
    set({ isFrozen: false });
  });
  void getBattery?.call(navigator).then(
    (battery) => {
      const look = (): void => {
        set({ isOnBattery: !battery.charging });
      };
      battery.addEventListener("chargingchange", look);
      look();
    },
    () => undefined,
  );
  return store;
}

function isMetered(connection: NetworkInformation | undefined): boolean | undefined {
  if (connection === undefined) return undefined;
  return connection.saveData === true || connection.type === "cellular";
}
