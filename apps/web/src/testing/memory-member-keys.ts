import type { SigningKey } from "@tabor/onion-core";
import type { MemberKeys } from "../membership/membership-desk.ts";

/** @param key what is made, when one is wanted. */
export function memoryMemberKeys(key: SigningKey): MemberKeys {
  let isMade = false;
  let wasMember = false;
  const own = () => ({ key, isKept: true, wasMember });
  return {
    load: () => Promise.resolve(isMade ? own() : undefined),
    make: () => {
      isMade = true;
      return Promise.resolve(own());
    },
    noteMember: () => {
      wasMember = true;
      return Promise.resolve();
    },
  };
}
