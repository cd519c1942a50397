import type { NameAnswer, NameService } from "./name-service.ts";
import { bytesToHex } from "@tabor/onion-core";

/** Lookups that wait for their turn; beyond, clients are sent to another exit. */
const MAX_WAITING = 1024;

/**
 * Bounds what strangers can ask of a name service: equal questions share an answer that is under way, and the rest
 * wait in turn. So names whose servers never answer cost patience, not the process.
 * @param atATime lookups under way at a time.
 */
export function boundedNameService(service: NameService, atATime: number): NameService {
  const gate = new Gate(atATime, MAX_WAITING);
  const addresses = shared(gate, service.addresses.bind(service), (host) => host.toLowerCase());
  const names = shared(gate, service.names.bind(service), bytesToHex);
  return { addresses, names };
}

function shared<Q, T>(
  gate: Gate,
  ask: (question: Q) => Promise<NameAnswer<T>>,
  keyOf: (question: Q) => string,
): (question: Q) => Promise<NameAnswer<T>> {
  const underWay = new Map<string, Promise<NameAnswer<T>>>();
  return (question) => {
    const key = keyOf(question);
    const running = underWay.get(key);
    if (running !== undefined) return running;
    const started = gate
      .run(() => ask(question))
      .then((answer) => answer ?? { failed: "resource-limit" as const });
    underWay.set(key, started);
    return started.finally(() => underWay.delete(key));
  };
}

/** Lets `size` tasks run at a time and `room` more wait in order. */
class Gate {
  #free: number;
  readonly #room: number;
  readonly #waiting: (() => void)[] = [];

  constructor(size: number, room: number) {
    this.#free = size;
    this.#room = room;
  }

  /** @returns what the task returns, or undefined if there was no room to wait. */
  async run<T>(task: () => Promise<T>): Promise<T | undefined> {
    if (this.#free === 0) {
      if (this.#waiting.length >= this.#room) return undefined;
      await new Promise<void>((admitted) => this.#waiting.push(admitted));
    } else {
      this.#free -= 1;
    }
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
