import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { compareBytes } from "../bytes/compare.ts";
import { concat } from "../bytes/bytes.ts";
import { generateSigningKey, type SigningKey } from "../crypto/ed25519.ts";
import { relayId, relayIdToBytes } from "../crypto/ids.ts";
import { testDescriptor, testRelay, TEST_NOW } from "../testing/directory-fixtures.ts";
import { decodeDescriptor, signDescriptor, verifyDescriptor } from "./descriptor.ts";
import { NAT_CLASSES } from "./nat.ts";

const failure = (code: string): Error => expect.objectContaining({ name: "TaborError", code }) as Error;
const HOUR = 3_600_000;

let key: SigningKey;
beforeAll(async () => {
  ({ key } = await generateSigningKey());
});

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const port = fc.integer({ min: 1, max: 32_000 });
const summary = fc
  .tuple(fc.constantFrom("accept", "reject"), fc.uniqueArray(port, { minLength: 1, maxLength: 9 }))
  .map(
    ([verb, ports]) =>
      `${verb} ${ports
        .sort((a, b) => a - b)
        .map((each) => 2 * each)
        .join(",")}`,
  );
const fields = fc.record({
  ntorKey: bytes32,
  signalKey: bytes32,
  published: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  platform: fc.constantFrom("node" as const, "tab" as const),
  nat: fc.constantFrom(...NAT_CLASSES),
  capacity: fc.integer({ min: 0, max: 0xffffffff }),
  family: fc
    .uniqueArray(bytes32, { maxLength: 16, comparator: (a, b) => compareBytes(a, b) === 0 })
    .map((family) => family.sort(compareBytes).map((identity) => relayId(identity))),
  policy4: summary,
  policy6: summary,
});

describe("a descriptor", () => {
  test("decodes to what was signed, and is signed again to the same bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fields, async (each) => {
        const bytes = await signDescriptor(each, key);
        const decoded = decodeDescriptor(bytes);
        expect(decoded).toEqual({ ...each, identity: key.id });
        expect(await signDescriptor(decoded, key)).toEqual(bytes);
        expect(await verifyDescriptor(bytes, each.published)).toEqual(decoded);
      }),
      { numRuns: 40 },
    );
  });

  test("is read from a view that does not start at zero, and keeps none of it", async () => {
    const bytes = await testDescriptor();
    const framed = concat(Uint8Array.of(9, 9, 9), bytes, Uint8Array.of(9));
    const view = framed.subarray(3, 3 + bytes.length);
    const decoded = await verifyDescriptor(view, TEST_NOW);
    framed.fill(0);
    expect(decoded).toEqual(decodeDescriptor(bytes));
  });

  test("is refused at every truncation and with an extra byte", async () => {
    const bytes = await testDescriptor({ family: [key.id], policy4: "accept 80,443" });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeDescriptor(bytes.subarray(0, length))).toThrow(failure("malformed"));
    }
    expect(() => decodeDescriptor(concat(bytes, Uint8Array.of(0)))).toThrow(failure("malformed"));
  });

  test("has no byte that could be changed unnoticed", async () => {
    const bytes = await testDescriptor({ family: [key.id], policy4: "accept 80,443" });
    for (let i = 0; i < bytes.length; i++) {
      const changed = bytes.slice();
      changed[i] = (changed[i] ?? 0) ^ 1;
      await expect(verifyDescriptor(changed, TEST_NOW)).rejects.toThrow();
    }
  });

  test("by another relay's key is not authentic", async () => {
    const { descriptorBytes, descriptor } = await testRelay();
    const forged = descriptorBytes.slice();
    forged.set(relayIdToBytes(key.id), 1);
    expect(decodeDescriptor(forged)).toEqual({ ...descriptor, identity: key.id });
    await expect(verifyDescriptor(forged, TEST_NOW)).rejects.toThrow(failure("not-authentic"));
  });

  test("is valid for 24 hours, and from 5 minutes before it was published", async () => {
    const bytes = await testDescriptor();
    const verifyAt = (now: number): Promise<unknown> => verifyDescriptor(bytes, now);
    await expect(verifyAt(TEST_NOW - HOUR / 12)).resolves.toBeDefined();
    await expect(verifyAt(TEST_NOW + 24 * HOUR - 1)).resolves.toBeDefined();
    await expect(verifyAt(TEST_NOW - HOUR / 12 - 1)).rejects.toThrow(failure("expired"));
    await expect(verifyAt(TEST_NOW + 24 * HOUR)).rejects.toThrow(failure("expired"));
  });

  test("may be as large as its bounds allow", async () => {
    const ports = Array.from({ length: 165 }, (_, i) => 10_001 + 2 * i);
    const longest = `accept 2,${ports.join(",")}`;
    expect(longest.length).toBe(998);
    const family = Array.from({ length: 16 }, (_, i) => relayId(new Uint8Array(32).fill(i)));
    const { descriptor } = await testRelay({ family, policy4: longest, policy6: longest });
    expect(descriptor).toMatchObject({ family, policy4: longest, policy6: longest });
  });

  test("orders its family, whatever order it was given", async () => {
    const ids = [relayId(new Uint8Array(32).fill(7)), relayId(new Uint8Array(32).fill(3))];
    const { descriptor } = await testRelay({ family: ids });
    expect(descriptor.family).toEqual([...ids].reverse());
  });
});

