import { relayId, type RelayId, TaborError, verifySignature } from "@tabor/onion-core";
import {
  type AdmissionMode,
  type DrawRequest,
  type JoinFields,
  type JoinRequest,
  voucherTranscript,
} from "@tabor/signal-protocol";
import type { Register } from "./register.ts";
import type { TokenOffice } from "./token-office.ts";

/** Why a peer was let in: as anybody, for a registered key, or for a token, whose key has this name. */
export type Admitted =
  | { readonly by: "anybody" }
  | { readonly by: "member"; readonly member: RelayId }
  | { readonly by: "token"; readonly key: string };

/** Who may join (SPEC §9.6). Whether a peer holds its own key is not asked here: that was checked before. */
export interface Admission {
  readonly mode: AdmissionMode;
  /** @returns undefined for whoever may not join, whatever the reason. */
  admit(request: JoinRequest, fields: JoinFields): Promise<Admitted | undefined>;
  /** Whether a member still is one, or a token still good: it may have been revoked while it joined. */
  stillAdmits(admitted: Admitted): Promise<boolean>;
  /** Signs tokens. @throws not-authentic for who is no member (any more), and what `TokenOffice.draw` throws. */
  draw(admitted: Admitted, request: DrawRequest): Promise<Uint8Array<ArrayBuffer>>;
}

const ANYBODY: Admitted = { by: "anybody" };

export const openAdmission: Admission = {
  mode: "open",
  // There is nothing to draw: who wants to show a key would only be known by it.
  admit: ({ role }) => Promise.resolve(role === "member" ? undefined : ANYBODY),
  stillAdmits: () => Promise.resolve(true),
  draw: () => Promise.reject(notAuthentic()),
};

export interface ClosedAdmissionOptions {
  readonly mode: Exclude<AdmissionMode, "open">;
  readonly register: Register;
  readonly office: TokenOffice;
}

/**
 * Lets in who is registered, whom a member vouches for, and, with invitations, who brings a code that is good; and clients for a
 * token alone, so that nobody learns which member a client is.
 */
export function closedAdmission({ mode, register, office }: ClosedAdmissionOptions): Admission {
  return {
    mode,
    admit: async ({ role, key, invite, voucher, token }, fields) => {
      if (role === "client") return token && { by: "token", key: await office.spend(token, key) };
      const member = voucher === undefined ? key : await vouching(voucher, fields);
      if (member === undefined) return undefined;
      const id = relayId(member);
      const isIn = (await register.has(id)) || (await redeem({ mode, register, invite, id }));
      return isIn ? { by: "member", member: id } : undefined;
    },
    stillAdmits: async (admitted) => {
      if (admitted.by === "member") return register.has(admitted.member);
      return admitted.by === "token" && office.takes(admitted.key);
    },
    draw: async (admitted, request) => {
      const isMember = admitted.by === "member" && (await register.has(admitted.member));
      if (!isMember) throw notAuthentic();
      return office.draw(admitted.member, request);
    },
  };
}

function notAuthentic(): TaborError {
  return new TaborError("not-authentic", "directory", "no member");
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
