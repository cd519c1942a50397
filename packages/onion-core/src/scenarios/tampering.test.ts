import { afterEach, describe, expect, it } from "vitest";
import { content, join, readAll, startNetwork, unheardFailures } from "./support.ts";
import { CELL_LENGTH } from "../cell/cell.ts";
import { MESSAGE_LENGTH } from "../cell/relay-message.ts";
import type { RelayId } from "../crypto/ids.ts";
import { toTaborError } from "../errors.ts";
import { randomBelow } from "../ports/random.ts";
import type { ClientStream } from "../client/onion-client.ts";
import type { Direction } from "../testing/memory-data-channel.ts";
import { pickSeeds, SeededRandom, withSeed } from "../testing/seeded-random.ts";

const [seed = 0] = pickSeeds(1, Math.random);
const unheard = unheardFailures(process);

afterEach(() => {
  expect(unheard.splice(0)).toEqual([]);
});

const RELAY = 3;
const BODY = 5;

/** What an attacker on a link does to the RELAY cells of one circuit. */
type Attack = "flips a bit" | "replays a cell" | "drops a cell" | "swaps two cells" | "makes up a cell";

/** Sits on one link, in one direction, and alters the RELAY cells of the first circuit that it sees when armed. */
class Attacker {
  readonly #attack: Attack;
  readonly #random: SeededRandom;
  #armed = false;
  #done = false;

  constructor(attack: Attack, random: SeededRandom) {
    this.#attack = attack;
    this.#random = random;
  }

  get hasStruck(): boolean {
    return this.#done;
  }

  arm(): void {
    this.#armed = true;
  }

  /** Strikes in a message with two cells of one circuit: whoever sends as many cells as he has, as both ends count them (SPEC §12.6). */
  pass(message: Uint8Array): Uint8Array | null {
    if (!this.#armed || this.#done) return message;
    const cells = cellsOf(message);
    const [one, two] = twoOfOneCircuit(cells);
    if (one === undefined || two === undefined) return message;
    this.#done = true;
    const altered = this.#strike(cells[one] ?? message, cells[two] ?? message);
    return join(cells.flatMap((cell, i) => (i === one ? altered[0] : i === two ? altered[1] : [cell])));
  }

  /** What arrives in the places of two cells of a circuit. */
  #strike(one: Uint8Array, two: Uint8Array): [Uint8Array[], Uint8Array[]] {
    switch (this.#attack) {
      case "flips a bit": {
        const flipped = one.slice();
        const at = BODY + randomBelow(this.#random, MESSAGE_LENGTH);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << randomBelow(this.#random, 8));
        return [[flipped], [two]];
      }
      case "replays a cell":
        return [[one], [one]];
      case "drops a cell":
        return [[], [two]];
      case "makes up a cell": {
        const made = one.slice();
        this.#random.fill(made.subarray(BODY));
        return [[made], [one]];
      }
      case "swaps two cells":
        return [[two], [one]];
    }
  }
}

function cellsOf(message: Uint8Array): Uint8Array[] {
  return Array.from({ length: message.length / CELL_LENGTH }, (_, i) =>
    message.slice(i * CELL_LENGTH, (i + 1) * CELL_LENGTH),
  );
}

/** Where the first two RELAY cells of a circuit are. */
function twoOfOneCircuit(cells: readonly Uint8Array[]): readonly number[] {
  const places = new Map<number, number[]>();
  for (const [i, cell] of cells.entries()) {
    if (cell[4] !== RELAY) continue;
    const circuit = new DataView(cell.buffer).getUint32(0);
    places.set(circuit, [...(places.get(circuit) ?? []), i]);
  }
  return [...places.values()].find(({ length }) => length > 1) ?? [];
}

/** Keeps writing and reading what an echo sends back. @returns what ended it; undefined: all went well. */
async function talk(stream: ClientStream, bytes: Uint8Array): Promise<string | undefined> {
  const writing = (async () => {
    for (let at = 0; at < bytes.length; at += 4000) await stream.write(bytes.subarray(at, at + 4000));
    stream.end();
  })();
  try {
    const [received] = await Promise.all([readAll(stream), writing]);
    return Buffer.compare(received, bytes) === 0 ? undefined : "other bytes";
  } catch (thrown) {
    return toTaborError(thrown, "here", "talking").code;
  }
}

const ATTACKS: readonly Attack[] = [
  "flips a bit",
  "replays a cell",
  "drops a cell",
  "swaps two cells",
  "makes up a cell",
];

describe(withSeed("an attacker on a link", seed), () => {
  for (const attack of ATTACKS)
    for (const link of [0, 1, 2] as const)
      for (const way of ["outbound", "inbound"] as const) {
        const where = ["between client and guard", "between guard and middle", "between middle and exit"][
          link
        ];
        it(`who ${attack} ${where ?? ""}, ${way}, ends that circuit and harms no other`, async () => {
          const attacker = new Attacker(attack, new SeededRandom(seed));
          const place: { from?: RelayId | "client"; to?: RelayId | "client" } = {};
          const { clock, network } = await startNetwork(
            seed,
            {},
            {
              channels: (from, to) => ({
                tamper: (message, direction: Direction) => {
                  const [source, target] = direction === "a to b" ? [from, to] : [to, from];
                  const isHere = source === place.from && target === place.to;
                  return isHere ? attacker.pass(message) : message;
                },
              }),
            },
          );
          // One guard, one middle, one exit: both circuits run over the same three links.
          const client = network.client();
          const echo = { host: "echo.test", port: 80 };
          const streams = await clock.until(
            Promise.all(["a", "b"].map((isolation) => client.openStream(echo, { isolation }))),
          );
          expect(new Set(streams.map(({ circuit }) => circuit.id)).size).toBe(2);
          const nodes = [
            "client",
            ...(streams[0] as ClientStream).circuit.hops.map(({ relay }) => relay),
          ] as const;
          const [near, far] = [nodes[link], nodes[link + 1]] as [RelayId, RelayId];
          [place.from, place.to] = way === "outbound" ? [near, far] : [far, near];
          attacker.arm();
          const outcomes = await clock.until(
            Promise.all(streams.map((stream, i) => talk(stream, content(i, 150_000)))),
          );
          expect(attacker.hasStruck).toBe(true);
          expect(outcomes.filter((outcome) => outcome === undefined)).toHaveLength(1);
          expect(outcomes.filter((outcome) => outcome !== undefined)).toEqual(["not-authentic"]);
          const states = streams.map(({ circuit }) => circuit.state.name).sort();
          expect(states).toEqual(["closed", "open"]);
        });
      }
});
