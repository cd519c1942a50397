import { TaborError, type RelayId } from "@tabor/onion-core";
import type { Membership, MembershipState } from "../services/membership.ts";
import { Store } from "../services/store.ts";

const KEY = { id: "MemberKeyMemberKeyMemberKeyMemberKeyMember1" as RelayId, isKept: true };
const NONE = { name: "none" } as const;
const silent = new TaborError("timeout", "directory", "no sign of the directory's welcome within 15 s");

/** Each state that a person can be in, by name. */
export const MEMBERSHIPS: Readonly<Record<string, MembershipState>> = {
  open: { standing: "open", invitation: NONE, key: undefined },
  unknown: { standing: "unknown", invitation: NONE, key: undefined },
  outside: { standing: "outside", invitation: NONE, key: undefined },
  "outside-key": { standing: "outside", invitation: NONE, key: KEY },
  "outside-unkept": { standing: "outside", invitation: NONE, key: { ...KEY, isKept: false } },
  invited: { standing: "outside", invitation: { name: "offered" }, key: undefined },
  redeeming: { standing: "outside", invitation: { name: "redeeming" }, key: KEY },
  refused: { standing: "outside", invitation: { name: "refused" }, key: KEY },
  failed: { standing: "outside", invitation: { name: "failed", problem: silent }, key: KEY },
  unreadable: { standing: "outside", invitation: { name: "unreadable" }, key: undefined },
  member: { standing: "member", invitation: NONE, key: KEY },
  revoked: { standing: "revoked", invitation: NONE, key: KEY },
};

/** A membership that begins as its name says, "membership-invited", and goes on as a person wants it to. */
export function scriptedMembership(name: string): Membership {
  const begin = MEMBERSHIPS[name.replace(/^membership-/, "")];
  const state = new Store<MembershipState>(begin ?? { standing: "open", invitation: NONE, key: undefined });
  const become = (change: Partial<MembershipState>): Promise<void> => {
    state.value = { ...state.value, ...change };
    return Promise.resolve();
  };
  return {
    state,
    makeKey: () => become({ key: KEY }),
    accept: () => become({ standing: "member", invitation: NONE, key: KEY }),
    decline: () => void become({ invitation: NONE }),
    tryAgain: () => undefined,
  };
}
