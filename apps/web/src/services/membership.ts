import type { RelayId, TaborError } from "@tabor/onion-core";
import type { Readable } from "./store.ts";

/** How this browser stands with a network that may not let everybody in (SPEC §9.6). */
export type Standing =
  /** No server has said yet. */
  | "unknown"
  /** Everybody is let in. */
  | "open"
  /** This browser is not. */
  | "outside"
  | "member"
  /** It was a member, and is none any more. */
  | "revoked";

export type Invitation =
  | { readonly name: "none" }
  /** The link holds no code. */
  | { readonly name: "unreadable" }
  /** It waits for the person's answer. */
  | { readonly name: "offered" }
  | { readonly name: "redeeming" }
  /** Unknown, used or over: nobody is told which. */
  | { readonly name: "refused" }
  /** There was no answer; it may be used again. */
  | { readonly name: "failed"; readonly problem: TaborError };

export interface MembershipState {
  readonly standing: Standing;
  readonly invitation: Invitation;
  /** This browser's member key, once it has one. `isKept`: it outlasts this tab. */
  readonly key: { readonly id: RelayId; readonly isKept: boolean } | undefined;
}

/** This browser as a member of the network. */
export interface Membership {
  readonly state: Readable<MembershipState>;
  /** Makes the key that an operator may register. From then on the network is shown it. */
  makeKey(): Promise<void>;
  /** Uses the invitation. */
  accept(): Promise<void>;
  /** Puts the invitation away. */
  decline(): void;
  /** Asks the network now whether it lets us in. */
  tryAgain(): void;
}
