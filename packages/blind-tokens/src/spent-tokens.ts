/** A token that a place has taken, by what tells it from all others. */
export interface SpentToken {
  /** Its key's name (`TokenKey.name`). */
  readonly key: string;
  /** Milliseconds since the Unix epoch, from which on no token of this key is taken. */
  readonly until: number;
  /** Hexadecimal, of 32 bytes. */
  readonly nonce: string;
}

/** What was spent at a place that may start again, so that nothing is good there a second time (SPEC §9.7). */
export interface SpentTokens {
  /** Before this start. */
  readonly before: readonly SpentToken[];
  /** Resolves once a crash does not lose it. @throws what storing fails with: the token is then refused. */
  keep(token: SpentToken): Promise<void>;
}

/** Of a place that is another one when it starts again, or whose issuer ends with it. */
export const FORGETFUL: SpentTokens = { before: [], keep: () => Promise.resolve() };
