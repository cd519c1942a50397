import type { Cancel, Consensus, DirectorySource, TokenIssuer } from "@tabor/onion-core";
import {
  testConsensus,
  testId,
  testRelay,
  TEST_NOW,
  type TestRelay,
  VirtualClock,
} from "@tabor/onion-core/testing";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { TestIssuer } from "./testing/test-issuer.ts";
import { TokenGate } from "./token-gate.ts";
import { TokenWallet } from "./token-wallet.ts";

const GUARD = testId(11);
const notAuthentic = { code: "not-authentic", where: "link" };

/** A directory whose consensuses a test sends. */
class TestDirectory implements DirectorySource {
  current: Consensus | undefined;
  readonly #listeners = new Set<(consensus: Consensus) => void>();

  subscribe(listener: (consensus: Consensus) => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(issuers: readonly TokenIssuer[]): void {
    this.current = { ...base, issuers };
    for (const listener of [...this.#listeners]) listener(this.current);
  }
}

let base: Consensus;
let relay: TestRelay;
let issuer: TestIssuer;
let clock: VirtualClock;
let directory: TestDirectory;
let gate: TokenGate;
beforeAll(async () => {
  relay = await testRelay();
  base = (await testConsensus({ relays: [relay], signers: [relay.key] })).consensus;
  issuer = new TestIssuer(testId(1), TEST_NOW);
});
beforeEach(() => {
  clock = new VirtualClock(TEST_NOW);
  directory = new TestDirectory();
  gate = new TokenGate(GUARD, { directory, clock });
});

const draw = async (): Promise<Uint8Array> => {
  const wallet = new TokenWallet({ source: issuer, clock });
  return (await clock.until(wallet.take(GUARD, () => true))).token;
};

describe("a relay's gate", () => {
  test("is open in a network without issuers", async () => {
    directory.tell([]);
    expect(await gate.demandsTokens()).toBe(false);
    await gate.admitRelay(testId(99));
  });

  test("is shut until it is known which network it is, and stays shut when its directory is away", async () => {
    expect(await clock.until(gate.demandsTokens())).toBe(true);
    directory.tell([issuer.issuer]);
    directory.current = undefined;
    expect(await gate.demandsTokens()).toBe(true);
  });

  test("takes each token once", async () => {
    directory.tell([issuer.issuer]);
    const token = await draw();
    await gate.admitClient(token);
    await expect(gate.admitClient(token)).rejects.toMatchObject(notAuthentic);
    await expect(gate.admitClient(token.subarray(1))).rejects.toMatchObject({ code: "malformed" });
  });

  test("waits a moment for the consensus that announces a token's key", async () => {
    directory.tell([]);
    const token = await draw();
    const admitted = gate.admitClient(token);
    await clock.settle();
    directory.tell([issuer.issuer]);
    await clock.until(admitted);
    directory.tell([]);
    await expect(clock.until(gate.admitClient(await draw()))).rejects.toMatchObject(notAuthentic);
  });

  test("takes relays that the consensus lists, and no other that says it is one", async () => {
    directory.tell([issuer.issuer]);
    await gate.admitRelay(relay.key.id);
    await expect(clock.until(gate.admitRelay(testId(99)))).rejects.toMatchObject(notAuthentic);
  });

  test("lets the relay itself in, to be tested", async () => {
    const pass = new Uint8Array(32).fill(9);
    const own = new TokenGate(GUARD, { directory, clock, pass });
    directory.tell([issuer.issuer]);
    await own.admitClient(pass);
    await own.admitClient(pass);
    await expect(own.admitClient(new Uint8Array(32))).rejects.toMatchObject({ code: "malformed" });
  });
});
