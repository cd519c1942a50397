/** Bounds and deadlines of the signalling protocol (SPEC §9, §11). Lengths in bytes, times in milliseconds. */

export const KEY_LENGTH = 32;
export const NONCE_LENGTH = 32;
export const SIGNATURE_LENGTH = 64;

/** RFC 9578 §6: a token of the type 0x0002, and what is signed blindly for one. */
export const TOKEN_LENGTH = 354;
export const BLINDED_LENGTH = 256;
/** Tokens that a member draws at once, and in one epoch. */
export const MAX_DRAW = 16;
export const TOKENS_PER_EPOCH = 512;

/** What the broker carries from peer to peer at most, in one event. */
export const MAX_BLOB_LENGTH = 16_384;
/** The longest descriptor that SPEC §8.1 can encode: 16 family members, three policy summaries of 1000 bytes. */
export const MAX_DESCRIPTOR_LENGTH = 1 + 3 * 32 + 8 + 1 + 1 + 4 + 1 + 16 * 32 + 3 * (2 + 1000) + 64;
/** What the directory reads in one Socket.IO message. */
export const MAX_MESSAGE_LENGTH = 65_536;
export const MAX_CONSENSUS_LENGTH = 33_554_432;

/** How long a challenge is good for, and how long a connection may stay without joining. */
export const CHALLENGE_LIFETIME = 30_000;
/** The directory closes a connection after this many events that were invalid or too many. */
export const MAX_OFFENCES = 10;
export const EVENTS_PER_WINDOW = 50;
export const CONNECTIONS_PER_WINDOW = 100;
export const WINDOW = 10_000;
/** Of one address; then it is not connected any more until the window is over. */
export const FAILED_JOINS_PER_WINDOW = 30;
export const FAILED_JOINS_WINDOW = 60_000;
