/** Contracts that every implementation of a port keeps, and the means to test with. Nothing here runs in production. */
export { aeadContract } from "./aead-contract.ts";
export { handshakeCryptoContract } from "./handshake-crypto-contract.ts";
export type { ContractCase } from "./contract.ts";
export { dataChannelContract } from "./data-channel-contract.ts";
export type { ChannelEnds } from "./data-channel-contract.ts";
export {
  testConsensus,
  testEntry,
  testId,
  testRelay,
  TEST_NOW,
  type TestRelay,
} from "./directory-fixtures.ts";
export { memoryDataChannel } from "./memory-data-channel.ts";
export type { Direction, MemoryChannel, MemoryChannelOptions } from "./memory-data-channel.ts";
export { memoryDuplex } from "./memory-duplex.ts";
export { pickSeeds, SeededRandom, withSeed } from "./seeded-random.ts";
export { VirtualClock } from "./virtual-clock.ts";
