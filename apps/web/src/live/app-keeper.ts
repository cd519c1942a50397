import type { Clock, Log } from "@tabor/onion-core";
import type { KeptBuilds } from "../kept/kept-builds.ts";
import type { AppUpdate } from "../services/app-update.ts";
import { Store } from "../services/store.ts";

const WORKER = "/sw.js";
/** How often it is looked whether there is a newer build, in milliseconds: volunteers leave the app open for days. */
const LOOK_MS = 3_600_000;

export interface AppKeeperInit {
  /** Undefined where service workers are switched off, as in some private windows. */
  readonly container: ServiceWorkerContainer | undefined;
  readonly builds: KeptBuilds;
  readonly reload: () => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Has this browser keep the app, and tells when a newer build is there; where it keeps nothing, the app comes from the server each time. */
export class AppKeeper implements AppUpdate {
  readonly isOffered = new Store(false);
  readonly #init: AppKeeperInit;

  constructor(init: AppKeeperInit) {
    this.#init = init;
  }

  /** Never throws. */
  async start(): Promise<void> {
    const { container, clock, log } = this.#init;
    try {
      const registration = await container?.register(WORKER, { updateViaCache: "none" });
      if (registration !== undefined) this.#follow(registration, clock);
    } catch {
      log.info("this browser does not keep the app");
    }
    await this.#look();
  }

  accept(): void {
    const { builds, reload } = this.#init;
    void builds.accept().then(reload, reload);
  }

  #follow(registration: ServiceWorkerRegistration, clock: Clock): void {
    const watch = (): void => {
      // It is installed once its build has been kept.
      registration.installing?.addEventListener("statechange", () => void this.#look());
    };
    registration.addEventListener("updatefound", watch);
    watch();
    const lookAgain = (): void => {
      // It fails without a network.
      registration.update().catch(() => undefined);
      clock.after(LOOK_MS, lookAgain);
    };
    clock.after(LOOK_MS, lookAgain);
  }

  /** Once offered, it is: this page goes on as it is until it is loaded anew. */
  async #look(): Promise<void> {
    if (this.isOffered.value) return;
    const hasOffer = await this.#init.builds.hasOffer().catch(() => false);
    if (hasOffer) this.isOffered.value = true;
  }
}
