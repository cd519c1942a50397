import { ascii, Writer } from "@tabor/onion-core";
import { type Role, ROLES } from "./address.ts";
import { ADMISSION_MODES, type AdmissionMode } from "./admission.ts";

/** What both signatures of joining cover (SPEC §9.2). */
export interface JoinFields {
  /** The directory's identity, 32 bytes. */
  readonly directory: Uint8Array;
  /** 32 bytes. */
  readonly directoryNonce: Uint8Array;
  /** When the challenge expires, in milliseconds since the Unix epoch. */
  readonly expires: number;
  readonly admission: AdmissionMode;
  readonly role: Role;
  /** The peer's identity or session key, 32 bytes. */
  readonly key: Uint8Array;
  /** 32 bytes. */
  readonly peerNonce: Uint8Array;
  /** Socket.IO's id of the connection: a signature is of no use on another one. At most 255 ASCII characters. */
  readonly connectionId: string;
}

/** What the peer signs by `key`. */
export function joinTranscript(fields: JoinFields): Uint8Array<ArrayBuffer> {
  return transcript("tabor-join-1", fields);
}

/** What a member signs who vouches for the relay that joins. */
export function voucherTranscript(fields: JoinFields): Uint8Array<ArrayBuffer> {
  return transcript("tabor-voucher-1", fields);
}

/** What the directory signs by its identity. */
export function welcomeTranscript(fields: JoinFields): Uint8Array<ArrayBuffer> {
  return transcript("tabor-welcome-1", fields);
}

function transcript(label: string, fields: JoinFields): Uint8Array<ArrayBuffer> {
  return new Writer()
    .ascii(label)
    .bytes(fields.directory)
    .bytes(fields.directoryNonce)
    .u64(fields.expires)
    .u8(ADMISSION_MODES.indexOf(fields.admission))
    .u8(ROLES.indexOf(fields.role))
    .bytes(fields.key)
    .bytes(fields.peerNonce)
    .bytes8(ascii(fields.connectionId))
    .finish();
}
