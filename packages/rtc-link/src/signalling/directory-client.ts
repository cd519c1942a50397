import {
  type Cancel,
  type Clock,
  type Consensus,
  type DirectorySource,
  type GuardTokens,
  type Log,
  NO_TOKENS,
  type Random,
  randomBelow,
  type RelayId,
  TaborError,
  toTaborError,
} from "@tabor/onion-core";
import type { AdmissionMode, IncomingSignal, PeerAddress } from "@tabor/signal-protocol";
import { io } from "socket.io-client";
import { ConsensusKeeper } from "./consensus-keeper.ts";
import type { DirectorySocket } from "./directory-connection.ts";
import { Listeners } from "./listeners.ts";
import { MemberTokens } from "./member-tokens.ts";
import { joinerOf, type Membership } from "./membership.ts";
import { type DirectoryState, StandingSession } from "./standing-session.ts";
import { stateOfAll } from "./state-of-all.ts";

export interface DirectoryClientOptions {
  /** Where the network's servers listen: http: or https: origins, at least one. */
  readonly servers: readonly string[];
  readonly membership: Membership;
  /** Whom to trust; a server that is none of them is refused. */
  readonly authorities: readonly RelayId[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** For tests. */
  readonly openSocket?: (url: string) => DirectorySocket;
}

/** Milliseconds; half of a descriptor's life. */
const PUBLISH_INTERVAL = 12 * 3_600_000;
/** Milliseconds that a client waits for a fresh consensus at the servers where it is, before it asks another one. */
const PATIENCE = 30_000;
/** Peers whose server is remembered, for the answer to go the way that the question came. */
const MAX_HEARD = 4096;

/**
 * Stays part of a network through its servers (SPEC §9.3): a relay is at all of them, and publishes the same bytes to each; a client
 * is at one, and goes to another when that one is gone, gives it nothing fresh to believe, or does not know a relay. What it learns
 * is the consensus (`DirectorySource`), from whichever server; what it carries are signals, for the `BrokerDialer`.
 */
export class DirectoryClient implements DirectorySource {
  readonly #options: DirectoryClientOptions;
  readonly #keeper: ConsensusKeeper;
  readonly #states = new Listeners<DirectoryState>();
  readonly #signals = new Listeners<IncomingSignal>();
  /** Servers in the order in which a client tries them, and those where it is or tries to be. */
  readonly #order: readonly string[];
  #sessions: readonly StandingSession[] = [];
  readonly #heardAt = new Map<PeerAddress, StandingSession>();
  #state: DirectoryState = { phase: "connecting" };
  /** By server: each signs its own. */
  readonly #tokens = new Map<string, MemberTokens>();
  #admission: AdmissionMode | undefined;
  #descriptor: { readonly bytes: Promise<Uint8Array>; readonly at: number } | undefined;
  #cancelTimer: Cancel = () => undefined;

  /** Starts at once. */
  constructor(options: DirectoryClientOptions) {
    const { servers, membership, authorities, clock, random } = options;
    this.#options = options;
    this.#keeper = new ConsensusKeeper(authorities, clock);
    this.#order = shuffled(servers, random);
    const wanted = membership.role === "client" ? 1 : this.#order.length;
    for (let i = 0; i < wanted; i++) this.#another();
    if (membership.role === "relay") this.#keepPublished();
    else if (servers.length > 1) this.#keepFresh();
  }

  get state(): DirectoryState {
    return this.#state;
  }

  /** Whom the network lets in, as a server said last; undefined before one did. */
  get admission(): AdmissionMode | undefined {
    return this.#admission;
  }

