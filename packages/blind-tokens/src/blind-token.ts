import { RSABSSA } from "@cloudflare/blindrsa-ts";
import { TaborError } from "@tabor/onion-core";
import { type Token, tokenInput, type UnsignedToken } from "./token.ts";
import { BLINDED_LENGTH, type TokenKey } from "./token-key.ts";

/** A token that the issuer has not signed yet. */
export interface BlindedToken {
  /** What the issuer is shown, 256 bytes: any message at all, for whoever does not know how it was blinded. */
  readonly blinded: Uint8Array;
  /** @param signature of the issuer, over what it was shown. @throws not-authentic if it is none. */
  finish(signature: Uint8Array): Promise<Token>;
}

/** Slow for JavaScript: some 100 ms, in one piece. */
export async function blindToken(token: UnsignedToken, key: TokenKey): Promise<BlindedToken> {
  const suite = RSABSSA.SHA384.PSS.Deterministic();
  const input = tokenInput(token);
  const { blindedMsg, inv } = await suite.blind(key.verifier, suite.prepare(input));
  return {
    blinded: blindedMsg,
    finish: async (signature) => {
      if (signature.length !== BLINDED_LENGTH) throw notAuthentic();
      try {
        return { ...token, authenticator: await suite.finalize(key.verifier, input, signature, inv) };
      } catch (cause) {
        throw notAuthentic(cause);
      }
    },
  };
}

function notAuthentic(cause?: unknown): TaborError {
  return new TaborError("not-authentic", "directory", "the issuer has not signed the token", { cause });
}
