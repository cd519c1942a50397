import { checkBytes, check, checkThrows, type ContractCase } from "./contract.ts";
import { concat, hexToBytes } from "../bytes/bytes.ts";
import type { Aead, AeadKey, MaybePromise } from "../ports/aead.ts";

/** What every implementation of the `Aead` port promises (SPEC §4.1). */
export function aeadContract(aead: Aead): readonly ContractCase[] {
  return [
    ...VECTORS.map((vector) => ({ name: vector.source, run: () => matchesVector(aead, vector) })),
    ...LENGTHS.map((length) => ({
      name: `opens what it sealed, ${String(length)} bytes`,
      run: () => roundTrip(aead, length),
    })),
    { name: "refuses a change of any byte", run: () => refusesTampering(aead) },
    { name: "refuses a shortened or lengthened ciphertext", run: () => refusesOtherLengths(aead) },
    { name: "refuses another nonce and another key", run: () => refusesOthers(aead) },
    { name: "takes views that do not start at zero", run: () => takesViews(aead) },
    { name: "leaves its input alone and returns a buffer of its own", run: () => ownsResults(aead) },
    { name: "puts an immediate result where it is told", run: () => usesRoom(aead) },
    { name: "takes nonce and plaintext when called: ten seals at once", run: () => tenSeals(aead) },
    { name: "refuses keys that are not 32 bytes", run: () => refusesKeys(aead) },
  ];
}

interface Vector {
  readonly source: string;
  readonly key: string;
  readonly nonce: string;
  readonly plaintext: string;
  readonly ciphertext: string;
  readonly tag: string;
}

/**
 * AES-256 with 96-bit nonce and no associated data: the test cases of McGrew and Viega, "The Galois/Counter Mode of
 * Operation", appendix B, and of NIST's CAVP, gcmEncryptExtIV256.rsp (first of PTlen 0 and of PTlen 128).
 */
const VECTORS: readonly Vector[] = [
  {
    source: "GCM, appendix B, test case 13",
    key: "00".repeat(32),
    nonce: "00".repeat(12),
    plaintext: "",
    ciphertext: "",
    tag: "530f8afbc74536b9a963b4f1c4cb738b",
  },
  {
    source: "GCM, appendix B, test case 14",
    key: "00".repeat(32),
    nonce: "00".repeat(12),
    plaintext: "00".repeat(16),
    ciphertext: "cea7403d4d606b6e074ec5d3baf39d18",
    tag: "d0d1c8a799996bf0265b98b5d48ab919",
  },
  {
    source: "GCM, appendix B, test case 15",
    key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
    nonce: "cafebabefacedbaddecaf888",
    plaintext:
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72" +
      "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
    ciphertext:
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa" +
      "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad",
    tag: "b094dac5d93471bdec1a502270e3cc6c",
  },
  {
    source: "NIST CAVP gcmEncryptExtIV256, PTlen 0, count 0",
    key: "b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4",
    nonce: "516c33929df5a3284ff463d7",
    plaintext: "",
    ciphertext: "",
    tag: "bdc1ac884d332457a1d2664f168c76f0",
  },
  {
    source: "NIST CAVP gcmEncryptExtIV256, PTlen 128, count 0",
    key: "31bdadd96698c204aa9ce1448ea94ae1fb4a9a0b3c9d773b51bb1822666b8f22",
    nonce: "0d18e06c7c725ac9e362e1ce",
    plaintext: "2db5168e932556f8089a0622981d017d",
    ciphertext: "fa4362189661d163fcd6a56d8bf0405a",
    tag: "d636ac1bbedd5cc3ee727dc2ab4a9489",
  },
];

/** Empty, around a block, and what the first and the deepest slot of a cell seal (SPEC §4.2). */
const LENGTHS = [0, 1, 15, 16, 17, 1908, 2027, 2043];

async function matchesVector(aead: Aead, vector: Vector): Promise<void> {
  const key = await aead.importKey(hexToBytes(vector.key));
  const nonce = hexToBytes(vector.nonce);
  const plaintext = hexToBytes(vector.plaintext);
  const sealed = hexToBytes(vector.ciphertext + vector.tag);
  checkBytes(await key.seal(nonce, plaintext), sealed, "ciphertext and tag");
  checkBytes(await key.open(nonce, sealed), plaintext, "plaintext");
}

async function roundTrip(aead: Aead, length: number): Promise<void> {
  const key = await aead.importKey(pattern(32, 1));
  const plaintext = pattern(length, 7);
  const sealed = await key.seal(nonceOf(3), plaintext);
  check(sealed.length === length + 16, "a sealed message is 16 bytes longer");
  checkBytes(await key.open(nonceOf(3), sealed), plaintext, "plaintext");
}

async function refusesTampering(aead: Aead): Promise<void> {
  const key = await aead.importKey(pattern(32, 1));
  const sealed = await key.seal(nonceOf(1), pattern(40, 2));
  for (let i = 0; i < sealed.length; i++) {
    const altered = sealed.slice();
    altered[i] = (altered[i] ?? 0) ^ (1 << (i % 8));
    await refuses(key, nonceOf(1), altered, `byte ${String(i)} changed`);
  }
}

async function refusesOtherLengths(aead: Aead): Promise<void> {
  const key = await aead.importKey(pattern(32, 1));
  const sealed = await key.seal(nonceOf(1), pattern(20, 2));
  for (let length = 0; length < sealed.length; length++) {
    await refuses(key, nonceOf(1), sealed.subarray(0, length), `cut to ${String(length)} bytes`);
  }
  await refuses(key, nonceOf(1), concat(sealed, new Uint8Array(1)), "one byte too many");
}