  /** What guards have to be shown. */
  get tokens(): GuardTokens {
    return { take: (guard) => this.#guardToken(guard) };
  }

  /** Whoever waits before coming back need not: a reason why it was refused may be gone. */
  retry(): void {
    for (const session of this.#sessions) session.retry();
  }

  onState(listener: (state: DirectoryState) => void): Cancel {
    return this.#states.add(listener);
  }

  get current(): Consensus | undefined {
    return this.#keeper.current;
  }

  subscribe(listener: (consensus: Consensus) => void): Cancel {
    return this.#keeper.subscribe(listener);
  }

  /**
   * Through the server where the peer was heard, or one that knows it.
   * @throws unreachable if nobody has the address, closed while not joined, resource-limit, timeout.
   */
  async signal(to: PeerAddress, blob: Uint8Array): Promise<void> {
    let failure = new TaborError("closed", "directory", "not connected to the directory");
    for (const session of this.#waysTo(to)) {
      try {
        await session.signal(to, blob);
        return;
      } catch (error) {
        failure = toTaborError(error, "directory", "signalling");
        if (failure.code !== "unreachable") throw failure;
      }
    }
    // Whoever asks again, soon, finds it joined.
    if (failure.code === "unreachable") this.#another();
    throw failure;
  }

  onSignal(listener: (signal: IncomingSignal) => void): Cancel {
    return this.#signals.add(listener);
  }

  /** A relay's descriptor has changed: publish it now, everywhere. Otherwise that happens by itself. @throws if no server took it. */
  async publish(): Promise<void> {
    if (this.#options.membership.role !== "relay") {
      throw new TaborError("usage", "here", "clients publish nothing");
    }
    this.#descriptor = undefined;
    const descriptor = await this.#descriptorNow();
    const published = await Promise.allSettled(this.#sessions.map((session) => session.publish(descriptor)));
    if (published.some(({ status }) => status === "fulfilled")) return;
    const [refused] = published.filter((one) => one.status === "rejected");
    throw toTaborError(refused?.reason, "directory", "publishing");
  }

  /** To be called when what was lost may be had again: what waits for its next try tries now, and what only seems to stand is found out. */
  hurry(): void {
    for (const session of this.#sessions) session.hurry();
  }

  /** Leaves for good. */
  close(): void {
    if (this.#state.phase === "closed") return;
    // First of all, so that nobody is told how the sessions end one by one.
    this.#state = { phase: "closed" };
    this.#cancelTimer();
    for (const session of this.#sessions) session.close();
    this.#sessions = [];
    this.#states.tell(this.#state);
  }

  /** Goes to one more server, if there is one left. */
  #another(): void {
    const used = this.#sessions.map(({ url }) => url);
    const url = this.#order.find((candidate) => !used.includes(candidate));
    if (url === undefined || this.#state.phase === "closed") return;
    const session = this.#sessionAt(url);
    this.#sessions = [...this.#sessions, session];
    session.start();
  }

  #sessionAt(url: string): StandingSession {
    const { membership, authorities, openSocket = openSocketIo, clock, random, log } = this.#options;
    const session: StandingSession = new StandingSession({
      ...{ url, authorities, openSocket, keeper: this.#keeper, clock, random, log },
      joiner: (challenge) => {
        this.#admission = challenge.admission;
        return joinerOf(membership, challenge, this.#tokensAt(url));
      },
      descriptor: membership.role === "relay" ? () => this.#descriptorNow() : undefined,
      changed: (state) => {
        if (state.phase === "lost" && state.reason.code === "not-authentic") this.#tokens.get(url)?.forget();
        if (membership.role === "client") this.#moveOn(session, state);
        this.#tellState();
      },
      signalled: (signal) => {
        this.#heard(signal.from, session);
        this.#signals.tell(signal);
      },
    });
    return session;
  }

  /** A client that has lost its server goes to the next, and no longer tries those that it could not join. */
  #moveOn(session: StandingSession, { phase }: DirectoryState): void {
    const isJoined = this.#sessions.some(({ state }) => state.phase === "joined");
    if (phase === "joined") {
      for (const other of this.#sessions) if (other.state.phase === "lost") this.#leave(other);
    } else if (phase === "lost" && isJoined) this.#leave(session);
    else if (phase === "lost") this.#another();
  }

  /** Drawn where we are. */
  #guardToken(guard: RelayId): Promise<Uint8Array | undefined> {
    const session = this.#sessions.find(({ state }) => state.phase === "joined") ?? this.#sessions[0];
    const tokens = session && this.#tokensAt(session.url);
    return (tokens ?? NO_TOKENS).take(guard);
  }

  #tokensAt(url: string): MemberTokens | undefined {
    const { membership, openSocket = openSocketIo } = this.#options;
    if (membership.role !== "client" || membership.member === undefined) return undefined;
    const { member } = membership;
    const known = this.#tokens.get(url);
    const tokens =
      known ?? new MemberTokens(this, { ...this.#options, member, openSocket: () => openSocket(url) });
    this.#tokens.set(url, tokens);
    return tokens;
  }

  #leave(session: StandingSession): void {
    this.#sessions = this.#sessions.filter((other) => other !== session);
    session.close();
  }

  #tellState(): void {
    const state = stateOfAll(this.#sessions.map((session) => session.state));
    if (this.#state.phase === "closed" || isSame(state, this.#state)) return;
    this.#state = state;
    this.#states.tell(state);
  }

  #waysTo(to: PeerAddress): readonly StandingSession[] {
    const first = this.#heardAt.get(to);
    const joined = this.#sessions.filter(({ state }) => state.phase === "joined");
    return joined.sort((a, b) => Number(b === first) - Number(a === first));
  }

  #heard(from: PeerAddress, session: StandingSession): void {
    this.#heardAt.delete(from);
    this.#heardAt.set(from, session);
    const [oldest] = this.#heardAt.keys();
    if (this.#heardAt.size > MAX_HEARD && oldest !== undefined) this.#heardAt.delete(oldest);
  }

  /** The same bytes for every server: authorities list a relay by its descriptor (SPEC §8.4). */
  #descriptorNow(): Promise<Uint8Array> {
    const { membership, clock } = this.#options;
    if (membership.role !== "relay") throw new TaborError("usage", "here", "clients publish nothing");
    const now = clock.now();
    if (this.#descriptor === undefined || now - this.#descriptor.at >= PUBLISH_INTERVAL) {
      this.#descriptor = { bytes: membership.descriptor(), at: now };
    }
    return this.#descriptor.bytes;
  }

  #keepPublished(): void {
    this.#cancelTimer = this.#options.clock.after(PUBLISH_INTERVAL, () => {
      this.publish().catch((error: unknown) => {
        const { message } = toTaborError(error, "directory", "publishing");
        this.#options.log.warn("the descriptor could not be published", { reason: message });
      });
      this.#keepPublished();
    });
  }

  #keepFresh(): void {
    const { clock } = this.#options;
    this.#cancelTimer = clock.after(PATIENCE, () => {
      const isFresh = clock.now() < (this.current?.freshUntil ?? 0);
      if (!isFresh) this.#another();
      this.#keepFresh();
    });
  }
}

function isSame(a: DirectoryState, b: DirectoryState): boolean {
  const entries = Object.entries(a);
  const other = new Map<string, unknown>(Object.entries(b));
  return entries.length === other.size && entries.every(([key, value]) => other.get(key) === value);
}

function shuffled(servers: readonly string[], random: Random): readonly string[] {
  const rest = [...new Set(servers)];
  const order: string[] = [];
  while (rest.length > 0) order.push(...rest.splice(randomBelow(random, rest.length), 1));
  return order;
}

/** Over WebSocket alone: one connection, whose loss is noticed, and nothing for a cache or a proxy to replay. */
export function openSocketIo(url: string): DirectorySocket {
  return io(url, { transports: ["websocket"], reconnection: false, autoConnect: false, forceNew: true });
}
