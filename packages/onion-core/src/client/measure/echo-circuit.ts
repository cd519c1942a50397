import { ClientCircuit, type ClientCircuitDeps } from "../../circuit/client-circuit.ts";
import { compareBytes } from "../../bytes/compare.ts";
import { ANY_ADDRESS } from "../../cell/stream-bodies.ts";
import type { RelayEntry } from "../../directory/consensus.ts";
import { TaborError, toTaborError } from "../../errors.ts";
import type { Link } from "../../link/link.ts";
import { randomBytes, type Random } from "../../ports/random.ts";
import { ClientStreams } from "../../stream/client-streams.ts";
import type { Duplex } from "../../stream/duplex.ts";
import { ECHO_TARGET } from "../../stream/echo-target.ts";
import { within } from "../within.ts";

/** Bytes that are sent at once. */
const PIECE = 16_384;
/** An exit has as long to answer a stream (SPEC §10.2). */
const ECHO_DEADLINE_MS = 10_000;

export interface EchoInit {
  /** To the first of the path. */
  readonly link: Link;
  readonly path: readonly RelayEntry[];
  /** What is sent at most. */
  readonly bytes: number;
  /** How long it is sent and waited for at most, in milliseconds; what has come back by then counts. */
  readonly ms: number;
  readonly deps: ClientCircuitDeps;
}

/** Of the whole time, that what counts took at least: who holds the beginning back, and lets go at once, gains no more than that. */
const LEAST_PART = 1 / 3;

/** How far it came. */
export type EchoOutcome =
  /** @property bytes which came back in the last `ms`, without the first third, in which windows open and what was spared is spent. */
  | { readonly ok: true; readonly bytes: number; readonly ms: number }
  /** @property hop which of the path was asked for its handshake then; as many as there are if all have answered. */
  | { readonly ok: false; readonly hop: number; readonly error: TaborError };

/**
 * Builds a circuit as clients do, and has its end send back random bytes (SPEC §7.6): nobody on the way can make them up, and only
 * the end sees that they are no site's. Never throws.
 */
export async function echoOver({ link, path, bytes, ms, deps }: EchoInit): Promise<EchoOutcome> {
  const circuit = new ClientCircuit(link, path.length, deps);
  let hop = 0;
  try {
    const targets = path.map(({ descriptor: { identity, ntorKey } }) => ({ id: identity, ntorKey }));
    for (; hop < targets.length; hop++) {
      const target = targets[hop];
      if (target !== undefined) await circuit.extend(target, targets[hop + 1]);
    }
    const padded = circuit.pad();
    const heard = await hearEcho(circuit, { bytes, ms, deps });
    await padded;
    return { ok: true, ...heard };
  } catch (thrown) {
    return { ok: false, hop, error: toTaborError(thrown, "relay", "asking for an echo") };
  } finally {
    circuit.destroy(new TaborError("closed", "here", "the echo has been heard"));
  }
}

interface Heard {
  readonly bytes: number;
  readonly ms: number;
}

/** @throws what broke the circuit; timeout if nothing came back; protocol if something else did. */
async function hearEcho(
  circuit: ClientCircuit,
  { bytes, ms, deps: { clock, random } }: Pick<EchoInit, "bytes" | "ms" | "deps">,
): Promise<Heard> {
  const end = circuit.hops.at(-1)?.end;
  if (end === undefined) throw new TaborError("usage", "here", "a path has hops");
  const streams = new ClientStreams(end, () => undefined);
  const { stream, connected } = streams.open(ECHO_TARGET, ANY_ADDRESS);
  const late = (): TaborError => new TaborError("timeout", "relay", "nothing was sent back in time");
  await within(connected, { clock, ms: ECHO_DEADLINE_MS, signal: undefined, late });
  const echo = new Echo(stream, random);
  const began = clock.monotonic();
  let third: Heard | undefined;
  const hear = async (): Promise<void> => {
    while (echo.heard < bytes) {
      const before = echo.heard;
      await echo.hear();
      const passed = clock.monotonic() - began;
      // What came after a silence came in all of it: else a relay that is slow, or holds things back, would seem quick.
      if (passed >= ms / 3) third ??= { bytes: before, ms: ms / 3 };
      else if (echo.heard >= bytes / 3) third ??= { bytes: echo.heard, ms: passed };
    }
  };
  const all = Promise.all([echo.send(bytes), hear()]);
  await within(all, { clock, ms, signal: undefined, late }).catch((thrown: unknown) => {
    if (circuit.isClosed || echo.heard === 0 || !isTimeout(thrown)) throw thrown;
  });
  const passed = clock.monotonic() - began;
  const last = Math.max(passed - (third?.ms ?? 0), passed * LEAST_PART, 1);
  return { bytes: echo.heard - (third?.bytes ?? 0), ms: last };
}

function isTimeout(thrown: unknown): boolean {
  return thrown instanceof TaborError && thrown.code === "timeout";
}

/** What was sent, until it has come back. */
class Echo {
  readonly #stream: Duplex;
  readonly #random: Random;
  readonly #expected: Uint8Array[] = [];
  heard = 0;

  constructor(stream: Duplex, random: Random) {
    this.#stream = stream;
    this.#random = random;
  }

  async send(bytes: number): Promise<void> {
    for (let left = bytes; left > 0; left -= PIECE) {
      const piece = randomBytes(this.#random, Math.min(left, PIECE));
      this.#expected.push(piece);
      await this.#stream.write(piece);
    }
  }

  /** Some of it. @throws protocol. */
  async hear(): Promise<void> {
    const piece = await this.#stream.read();
    if (piece === null) throw new TaborError("protocol", "relay", "less was sent back");
    this.#take(piece);
    this.heard += piece.length;
  }

  #take(piece: Uint8Array): void {
    for (let rest = piece; rest.length > 0;) {
      const expected = this.#expected.shift() ?? new Uint8Array(0);
      const length = Math.min(expected.length, rest.length);
      if (length === 0 || compareBytes(expected.subarray(0, length), rest.subarray(0, length)) !== 0)
        throw new TaborError("protocol", "relay", "something else was sent back");
      if (length < expected.length) this.#expected.unshift(expected.subarray(length));
      rest = rest.subarray(length);
    }
  }
}
