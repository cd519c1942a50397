import type { Cancel, RelayId } from "@tabor/onion-core";
import type { RegisteredRelay, RelayChange, RelayStore } from "./relay-store.ts";

/** Registrations of one process, which end with it. */
export class MemoryRelays implements RelayStore {
  readonly #relays = new Map<RelayId, RegisteredRelay>();
  readonly #listeners = new Set<(change: RelayChange) => void>();
  #isClosed = false;

  all(): readonly RegisteredRelay[] {
    return [...this.#relays.values()];
  }

  get(id: RelayId): RegisteredRelay | undefined {
    return this.#relays.get(id);
  }

  put(relay: RegisteredRelay): void {
    if (this.#isClosed) return;
    const id = relay.descriptor.identity;
    const before = this.#relays.get(id);
    this.#relays.set(id, { ...relay, since: Math.min(relay.since, before?.since ?? relay.since) });
    this.#tell({
      relay: id,
      replaced: before?.connection === relay.connection ? undefined : before?.connection,
    });
  }

  remove(id: RelayId, connection: string): void {
    if (this.#isClosed || this.#relays.get(id)?.connection !== connection) return;
    this.#relays.delete(id);
    this.#tell({ relay: id, replaced: undefined });
  }

  onChange(listener: (change: RelayChange) => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  settled(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }

  #tell(change: RelayChange): void {
    for (const listener of [...this.#listeners]) listener(change);
  }
}
