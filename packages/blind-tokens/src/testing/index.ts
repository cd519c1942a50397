/** For the tests of those who keep spent tokens. */
export { spentTokensContract } from "./spent-tokens-contract.ts";
