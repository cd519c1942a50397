import { PortDuplex } from "@tabor/browsing/view";
import {
  ExitRefusal,
  TaborError,
  type Duplex,
  type FetchConnector,
  type FetchOrigin,
} from "@tabor/onion-core";
import type { FetchCounts } from "../services/volunteer.ts";
import type { FetchPolicy } from "./fetch-policy.ts";
import { isRefused, type FetchMessage } from "./messages.ts";

/** At a time (SPEC §11): a browser has few connections. */
const MAX_FETCHES = 64;

/** Fetches for others as long as there is a policy: the volunteer has switched it on. */
export class TabFetcher implements FetchConnector {
  readonly #makeWorker: () => Worker;
  readonly #running = new Set<Fetched>();
  readonly #counted = { total: 0, bytesIn: 0, bytesOut: 0 };
  #worker: Worker | undefined;
  #policy: FetchPolicy | undefined;

  /** @param makeWorker starts `main-fetch-exit.ts`. */
  constructor(makeWorker: () => Worker) {
    this.#makeWorker = makeWorker;
  }

  get policy(): FetchPolicy | undefined {
    return this.#policy;
  }

  get counts(): FetchCounts {
    return { now: this.#running.size, ...this.#counted };
  }

  /** From now on. Without a policy everything that runs is broken off: its clients go on elsewhere. */
  use(policy: FetchPolicy | undefined): void {
    this.#policy = policy;
    if (policy !== undefined) return;
    for (const fetched of [...this.#running]) fetched.refuse("hibernating");
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  fetch(origin: FetchOrigin): Promise<Duplex> {
    if (this.#policy?.allows(origin) !== true) return Promise.reject(new ExitRefusal("exit-policy"));
    if (this.#running.size >= MAX_FETCHES) return Promise.reject(new ExitRefusal("resource-limit"));
    const { port1, port2 } = new MessageChannel();
    const fetched = new Fetched(port1, this.#counted, () => this.#running.delete(fetched));
    this.#running.add(fetched);
    this.#counted.total += 1;
    const message: FetchMessage = { type: "fetch", origin };
    this.#worker ??= this.#makeWorker();
    this.#worker.postMessage(message, [port2]);
    return Promise.resolve(fetched);
  }
}

/** The page's end of one fetch. */
class Fetched implements Duplex {
  readonly #stream: PortDuplex;
  readonly #counted: { bytesIn: number; bytesOut: number };
  readonly #ended: () => void;
  #refusal: ExitRefusal | undefined;

  constructor(port: MessagePort, counted: { bytesIn: number; bytesOut: number }, ended: () => void) {
    this.#counted = counted;
    this.#ended = ended;
    this.#stream = new PortDuplex(port, (message) => {
      if (!isRefused(message)) return false;
      this.#refusal ??= new ExitRefusal(message.reason);
      return true;
    });
    this.#stream.onBroken(ended);
  }

  async read(): Promise<Uint8Array | null> {
    const bytes = await this.#toldWhy(this.#stream.read());
    this.#counted.bytesIn += bytes?.length ?? 0;
    if (bytes === null) this.#ended();
    return bytes;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#counted.bytesOut += bytes.length;
    await this.#toldWhy(this.#stream.write(bytes));
  }

  end(): void {
    this.#stream.end();
  }

  abort(error: TaborError): void {
    this.#stream.abort(error);
  }

  refuse(reason: ExitRefusal["reason"]): void {
    this.#refusal = new ExitRefusal(reason);
    this.#stream.abort(new TaborError("closed", "exit", "the volunteer has switched fetching off"));
  }

  async #toldWhy<T>(wait: Promise<T>): Promise<T> {
    try {
      return await wait;
    } catch (thrown) {
      throw this.#refusal ?? thrown;
    }
  }
}
