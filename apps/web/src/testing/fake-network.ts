import {
  TaborError,
  type CircuitInfo,
  type ClientStream,
  type ExitKind,
  type RelayId,
} from "@tabor/onion-core";
import type { Network, NetworkState } from "../services/network.ts";
import { Store } from "../services/store.ts";

const RELAYS = ["GuardRelay", "MiddleRelay", "ExitRelay"].map((name) => name.padEnd(43, "A") as RelayId);

/** A network that is there, and carries nothing: sites are played by `FakeEngine`. */
export class FakeNetwork implements Network {
  readonly state = new Store<NetworkState>({
    directory: { phase: "joined", problem: undefined },
    client: { stage: "ready", percent: 100, doing: "ready", problem: undefined },
    circuits: [],
  });

  readonly fetchExits = new Store(false);

  openStream(): Promise<ClientStream> {
    return Promise.reject(new TaborError("usage", "here", "a scripted network has no streams"));
  }

  openFetch(): Promise<ClientStream> {
    return this.openStream();
  }

  exitKindFor(): ExitKind {
    return "stream";
  }

  allowFetchExits(areAllowed: boolean): void {
    this.fetchExits.value = areAllowed;
  }

  newCircuitFor(): void {
    // Nothing has a circuit here.
  }

  newIdentity(): void {
    // Nor an identity.
  }
}

export function circuitNumber(id: number, isolation: string): CircuitInfo {
  const hops = RELAYS.map((relay, index) => ({
    relay,
    role: (["guard", "middle", "exit"] as const)[index] ?? "exit",
    platform: index === 1 ? ("tab" as const) : ("node" as const),
    readsContent: false,
    handshakeMs: 40 * (index + 1),
  }));
  return { id, state: { name: "open" }, hops, isolation, streams: 1 };
}
