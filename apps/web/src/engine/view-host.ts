import { BOOT_PATH } from "@tabor/browsing/paths";
import { TaborError, type Clock } from "@tabor/onion-core";

export interface ViewHostInit {
  readonly viewOrigin: string;
  readonly clock: Clock;
  /** The boot page has come, or come again: where its questions and its reports arrive. */
  readonly connected: (ports: BootPorts) => void;
}

export interface BootPorts {
  readonly engine: MessagePort;
  readonly agent: MessagePort;
}

/** Milliseconds that the boot page may take, from the server to its service worker. */
const DEADLINE = 60_000;
/** Milliseconds that it may take to forget what the browser keeps for its origin. */
const WIPE_DEADLINE = 20_000;

const BLOCKED =
  "service workers are blocked in this browser or window, and pages are shown by one; allow them for this site, or use a window that is not private";

/** The boot page of one origin of the view, in a frame that nobody sees. */
export class ViewHost {
  readonly #init: ViewHostInit;
  readonly #frame = document.createElement("iframe");
  #ready: Promise<void> | undefined;
  #arrive: () => void = () => undefined;
  #refuse: () => void = () => undefined;
  #wiped: () => void = () => undefined;

  constructor(init: ViewHostInit) {
    this.#init = init;
    this.#frame.hidden = true;
    this.#frame.title = "Tabor's view";
    this.#frame.referrerPolicy = "no-referrer";
    // Scripts of pages that are shown in its origin reach into it: it can no more than they.
    this.#frame.setAttribute("sandbox", "allow-scripts allow-same-origin");
    addEventListener("message", this.#hear);
  }

  /** Resolves once frames may ask for pages. @throws unreachable: this browser does not let the view work. */
  ready(): Promise<void> {
    this.#ready ??= this.#start().catch((thrown: unknown) => {
      this.#ready = undefined;
      this.#frame.remove();
      throw thrown;
    });
    return this.#ready;
  }

  /** Takes the frame away; nothing asks for pages of this origin any more. */
  close(): void {
    removeEventListener("message", this.#hear);
    this.#frame.remove();
  }

  /** Has the browser forget all that it keeps for the origin, then takes the frame away. @returns whether the boot page said that it has. */
  async wipe(): Promise<boolean> {
    try {
      await this.ready();
      return await new Promise<boolean>((resolve) => {
        const cancel = this.#init.clock.after(WIPE_DEADLINE, () => {
          resolve(false);
        });
        this.#wiped = () => {
          cancel();
          resolve(true);
        };
        this.#frame.contentWindow?.postMessage("tabor-view-wipe", this.#init.viewOrigin);
      });
    } catch {
      // It was there when the page was shown: what is kept is not known.
      return false;
    } finally {
      this.close();
    }
  }

  readonly #hear = ({ source, origin, data }: MessageEvent<unknown>): void => {
    if (source === null || source !== this.#frame.contentWindow || origin !== this.#init.viewOrigin) return;
    if (data === "tabor-view-ready") this.#connect();
    if (data === "tabor-view-failed") this.#refuse();
    if (data === "tabor-view-wiped") this.#wiped();
  };

  #start(): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (why: string) => (): void => {
        cancel();
        reject(new TaborError("unreachable", "here", why));
      };
      this.#refuse = fail(BLOCKED);
      this.#arrive = () => {
        cancel();
        resolve();
      };
      const cancel = this.#init.clock.after(DEADLINE, fail("the view of pages does not answer"));
      this.#frame.src = `${this.#init.viewOrigin}${BOOT_PATH}`;
      document.body.append(this.#frame);
    });
  }

  #connect(): void {
    const engine = new MessageChannel();
    const agent = new MessageChannel();
    const { viewOrigin, connected } = this.#init;
    this.#frame.contentWindow?.postMessage("tabor-view-connect", viewOrigin, [engine.port2, agent.port2]);
    connected({ engine: engine.port1, agent: agent.port1 });
    this.#arrive();
  }
}

/** Where the pages of an app at `app.<site>` are shown. The server leads whoever comes by another name to that one. */
export function viewOriginOf({ protocol, host }: Pick<Location, "protocol" | "host">): string {
  return `${protocol}//view.${host.replace(/^app\./, "")}`;
}
