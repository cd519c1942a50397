import { withEcho } from "./echo.ts";
import { HeldByExit } from "./held-by-exit.ts";
import type { SignalDesk } from "./signal-desk.ts";
import type { ConfluxMessage, StreamId, StreamMessage } from "../cell/relay-message.ts";
import type { CircuitEnd, CircuitEndUser, StreamEnd } from "../circuit/circuit-end.ts";
import { ExitSets } from "../conflux/exit-sets.ts";
import { TaborError } from "../errors.ts";
import type { Link } from "../link/link.ts";
import type { QueuedSince, QueueMemory } from "../memory/queue-memory.ts";
import type { Clock } from "../ports/clock.ts";
import { ExitStreams } from "../stream/exit-streams.ts";
import type { ExitPorts } from "../stream/exit-port.ts";
import { SignalEnd } from "../stream/signal-end.ts";

const NOTHING_HELD = { oldest: Infinity };

export interface ExitEndsInit {
  /** With it the relay is an exit. */
  readonly exit: ExitPorts | undefined;
  readonly signals: SignalDesk;
  readonly memory: QueueMemory;
  readonly clock: Clock;
}

/** The ends of a relay's circuits: each carries streams of its own, is a leg of a set that does, or brings a signal. */
export class ExitEnds {
  readonly #init: ExitEndsInit;
  readonly #sets: ExitSets;

  constructor(init: ExitEndsInit) {
    this.#init = init;
    this.#sets = new ExitSets({ ...init, serve: (end) => this.#serve(end).held });
  }

  /** Takes the end of a new circuit, which came over `link`. Tells since when it holds data. */
  take(end: CircuitEnd, link: Link): { readonly oldest: QueuedSince } {
    const taken = new NewEnd({
      stream: (message) => {
        if (message.command === "BEGIN_SIGNAL") return this.#signal(end, message.streamId, link);
        const { streams, held } = this.#serve(end);
        streams.message(message);
        return held;
      },
      conflux: (message) => this.#join(end, message),
    });
    end.use(taken);
    return taken;
  }

  /** Gives back what is held only in case a leg is lost. */
  spare(): void {
    this.#sets.forget();
  }

  #serve(end: StreamEnd): { readonly streams: ExitStreams; readonly held: { readonly oldest: QueuedSince } } {
    const { exit, memory } = this.#init;
    const held = new HeldByExit(withEcho(exit), memory);
    return { streams: new ExitStreams(end, held.ports, memory), held };
  }

  #signal(end: CircuitEnd, id: StreamId, link: Link): { readonly oldest: QueuedSince } {
    const { signals, memory } = this.#init;
    new SignalEnd({ end, id, place: signals.place(link), memory });
    return NOTHING_HELD;
  }

  #join(end: CircuitEnd, message: ConfluxMessage): { readonly oldest: QueuedSince } {
    if (message.command !== "CONFLUX_LINK" || this.#init.exit === undefined)
      throw new TaborError("protocol", "relay", `${message.command} where there is no set`);
    return this.#sets.join(end, message);
  }
}

interface Claims {
  readonly stream: (message: StreamMessage) => { readonly oldest: QueuedSince };
  readonly conflux: (message: ConfluxMessage) => { readonly oldest: QueuedSince };
}

/** Until its first message nobody knows what a circuit is for; who takes it then uses it in our place. */
class NewEnd implements CircuitEndUser {
  readonly #claims: Claims;
  #held: { readonly oldest: QueuedSince } = NOTHING_HELD;

  constructor(claims: Claims) {
    this.#claims = claims;
  }

  get oldest(): QueuedSince {
    return this.#held.oldest;
  }

  message(message: StreamMessage): void {
    this.#held = this.#claims.stream(message);
  }

  conflux(message: ConfluxMessage): void {
    this.#held = this.#claims.conflux(message);
  }

  room(): void {
    // Nothing has been sent.
  }

  closed(): void {
    // Nothing is held.
  }
}
