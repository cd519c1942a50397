/** Contracts that every implementation of a port keeps, and the means to test with. Nothing here runs in production. */
export { aeadContract } from "./aead-contract.ts";
export type { ContractCase } from "./contract.ts";
