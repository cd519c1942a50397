import { withEcho } from "./echo.ts";
import { HeldByExit } from "./held-by-exit.ts";
import type { ConfluxMessage, StreamMessage } from "../cell/relay-message.ts";
import type { CircuitEnd, CircuitEndUser, StreamEnd } from "../circuit/circuit-end.ts";
import { ExitSets } from "../conflux/exit-sets.ts";
import { TaborError } from "../errors.ts";
import type { QueuedSince, QueueMemory } from "../memory/queue-memory.ts";
import type { Clock } from "../ports/clock.ts";
import { ExitStreams } from "../stream/exit-streams.ts";
import type { ExitPorts } from "../stream/exit-port.ts";

const NOTHING_HELD = { oldest: Infinity };

export interface ExitEndsInit {
  /** With it the relay is an exit. */
  readonly exit: ExitPorts | undefined;
  readonly memory: QueueMemory;
  readonly clock: Clock;
}

/** The ends of a relay's circuits: each carries streams of its own, or is a leg of a set that does. */
export class ExitEnds {
  readonly #init: ExitEndsInit;
  readonly #sets: ExitSets;

  constructor(init: ExitEndsInit) {
    this.#init = init;
    this.#sets = new ExitSets({ ...init, serve: (end) => this.#serve(end).held });
  }

  /** Takes a new circuit's end. Tells since when it holds data. */
  take(end: CircuitEnd): { readonly oldest: QueuedSince } {
    const taken = new NewEnd({
      stream: (message) => {
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
