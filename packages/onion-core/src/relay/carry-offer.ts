import { ClientCircuit, type ClientCircuitDeps } from "../circuit/client-circuit.ts";
import type { RelayEntry } from "../directory/consensus.ts";
import { TaborError } from "../errors.ts";
import type { Link } from "../link/link.ts";
import { ClientStreams } from "../stream/client-streams.ts";
import { readWhole } from "../stream/read-whole.ts";
import { MAX_SIGNAL_LENGTH, SIGNAL_DEADLINE_MS } from "../stream/signal-end.ts";

export interface Carriage {
  /** The link to a neighbour, and its entry in the consensus. */
  readonly link: Link;
  readonly way: RelayEntry;
  readonly target: RelayEntry;
  readonly offer: Uint8Array;
  /** Withdraws it. */
  readonly signal: AbortSignal;
}

/**
 * Brings a sealed offer to a relay by a circuit of our own through a neighbour (SPEC §9.5), who sees a circuit go by like any other.
 * @returns the reply. @throws what stopped it; nothing of the circuit is left then, or afterwards.
 */
export async function carryOffer(
  { link, way, target, offer, signal }: Carriage,
  deps: ClientCircuitDeps,
): Promise<Uint8Array> {
  signal.throwIfAborted();
  const circuit = new ClientCircuit(link, 2, deps);
  const abort = (): void => {
    circuit.destroy(new TaborError("aborted", "here", "the offer is no longer wanted"));
  };
  signal.addEventListener("abort", abort, { once: true });
  const cancelDeadline = deps.clock.after(SIGNAL_DEADLINE_MS, () => {
    circuit.destroy(new TaborError("timeout", "relay", "no reply came through the mesh in time"));
  });
  try {
    await circuit.extend(hop(way), hop(target));
    const { end } = await circuit.extend(hop(target));
    return await exchange(new ClientStreams(end, () => undefined), offer);
  } finally {
    cancelDeadline();
    signal.removeEventListener("abort", abort);
    circuit.destroy(new TaborError("closed", "here", "the offer has been replied to"));
  }
}

async function exchange(streams: ClientStreams, offer: Uint8Array): Promise<Uint8Array> {
  const { stream, connected } = streams.openSignal();
  // What ends it ends the stream as well.
  connected.catch(() => undefined);
  await stream.write(offer);
  stream.end();
  return readWhole(stream, MAX_SIGNAL_LENGTH);
}

function hop({ descriptor }: RelayEntry): { id: RelayEntry["descriptor"]["identity"]; ntorKey: Uint8Array } {
  return { id: descriptor.identity, ntorKey: descriptor.ntorKey };
}
