import type { RelayMessage, StreamId, StreamMessage } from "../cell/relay-message.ts";
import { CircuitEnd, type StreamEnd } from "../circuit/circuit-end.ts";
import { ClientSet } from "../conflux/client-set.ts";
import { ExitSets } from "../conflux/exit-sets.ts";
import { TaborError } from "../errors.ts";
import { QueueMemory } from "../memory/queue-memory.ts";
import type { Clock } from "../ports/clock.ts";
import type { SeededRandom } from "./seeded-random.ts";

export type Side = "client" | "exit";
export type LegNumber = 0 | 1;

interface Arriving {
  readonly message: RelayMessage;
  readonly tag: Uint8Array;
}

type Carried =
  | Arriving
  /** The circuit is gone on the other side. */
  | { readonly gone: TaborError };

/** What a test sees of a set's user: the numbers that came as DATA and XON, in order. */
export interface SetUser {
  readonly got: number[];
  endedBy: TaborError | undefined;
}

/** A clock that stands until it is told to move. */
export class HandClock implements Clock {
  #ms = 0;
  readonly #timers = new Set<{ readonly at: number; readonly fn: () => void }>();

  now(): number {
    return this.#ms;
  }

  monotonic(): number {
    return this.#ms;
  }

  after(ms: number, fn: () => void): () => void {
    const timer = { at: this.#ms + ms, fn };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  soon(fn: () => void): void {
    fn();
  }

  pass(ms: number): void {
    this.#ms += ms;
    for (const timer of [...this.#timers]) {
      if (timer.at > this.#ms || !this.#timers.delete(timer)) continue;
      timer.fn();
    }
  }
}

/** Both ends of two circuits without cells, whose messages move one by one when a test says so. */
export class ConfluxPair {
  readonly clock = new HandClock();
  readonly memory = new QueueMemory(2 ** 40);
  readonly sets: ExitSets;
  readonly client: ClientSet;
  readonly users: Readonly<Record<Side, SetUser>> = { client: newUser(), exit: newUser() };
  readonly legs: readonly [PairedCircuit, PairedCircuit];
  readonly #streamEnds: Partial<Record<Side, StreamEnd>> = {};
  readonly #wanted: Record<Side, number> = { client: 0, exit: 0 };
  readonly #sent: Record<Side, number> = { client: 0, exit: 0 };

  constructor(random: SeededRandom) {
    this.sets = new ExitSets({
      clock: this.clock,
      memory: this.memory,
      serve: (end) => {
        this.#attach("exit", end);
        return { oldest: Infinity };
      },
    });
    const circuit = (): PairedCircuit => new PairedCircuit(this.clock, this.sets);
    this.legs = [circuit(), circuit()];
    const ends = [this.legs[0].ends.client, this.legs[1].ends.client] as const;
    this.client = new ClientSet(ends, { clock: this.clock, random });
    this.#attach("client", this.client.end);
  }

  /** Until both sides may send. */
  link(): this {
    for (let i = 0; i < 3; i++) this.settle();
    return this;
  }

  /** Delivers all that is under way, and what follows from it. */
  settle(): void {
    while (this.legs.some((leg) => leg.deliver("client") || leg.deliver("exit")));
  }

  /** So many more pieces of DATA as there is room for them; they count on from what was sent before. */
  pour(from: Side, count: number): void {
    this.#wanted[from] += count;
    this.#pump(from);
  }

  /** A message that waits for no room. */
  signal(from: Side): void {
    this.#sent[from] += 1;
    this.#wanted[from] += 1;
    this.#streamEnds[from]?.send({ command: "XON", streamId: STREAM, kbps: this.#sent[from] });
  }

  /** Numbers 1, 2, … of what one side has sent. */
  sent(from: Side): number[] {
    return Array.from({ length: this.#sent[from] }, (_, i) => i + 1);
  }

  /** What one side still has to send. */
  waiting(from: Side): number {
    return this.#wanted[from] - this.#sent[from];
  }

  #attach(side: Side, end: StreamEnd): void {
    const user = this.users[side];
    this.#streamEnds[side] = end;
    end.use({
      message: (message) => {
        user.got.push(numberIn(message));
      },
      room: () => {
        this.#pump(side);
      },
      closed: (reason) => {
        user.endedBy = reason;
      },
    });
  }

  #pump(side: Side): void {
    const end = this.#streamEnds[side];
    while (end?.canSend === true && this.waiting(side) > 0) {
      this.#sent[side] += 1;
      end.send({ command: "DATA", streamId: STREAM, data: numbered(this.#sent[side]) });
    }
  }
}

const STREAM = 1 as StreamId;
let tags = 0;

/** Two circuit ends and the way between them. */
export class PairedCircuit {
  readonly ends: Readonly<Record<Side, CircuitEnd>>;
  readonly #towards: Readonly<Record<Side, Carried[]>> = { client: [], exit: [] };
  readonly #closed = new Set<Side>();

  constructor(clock: Clock, sets: ExitSets) {
    this.ends = { client: this.#end(clock, "client"), exit: this.#end(clock, "exit") };
    const { exit } = this.ends;
    exit.use({
      message: () => {
        throw new Error("no set yet");
      },
      conflux: (message) => {
        if (message.command !== "CONFLUX_LINK") throw new TaborError("protocol", "relay", "no set yet");
        sets.join(exit, message);
      },
      room: () => undefined,
      closed: () => undefined,
    });
  }

  underWay(to: Side): number {
    return this.#towards[to].length;
  }

  isClosed(side: Side): boolean {
    return this.#closed.has(side);
  }

  /** Delivers the next message. @returns whether there was one. */
  deliver(to: Side): boolean {
    const next = this.#towards[to].shift();
    if (next === undefined) return false;
    if ("gone" in next) this.#close(to, next.gone);
    else if (!this.#closed.has(to)) this.#receive(to, next);
    return true;
  }

  /** Puts in a message that nobody has sent. */
  inject(to: Side, message: RelayMessage): void {
    this.#receive(to, { message, tag: newTag() });
  }

  /** Replaces what is under way. @returns how many messages are now others. */
  intercept(to: Side, change: (message: RelayMessage) => RelayMessage): number {
    const queue = this.#towards[to];
    let changed = 0;
    for (const [i, one] of queue.entries()) {
      if ("gone" in one) continue;
      const message = change(one.message);
      if (message !== one.message) changed += 1;
      queue[i] = { ...one, message };
    }
    return changed;
  }

  /** It breaks: of what is under way so much arrives, then the news. */
  break(reason: TaborError, arrives: Readonly<Record<Side, number>>): void {
    for (const to of ["client", "exit"] as const) {
      const queue = this.#towards[to];
      queue.length = Math.min(queue.length, arrives[to]);
      if (!this.#closed.has(to)) queue.push({ gone: reason });
    }
  }

  #end(clock: Clock, side: Side): CircuitEnd {
    const other = side === "client" ? "exit" : "client";
    return new CircuitEnd({
      clock,
      queued: () => 0,
      transmit: (message, sealed) => {
        if (this.#closed.has(side)) return;
        const tag = newTag();
        sealed?.(tag);
        this.#towards[other].push({ message: copied(message), tag });
      },
      destroy: (reason) => {
        if (this.#closed.has(side)) return;
        const gone = new TaborError("closed", "relay", "the other side ended the circuit");
        this.#towards[other].push({ gone });
        this.#close(side, reason);
      },
    });
  }

  #close(side: Side, reason: TaborError): void {
    if (this.#closed.has(side)) return;
    this.#closed.add(side);
    this.ends[side].closed(reason);
  }

  #receive(to: Side, { message, tag }: Arriving): void {
    const end = this.ends[to];
    try {
      if (message.command === "SENDME") end.acknowledged(message.tag);
      else if ("streamId" in message) end.receive(message, tag);
      else if (message.command.startsWith("CONFLUX"))
        end.conflux(message as Parameters<CircuitEnd["conflux"]>[0]);
    } catch (thrown) {
      end.destroy(thrown as TaborError);
    }
  }
}

function newUser(): SetUser {
  return { got: [], endedBy: undefined };
}

function newTag(): Uint8Array {
  const tag = new Uint8Array(16);
  new DataView(tag.buffer).setUint32(0, ++tags);
  return tag;
}

/** What is sent lies in a buffer of the sender's: it is overwritten at once, as a writer may. */
const shared = new Uint8Array(4);

function numbered(number: number): Uint8Array {
  new DataView(shared.buffer).setUint32(0, number);
  return shared;
}

function copied(message: RelayMessage): RelayMessage {
  return message.command === "DATA" ? { ...message, data: message.data.slice() } : message;
}

function numberIn(message: StreamMessage): number {
  if (message.command === "XON") return message.kbps;
  if (message.command !== "DATA") throw new Error("no test sends that");
  return new DataView(message.data.buffer, message.data.byteOffset).getUint32(0);
}
