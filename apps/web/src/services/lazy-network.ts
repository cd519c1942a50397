import type { OnionClient } from "@tabor/onion-core";
import type { Network, NetworkState } from "./network.ts";
import { Store, type Readable } from "./store.ts";

/** The part of a client that pages use. */
type Client = Pick<OnionClient, "openStream" | "newCircuitFor" | "newIdentity">;

export const LOADING: NetworkState = {
  directory: { phase: "loading" },
  client: { stage: "directory", percent: 0, doing: "", problem: undefined },
  circuits: [],
};

/** A network whose code is still being loaded when the app is first shown. */
export class LazyNetwork implements Network {
  readonly #state = new Store<NetworkState>(LOADING);
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
    this.#arrive(client);
  }

  async openStream(...parameters: Parameters<Client["openStream"]>): ReturnType<Client["openStream"]> {
    const client = await this.#arrived;
    return client.openStream(...parameters);
  }

  newCircuitFor(isolation: string): void {
    this.#client?.newCircuitFor(isolation);
  }

  newIdentity(): void {
    this.#client?.newIdentity();
  }
}