describe("what decodeDescriptor refuses as malformed", () => {
  /** Where fields lie in a descriptor with a family of two and the policies of the fixture. */
  const PUBLISHED = 97;
  const PLATFORM = 105;
  const NAT = 106;
  const FAMILY_SIZE = 111;
  const FAMILY = 112;
  const POLICY4 = FAMILY + 64 + 2;

  async function patched(offset: number, patch: readonly number[]): Promise<Uint8Array> {
    const family = [relayId(new Uint8Array(32).fill(3)), relayId(new Uint8Array(32).fill(7))];
    const bytes = await testDescriptor({ family });
    bytes.set(patch, offset);
    return bytes;
  }

  test.each([
    ["another version", 0, [1]],
    ["a time above 2^53 - 1", PUBLISHED, [0, 0x20, 0, 0, 0, 0, 0, 0]],
    ["an unknown platform", PLATFORM, [2]],
    ["an unknown kind of NAT", NAT, [4]],
    ["a family of 17", FAMILY_SIZE, [17]],
    ["a family that falls", FAMILY, new Array<number>(32).fill(8)],
    ["a family that lists one twice", FAMILY, new Array<number>(32).fill(7)],
    ["a summary that is not canonical", POLICY4, [...new TextEncoder().encode("reject 01-6553")]],
    ["a summary that does not parse", POLICY4, [...new TextEncoder().encode("rejekt 1-65535")]],
    ["a summary that is not ASCII", POLICY4, [0xc3, 0xa4]],
    ["a summary of more than 1000 bytes", POLICY4 - 2, [0x03, 0xe9]],
  ])("%s", async (_, offset, patch) => {
    const bytes = await patched(offset, patch);
    expect(() => decodeDescriptor(bytes)).toThrow(failure("malformed"));
  });

  test("but not the same bytes unpatched", async () => {
    const bytes = await patched(POLICY4, [...new TextEncoder().encode("reject 1-65535")]);
    expect(decodeDescriptor(bytes).policy4).toBe("reject 1-65535");
  });
});

test("a descriptor says what its relay fetches from, or that it does not", async () => {
  const { descriptor } = await testRelay({ fetchPolicy: "accept 80,443" });
  expect(descriptor.fetchPolicy).toBe("accept 80,443");
  expect((await testRelay()).descriptor.fetchPolicy).toBeUndefined();
});

test.each([
  ["a fetch policy that is not canonical", { fetchPolicy: "accept 443,80" }],
  ["a short key", { ntorKey: new Uint8Array(31) }],
  ["a summary that is not canonical", { policy4: "accept 443,80" }],
  ["a capacity beyond u32", { capacity: 2 ** 32 }],
  ["a family of 17", { family: Array.from({ length: 17 }, (_, i) => relayId(new Uint8Array(32).fill(i))) }],
])("signDescriptor refuses %s", async (_, wrong) => {
  await expect(testRelay(wrong)).rejects.toThrow(failure("usage"));
});
