import type { RelayId } from "../crypto/ids.ts";
import type { AgreementOutcome } from "./vote-agreement.ts";
import type { SignatureBox } from "./signature-box.ts";

/** What an authority did in a period that it should not have. */
export type AuthorityFault =
  /** No vote of it arrived. */
  | "silent"
  /** Its vote arrived too late to be believed. */
  | "late"
  /** It signed two votes; neither counts. */
  | "two votes"
  /** It signed two consensuses. */
  | "two consensuses"
  /** It signed another consensus than we. */
  | "another consensus"
  /** It voted, and signed no consensus. */
  | "no signature";

export interface FaultyAuthority {
  readonly authority: RelayId;
  readonly fault: AuthorityFault;
}

/** How a period went, as one authority saw it. */
export interface PeriodReport {
  /** Milliseconds since the Unix epoch; it names the period. */
  readonly validAfter: number;
  /**
   * published: more than half signed what we computed; adopted: we had it from another authority; failed: neither, and clients keep
   * the consensus that they have.
   */
  readonly outcome: "published" | "adopted" | "failed";
  readonly voted: readonly RelayId[];
  readonly signed: readonly RelayId[];
  readonly faults: readonly FaultyAuthority[];
}

/** @param digest what we signed, if we could compute anything. */
export function faultsOf(
  agreement: AgreementOutcome,
  box: SignatureBox,
  digest: Uint8Array | undefined,
): readonly FaultyAuthority[] {
  const blamed = (fault: AuthorityFault, ids: readonly RelayId[]): readonly FaultyAuthority[] =>
    ids.map((authority) => ({ authority, fault }));
  const voted = new Set(agreement.votes.map(({ authority }) => authority));
  const another = digest === undefined ? [] : box.another(digest).filter((id) => !box.twice.includes(id));
  return [
    ...blamed("two votes", agreement.equivocated),
    ...blamed("late", agreement.late),
    ...blamed("silent", agreement.silent),
    ...blamed("two consensuses", box.twice),
    ...blamed("another consensus", another),
    ...blamed("no signature", digest === undefined ? [] : box.missing.filter((id) => voted.has(id))),
  ];
}