async function refusesOthers(aead: Aead): Promise<void> {
  const sealed = await (await aead.importKey(pattern(32, 1))).seal(nonceOf(1), pattern(20, 2));
  await refuses(await aead.importKey(pattern(32, 1)), nonceOf(2), sealed, "another nonce");
  await refuses(await aead.importKey(pattern(32, 2)), nonceOf(1), sealed, "another key");
}

async function takesViews(aead: Aead): Promise<void> {
  const inside = (bytes: Uint8Array): Uint8Array =>
    concat(pattern(5, 9), bytes, pattern(3, 9)).subarray(5, 5 + bytes.length);
  const plaintext = pattern(100, 2);
  const plain = await aead.importKey(pattern(32, 1));
  const viewed = await aead.importKey(inside(pattern(32, 1)));
  const sealed = await plain.seal(nonceOf(1), plaintext);
  checkBytes(await viewed.seal(inside(nonceOf(1)), inside(plaintext)), sealed, "what is sealed from views");
  checkBytes(await viewed.open(inside(nonceOf(1)), inside(sealed)), plaintext, "what is opened from views");
}

async function ownsResults(aead: Aead): Promise<void> {
  const key = await aead.importKey(pattern(32, 1));
  const plaintext = pattern(64, 2);
  const sealed = await key.seal(nonceOf(1), plaintext);
  const kept = sealed.slice();
  const opened = await key.open(nonceOf(1), sealed);
  checkBytes(plaintext, pattern(64, 2), "the plaintext after sealing");
  checkBytes(sealed, kept, "the ciphertext after opening");
  // A view into an allocator's pool could be overwritten by, or give away, what else is kept there.
  check(sealed.buffer.byteLength === sealed.length, "a sealed message fills its buffer");
  check(opened?.buffer.byteLength === 64, "an opened message fills its buffer");
  check(Object.getPrototypeOf(sealed) === Uint8Array.prototype, "a sealed message is a plain Uint8Array");
  check(Object.getPrototypeOf(opened) === Uint8Array.prototype, "an opened message is a plain Uint8Array");
}

async function usesRoom(aead: Aead): Promise<void> {
  const key = await aead.importKey(pattern(32, 1));
  const [around, aroundToo] = [new Uint8Array(200).fill(0xee), new Uint8Array(200).fill(0xee)];
  const sealing = key.seal(nonceOf(1), pattern(64, 2), around.subarray(10, 90));
  const sealed = await sealing;
  checkBytes(sealed, await key.seal(nonceOf(1), pattern(64, 2)), "what is sealed into a buffer");
  checkRoom(sealing, around, 80);
  const opening = key.open(nonceOf(1), sealed, aroundToo.subarray(10, 74));
  checkBytes(await opening, pattern(64, 2), "what is opened into a buffer");
  checkRoom(opening, aroundToo, 64);
  sealed[3] = (sealed[3] ?? 0) ^ 1;
  check((await key.open(nonceOf(1), sealed, aroundToo.subarray(10, 74))) === null, "a change is refused");
  refusesRoom(() => key.seal(nonceOf(1), pattern(64, 2), new Uint8Array(79)));
  refusesRoom(() => key.open(nonceOf(1), sealed, new Uint8Array(65)));
}

/** A room of another length is refused, unless it is not wanted: the result is promised. */
function refusesRoom(run: () => MaybePromise<Uint8Array | null>): void {
  let isUsed = false;
  try {
    isUsed = !(run() instanceof Promise);
  } catch {
    return;
  }
  check(!isUsed, "a room of another length is refused");
}

/** An immediate result is in the room, a promised one elsewhere; nothing else has changed. */
function checkRoom(result: MaybePromise<Uint8Array | null>, around: Uint8Array, length: number): void {
  const used = result instanceof Promise ? 0 : length;
  if (!(result instanceof Promise))
    check(result?.buffer === around.buffer && result.byteOffset === 10, "the result lies in the room given");
  check(
    around.every((byte, i) => byte === 0xee || (i >= 10 && i < 10 + used)),
    "nothing outside is touched",
  );
}

/** A caller uses one buffer for every nonce and one for every plaintext, and starts several seals before the first is done. */
async function tenSeals(aead: Aead): Promise<void> {
  const key = await aead.importKey(pattern(32, 1));
  const nonce = nonceOf(0);
  const plaintext = pattern(50, 0);
  const underWay = Array.from({ length: 10 }, (_, n) => {
    nonce.set(nonceOf(n));
    plaintext.set(pattern(50, n));
    return key.seal(nonce, plaintext);
  });
  const sealed = await Promise.all(underWay);
  check(new Set(sealed.map(String)).size === 10, "ten seals give ten ciphertexts");
  for (const [n, each] of sealed.entries()) {
    checkBytes(await key.open(nonceOf(n), each), pattern(50, n), `plaintext ${String(n)}`);
  }
}

async function refusesKeys(aead: Aead): Promise<void> {
  for (const length of [0, 16, 24, 31, 33]) {
    await checkThrows(
      () => aead.importKey(new Uint8Array(length)),
      `a key of ${String(length)} bytes throws`,
    );
  }
}

async function refuses(key: AeadKey, nonce: Uint8Array, sealed: Uint8Array, what: string): Promise<void> {
  check((await key.open(nonce, sealed)) === null, `${what}: refused`);
}

/** Bytes that differ from place to place and from seed to seed. */
function pattern(length: number, seed: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 101 + (i >> 8)) & 0xff);
}

function nonceOf(n: number): Uint8Array<ArrayBuffer> {
  const nonce = new Uint8Array(12);
  nonce[11] = n;
  return nonce;
}
