import { TaborError } from "../errors.ts";

/** An inclusive range of ports, 1…65535. */
export interface PortRange {
  readonly low: number;
  readonly high: number;
}

export const MAX_PORT = 65_535;

/** The summary of a relay that is no exit. */
export const REJECT_ALL = "reject 1-65535";

/**
 * What a descriptor says of its relay's exit policy (SPEC §8.3): the ports that it accepts, or rejects, at *most*
 * addresses. A client chooses an exit by it; the exit itself decides by its full policy.
 */
export class PolicySummary {
  private constructor(
    readonly keyword: "accept" | "reject",
    readonly ranges: readonly PortRange[],
  ) {}

  /**
   * Reads a summary as Tor does: empty items and items that do not start with a digit are skipped.
   * @throws malformed for anything else, and if no range remains.
   */
  static parse(text: string): PolicySummary {
    const [, keyword, list = ""] = /^(accept|reject) (.*)$/.exec(text) ?? [];
    if (keyword !== "accept" && keyword !== "reject") fail();
    const items = list.split(",").filter((item) => /^[0-9]/.test(item));
    const ranges = items.map((item) => parsePortRange(item) ?? fail());
    if (ranges.length === 0) fail();
    return new PolicySummary(keyword, ranges);
  }

  /** "Yes" means *probably*: the exit may still refuse some addresses. */
  allows(port: number): boolean {
    const listed = this.ranges.some(({ low, high }) => low <= port && port <= high);
    return listed === (this.keyword === "accept");
  }

  toString(): string {
    return `${this.keyword} ${formatPortRanges(this.ranges)}`;
  }
}

/** Whether `text` is a summary in the one form that descriptors carry: ranges rise and neither touch nor overlap. */
export function isCanonicalSummary(text: string): boolean {
  try {
    const summary = PolicySummary.parse(text);
    const apart = summary.ranges.every(({ low }, i) => low > (summary.ranges[i - 1]?.high ?? -1) + 1);
    return apart && summary.toString() === text;
  } catch {
    return false;
  }
}

/** "80,443,6660-6669" */
export function formatPortRanges(ranges: readonly PortRange[]): string {
  return ranges
    .map(({ low, high }) => (low === high ? String(low) : `${String(low)}-${String(high)}`))
    .join(",");
}

/** "n" or "n-m" with 1 ≤ n ≤ m ≤ 65535; undefined for anything else. */
export function parsePortRange(text: string): PortRange | undefined {
  const [, first, last = first] = /^([0-9]{1,5})(?:-([0-9]{1,5}))?$/.exec(text) ?? [];
  const low = Number(first);
  const high = Number(last);
  return low >= 1 && low <= high && high <= MAX_PORT ? { low, high } : undefined;
}

function fail(): never {
  throw new TaborError("malformed", "relay", "not the summary of an exit policy");
}
