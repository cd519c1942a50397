import { type RelayId, TaborError } from "@tabor/onion-core";
import type { HostAddress, KnownHost } from "@tabor/signal-protocol";

/** What was pinned, for who keeps it over a restart. */
export type Pins = ReadonlyMap<HostAddress, RelayId>;

/** The authority of each host that may serve: named in the list, or pinned at first contact (SPEC §9.8). */
export class HostTrust {
  readonly hosts: readonly KnownHost[];
  readonly #named: ReadonlyMap<HostAddress, RelayId>;
  readonly #pins: Map<HostAddress, RelayId>;
  readonly #save: (pins: Pins) => void;

  /** @param pins of an earlier run. @param save keeps them all, called after each new one. */
  constructor(
    hosts: readonly KnownHost[],
    pins: Pins = new Map(),
    save: (pins: Pins) => void = () => undefined,
  ) {
    this.hosts = hosts;
    this.#named = new Map(
      hosts.flatMap(({ address, authority }) => (authority ? [[address, authority]] : [])),
    );
    this.#pins = new Map(pins);
    this.#save = save;
  }

  /** Whom to believe of this host; undefined before the first contact with one that is not named. */
  authorityOf(address: HostAddress): RelayId | undefined {
    return this.#named.get(address) ?? this.#pins.get(address);
  }

  isNamed(address: HostAddress): boolean {
    return this.#named.has(address);
  }

  /** A host has proved to have this authority. @throws not-authentic if it is another than before, or than was named. */
  proved(address: HostAddress, authority: RelayId): void {
    const expected = this.authorityOf(address);
    if (expected === undefined) {
      this.#pins.set(address, authority);
      this.#save(this.#pins);
    } else if (expected !== authority) {
      throw new TaborError(
        "not-authentic",
        "directory",
        "the host has another authority than it should have",
      );
    }
  }
}
