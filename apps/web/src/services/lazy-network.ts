import type { ExitKind, StreamTarget } from "@tabor/onion-core";
import type { Network, NetworkState, UsedClient as Client } from "./network.ts";
import { Store, type Readable } from "./store.ts";

export const LOADING: NetworkState = {
  directory: { phase: "loading" },
  client: { stage: "directory", percent: 0, doing: "", problem: undefined },
  circuits: [],
};

/** A network whose code is still being loaded when the app is first shown. */
export class LazyNetwork implements Network {
  readonly #state = new Store<NetworkState>(LOADING);
  readonly #fetchExits = new Store(false);
  #client: Client | undefined;
  #arrive: (client: Client) => void = () => undefined;
  readonly #arrived = new Promise<Client>((resolve) => (this.#arrive = resolve));

  get state(): Readable<NetworkState> {
    return this.#state;
  }

  changed(change: Partial<NetworkState>): void {
    this.#state.value = { ...this.#state.value, ...change };
  }

  /** From now on there is a client to do the work. */
  arrived(client: Client): void {
    this.#client = client;
    client.allowFetchExits(this.#fetchExits.value);
    this.#arrive(client);
  }

  async openStream(...parameters: Parameters<Client["openStream"]>): ReturnType<Client["openStream"]> {
    const client = await this.#arrived;
    return client.openStream(...parameters);
  }

  async openFetch(...parameters: Parameters<Client["openFetch"]>): ReturnType<Client["openFetch"]> {
    const client = await this.#arrived;
    return client.openFetch(...parameters);
  }

  get fetchExits(): Readable<boolean> {
    return this.#fetchExits;
  }

  allowFetchExits(areAllowed: boolean): void {
    this.#fetchExits.value = areAllowed;
    this.#client?.allowFetchExits(areAllowed);
  }

  exitKindFor(target: StreamTarget): ExitKind {
    return this.#client?.exitKindFor(target) ?? "stream";
  }

  newCircuitFor(isolation: string): void {
    this.#client?.newCircuitFor(isolation);
  }

  newIdentity(): void {
    this.#client?.newIdentity();
  }
}
