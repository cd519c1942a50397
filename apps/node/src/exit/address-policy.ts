import type { IpAddress } from "@tabor/onion-core";

/** Which addresses an exit connects to and speaks of (SPEC §8.3); the core's `ExitPolicy` is one. */
export interface AddressPolicy {
  allows(address: IpAddress, port: number): boolean;
  /** Whether some port is allowed: RESOLVED tells no other addresses. */
  reaches(address: IpAddress): boolean;
}
