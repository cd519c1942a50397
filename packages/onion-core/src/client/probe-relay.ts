import { ClientCircuit, type ClientCircuitDeps } from "../circuit/client-circuit.ts";
import type { RelayEntry } from "../directory/consensus.ts";
import type { ChannelDialer } from "../directory/source.ts";
import { TaborError } from "../errors.ts";
import type { LinkDeps } from "../link/link.ts";
import { openLink } from "../link/open-link.ts";
import { withDeadline } from "../ports/abort.ts";

const DIAL_DEADLINE_MS = 20_000;

export interface RelayProbeInit {
  /** To look at. */
  readonly relay: RelayEntry;
  /** A relay that it is linked to. */
  readonly next: RelayEntry;
  readonly dialer: ChannelDialer;
  /** What the relay is shown, if it asks. */
  readonly token?: Uint8Array | undefined;
  readonly deps: LinkDeps & Pick<ClientCircuitDeps, "primitives">;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Uses a relay as a client would: links to it without an identity, builds a circuit through it to one of its neighbours, and has that padded as any circuit is
 * (SPEC §13.2), so that a dozen cells travel. What a relay must do to be of use is then known to work. No site is asked for anything.
 * @returns milliseconds that the link took, and then the circuit.
 * @throws what did not work.
 */
export async function probeRelay(init: RelayProbeInit): Promise<{ linkMs: number; circuitMs: number }> {
  const { relay, next, dialer, token, deps, signal } = init;
  const { clock } = deps;
  const began = clock.monotonic();
  const channel = await withDeadline(clock, DIAL_DEADLINE_MS, signal, (until) => dialer.dial(relay, until));
  const link = await openLink(
    {
      channel,
      initiator: true,
      identity: undefined,
      expected: relay.descriptor.identity,
      owner: { acceptCircuit: undefined },
      token,
    },
    deps,
  );
  const done = new TaborError("closed", "here", "the test is over");
  try {
    const linked = clock.monotonic();
    const circuit = new ClientCircuit(link, 2, deps);
    for (const { descriptor } of [relay, next])
      await circuit.extend({ id: descriptor.identity, ntorKey: descriptor.ntorKey });
    const circuitMs = clock.monotonic() - linked;
    await circuit.pad();
    // Padding that ends because the circuit does is no answer.
    if (circuit.isClosed) throw await circuit.closed;
    circuit.destroy(done);
    return { linkMs: linked - began, circuitMs };
  } finally {
    link.close(done);
  }
}
