/** Hosts of an ad-hoc network without sockets: what they can reach, how long it takes, and how they die. */
import { type Random, randomBelow, randomFraction, relayId, silentLog } from "@tabor/onion-core";
import { SeededRandom, type VirtualClock } from "@tabor/onion-core/testing";
import { type HostAddress, parseHostAddress } from "@tabor/signal-protocol";
import type { ServingHost } from "../adhoc/election.ts";
import { Elector, type OwnServer } from "../adhoc/elector.ts";

/** Milliseconds, from and to, that things take; and one message of ten, if any is slow. */
interface Pace {
  readonly message: readonly [number, number];
  readonly slowMessage: readonly [number, number];
  /** To notice that the server is gone. */
  readonly notice: readonly [number, number];
  readonly start: readonly [number, number];
  readonly stop: readonly [number, number];
}

/** As bad as it gets. */
const SLOW: Pace = {
  message: [1, 100],
  slowMessage: [500, 4000],
  notice: [1, 3000],
  start: [100, 3000],
  stop: [1, 500],
};
/** Hosts of a local network with work of their own: a server takes most of a second to start. */
export const LOCAL: Pace = {
  message: [1, 100],
  slowMessage: [100, 300],
  notice: [1, 100],
  start: [100, 1000],
  stop: [1, 100],
};

/** Milliseconds: a look ends after this, however slow the others are. */
const LOOK_DEADLINE = 3000;

export interface VirtualNetworkOptions {
  readonly hosts: number;
  /** Of those, how many may serve. */
  readonly mayServe: number;
  readonly seed: number;
  readonly clock: VirtualClock;
  /** As bad as it gets, unless given. */
  readonly pace?: Pace;
}

/** Some hosts, and what is between them. */
export class VirtualNetwork {
  readonly hosts: readonly VirtualHost[];
  readonly random: SeededRandom;
  readonly clock: VirtualClock;
  readonly pace: Pace;
  /** Hosts of the same group reach each other. */
  #groups = new Map<VirtualHost, number>();

  constructor({ hosts, mayServe, seed, clock, pace = SLOW }: VirtualNetworkOptions) {
    this.pace = pace;
    this.random = new SeededRandom(seed);
    this.clock = clock;
    this.hosts = Array.from({ length: hosts }, (_, i) => new VirtualHost(this, i, i < mayServe));
  }

  reach(from: VirtualHost, to: VirtualHost): boolean {
    return to.isUp && (this.#groups.get(from) ?? 0) === (this.#groups.get(to) ?? 0);
  }

  /** Cuts the network into so many groups, drawn at random; one heals it. */
  split(groups: number): void {
    this.#groups = new Map(this.hosts.map((host) => [host, randomBelow(this.random, groups)]));
    for (const host of this.hosts) host.checkServer();
  }

  at(address: HostAddress): VirtualHost | undefined {
    return this.hosts.find((host) => host.own.address === address);
  }

  /** The servers that hosts which run have joined, each once, and undefined if one of them has joined none. */
  get joined(): ReadonlySet<VirtualHost | undefined> {
    return new Set(this.hosts.filter(({ isUp }) => isUp).map(({ server }) => server));
  }

  get serving(): readonly VirtualHost[] {
    return this.hosts.filter(({ isServing }) => isServing);
  }

  async close(): Promise<void> {
    await this.clock.until(Promise.all(this.hosts.map((host) => host.stop())));
  }
}

/** One host: its elector over a server and a connection that are only said to be there. */
export class VirtualHost {
  readonly own: ServingHost;
  readonly #network: VirtualNetwork;
  readonly #mayServe: boolean;
  readonly #random: Random;
  #elector: Elector | undefined;
  #isServing = false;
  #starting: (() => void) | undefined;
  #ended: (() => void) | undefined;
  /** Whom it has joined, and names the attempt. */
  #server: VirtualHost | undefined;
  #attempt = 0;

