import { type Cancel, type Clock, type Consensus, type DirectorySource, TaborError } from "@tabor/onion-core";
import type { IncomingSignal, PeerAddress } from "@tabor/signal-protocol";
import type { Broker } from "../signalling/broker.ts";
import type { DirectoryClient } from "../signalling/directory-client.ts";
import { Listeners } from "../signalling/listeners.ts";
import type { DirectoryState } from "../signalling/standing-session.ts";
import type { ServingHost } from "./election.ts";

/** The connection to one server; a `DirectoryClient`. */
export type FollowedServer = Pick<
  DirectoryClient,
  "state" | "onState" | "subscribe" | "signal" | "onSignal" | "publish" | "retry" | "hurry" | "close"
>;

export interface FollowingDirectoryOptions {
  /** Begins to join a server. */
  readonly open: (host: ServingHost) => FollowedServer;
  /**
   * The server that was followed is gone, and is followed no more. @param wasJoined false: it could not be joined. Without
   * this, it is tried again until another is to be followed.
   */
  readonly lost?: ((wasJoined: boolean) => void) | undefined;
  readonly clock: Clock;
}

/** Milliseconds that the peers of a server that is gone have to come to the new one. */
const REGROUPING = 5000;

/**
 * The directory and broker of an ad-hoc network, whichever host serves it now: what is built on it, links and circuits
 * above all, does not notice that another one does (SPEC §9.8).
 */
export class FollowingDirectory implements DirectorySource, Broker {
  readonly #options: FollowingDirectoryOptions;
  readonly #consensuses = new Listeners<Consensus>();
  readonly #signals = new Listeners<IncomingSignal>();
  readonly #states = new Listeners<DirectoryState>();
  #client: FollowedServer | undefined;
  #leave: Cancel = () => undefined;
  #newest: Consensus | undefined;
  #isClosed = false;

  constructor(options: FollowingDirectoryOptions) {
    this.#options = options;
  }

  get state(): DirectoryState {
    return this.#client?.state ?? { phase: this.#isClosed ? "closed" : "connecting" };
  }

  /** Told of the states of the server that is followed. */
  onState(listener: (state: DirectoryState) => void): Cancel {
    return this.#states.add(listener);
  }

  get current(): Consensus | undefined {
    const { clock } = this.#options;
    return this.#newest !== undefined && clock.now() < this.#newest.validUntil ? this.#newest : undefined;
  }

  subscribe(listener: (consensus: Consensus) => void): Cancel {
    return this.#consensuses.add(listener);
  }

  /** @throws as `DirectoryClient.signal`, and closed while there is no server. */
  async signal(to: PeerAddress, blob: Uint8Array): Promise<void> {
    await this.#followed().signal(to, blob);
  }

  onSignal(listener: (signal: IncomingSignal) => void): Cancel {
    return this.#signals.add(listener);
  }

  /** As `DirectoryClient.publish`; @throws closed also while there is no server. */
  async publish(): Promise<void> {
    await this.#followed().publish();
  }

  /** As `DirectoryClient.retry`. */
  retry(): void {
    this.#client?.retry();
  }

  /** As `DirectoryClient.hurry`. */
  hurry(): void {
    this.#client?.hurry();
  }

  /** Leaves the server that was followed, and joins this one. */
  follow(host: ServingHost): void {
    if (this.#isClosed) return;
    this.#leave();
    const client = this.#options.open(host);
    const regrouping = this.#regrouping();
    let wasJoined = false;
    const stops = [
      client.onState((state) => {
        this.#states.tell(state);
        if (state.phase === "joined") wasJoined = true;
        if (state.phase === "lost") this.#lost(wasJoined);
      }),
      client.subscribe(regrouping.offer),
      client.onSignal((signal) => {
        this.#signals.tell(signal);
      }),
      regrouping.cancel,
    ];
    this.#client = client;
    this.#leave = () => {
      for (const stop of stops) stop();
      client.close();
      this.#client = undefined;
      this.#leave = () => undefined;
    };
  }

  close(): void {
    this.#isClosed = true;
    this.#leave();
  }

  #followed(): FollowedServer {
    if (this.#client !== undefined) return this.#client;
    throw new TaborError("closed", "directory", "nobody serves the network now");
  }

  #lost(wasJoined: boolean): void {
    const { lost } = this.#options;
    if (lost === undefined) return;
    this.#leave();
    lost(wasJoined);
  }

  /** Holds consensuses of a new server back while most of the others are still on their way to it. */
  #regrouping(): { offer: (consensus: Consensus) => void; cancel: Cancel } {
    const enough = (this.current?.relays.length ?? 0) - 1;
    let held: Consensus | undefined;
    let isOver = false;
    const end = (): void => {
      isOver = true;
      if (held !== undefined) this.#take(held);
      held = undefined;
    };
    const cancel = this.#options.clock.after(REGROUPING, end);
    const offer = (consensus: Consensus): void => {
      held = consensus;
      if (isOver || consensus.relays.length >= enough) end();
    };
    return { offer, cancel };
  }

  #take(consensus: Consensus): void {
    this.#newest = consensus;
    this.#consensuses.tell(consensus);
  }
}
