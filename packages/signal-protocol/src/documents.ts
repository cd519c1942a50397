/** Where a directory shows its documents to anybody (SPEC §9.1): the newest consensus here, others at `/DIGEST` below. */
export const CONSENSUS_PATH = "/tabor/consensus";
/** Votes at `/DIGEST` below. */
export const VOTE_PATH = "/tabor/vote";
/** Bytes of a vote: of 200 000 relays. */
export const MAX_VOTE_LENGTH = 16_777_216;