  constructor(network: VirtualNetwork, index: number, mayServe: boolean) {
    this.#network = network;
    this.#mayServe = mayServe;
    this.#random = network.random.fork();
    const authority = relayId(network.random.fill(new Uint8Array(32)));
    this.own = { address: parseHostAddress(`10.0.0.${String(index + 1)}:9000`), authority };
  }

  get isUp(): boolean {
    return this.#elector !== undefined;
  }

  get isServing(): boolean {
    return this.#isServing;
  }

  get server(): VirtualHost | undefined {
    return this.#server;
  }

  /** How often it has begun to join a server. */
  get joins(): number {
    return this.#attempt;
  }

  start(): void {
    if (this.#elector !== undefined) return;
    this.#elector = new Elector({
      ...{ clock: this.#network.clock, random: this.#random, log: silentLog },
      look: (signal) => this.#look(signal),
      server: this.#mayServe ? this.#ownServer() : undefined,
      join: (host) => {
        void this.#join(host);
      },
    });
  }

  /** The host dies: nobody hears of it but by what no longer comes. */
  async stop(): Promise<void> {
    const elector = this.#elector;
    this.#elector = undefined;
    this.#attempt++;
    this.#server = undefined;
    await elector?.close();
  }

  /** Its server alone dies. */
  killServer(): void {
    if (!this.#isServing) return;
    this.#stopServing();
    this.#ended?.();
  }

  /** Notices, after some time, that its server is gone or out of reach. */
  checkServer(): void {
    const server = this.#server;
    if (server === undefined || (server.isServing && this.#network.reach(this, server))) return;
    const attempt = this.#attempt;
    void this.#pause(this.#draw("notice")).then(() => {
      if (attempt !== this.#attempt) return;
      this.#server = undefined;
      this.#elector?.lost(true);
    });
  }

  async #look(signal: AbortSignal): Promise<readonly ServingHost[]> {
    const { hosts } = this.#network;
    const found = await Promise.all(hosts.filter((host) => host !== this).map((host) => this.#lookAt(host)));
    return signal.aborted ? [] : found.filter((host) => host !== undefined);
  }

  /** A host that is slow is seen late, as it was some time ago, or not at all. */
  async #lookAt(host: VirtualHost): Promise<ServingHost | undefined> {
    const [there, back] = [this.#latency(), this.#latency()];
    await this.#pause(Math.min(there, LOOK_DEADLINE));
    const isThere = host.isServing && this.#network.reach(this, host);
    await this.#pause(Math.min(back, LOOK_DEADLINE - Math.min(there, LOOK_DEADLINE)));
    return isThere && there + back < LOOK_DEADLINE ? host.own : undefined;
  }

  async #join({ address }: ServingHost): Promise<void> {
    const attempt = ++this.#attempt;
    this.#server = undefined;
    await this.#pause(this.#latency());
    if (attempt !== this.#attempt) return;
    const host = this.#network.at(address);
    if (host?.isServing === true && this.#network.reach(this, host)) this.#server = host;
    else this.#elector?.lost(false);
  }

  #ownServer(): OwnServer {
    return {
      start: async (ended) => {
        const attempt = { isWanted: true };
        this.#starting = () => (attempt.isWanted = false);
        await this.#pause(this.#draw("start"));
        if (!attempt.isWanted || !this.isUp) throw new Error("stopped");
        this.#isServing = true;
        this.#ended = ended;
        return this.own;
      },
      stop: async () => {
        this.#starting?.();
        this.#stopServing();
        await this.#pause(this.#draw("stop"));
      },
    };
  }

  #stopServing(): void {
    this.#isServing = false;
    for (const host of this.#network.hosts) host.checkServer();
  }

  /** One in ten is slow. */
  #latency(): number {
    return this.#draw(randomBelow(this.#random, 10) === 0 ? "slowMessage" : "message");
  }

  #draw(what: keyof Pace): number {
    const [from, to] = this.#network.pace[what];
    return from + (to - from) * randomFraction(this.#random);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#network.clock.after(ms, resolve));
  }
}
