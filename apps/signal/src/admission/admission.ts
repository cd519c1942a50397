import { relayId, type RelayId, verifySignature } from "@tabor/onion-core";
import {
  type AdmissionMode,
  type JoinFields,
  type JoinRequest,
  voucherTranscript,
} from "@tabor/signal-protocol";
import type { Register } from "./register.ts";

/** Why a peer was let in. */
export interface Admitted {
  /** The registered key that it was let in for; undefined where anybody is. */
  readonly member: RelayId | undefined;
}

/** Who may join (SPEC §9.6). Whether a peer holds its own key is not asked here: that was checked before. */
export interface Admission {
  readonly mode: AdmissionMode;
  /** @returns undefined for whoever may not join, whatever the reason. */
  admit(request: JoinRequest, fields: JoinFields): Promise<Admitted | undefined>;
  /** Whether a member still is one: it may have been revoked while it joined. */
  stillAdmits(admitted: Admitted): Promise<boolean>;
}

const ANYBODY: Admitted = { member: undefined };

export const openAdmission: Admission = {
  mode: "open",
  admit: () => Promise.resolve(ANYBODY),
  stillAdmits: () => Promise.resolve(true),
};

/** Lets in who is registered, whom a member vouches for, and, with invitations, who brings a code that is good. */
export function closedAdmission(mode: Exclude<AdmissionMode, "open">, register: Register): Admission {
  return {
    mode,
    admit: async ({ key, invite, voucher }, fields) => {
      const member = voucher === undefined ? key : await vouching(voucher, fields);
      if (member === undefined) return undefined;
      const id = relayId(member);
      const isIn = (await register.has(id)) || (await redeem({ mode, register, invite, id }));
      return isIn ? { member: id } : undefined;
    },
    stillAdmits: ({ member }) => (member === undefined ? Promise.resolve(true) : register.has(member)),
  };
}

async function vouching(
  { member, signature }: NonNullable<JoinRequest["voucher"]>,
  fields: JoinFields,
): Promise<Uint8Array | undefined> {
  const isGiven = await verifySignature(member, signature, voucherTranscript(fields));
  return isGiven && fields.role === "relay" ? member : undefined;
}

interface Redemption {
  readonly mode: AdmissionMode;
  readonly register: Register;
  readonly invite: Uint8Array | undefined;
  readonly id: RelayId;
}

function redeem({ mode, register, invite, id }: Redemption): Promise<boolean> {
  if (mode !== "invite" || invite === undefined) return Promise.resolve(false);
  return register.redeem(invite, id);
}
