/** Where the servers of a network with several authorities meet (SPEC §8.6). */
export const MESSAGE_PATH = "/tabor/authority/message";
export const DESCRIPTORS_PATH = "/tabor/authority/descriptors";

/** Bytes of a message: a vote of 200 000 relays with its signatures. */
export const MAX_MESSAGE_LENGTH = 16_777_216;
/** Descriptors that are asked for at once. */
export const MAX_DESCRIPTORS = 100_000;
