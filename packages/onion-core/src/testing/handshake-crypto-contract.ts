import { check, checkBytes, checkThrows, type ContractCase } from "./contract.ts";
import { hexToBytes } from "../bytes/bytes.ts";
import { ML_KEM_KNOWN_ANSWER } from "./ml-kem-known-answer.ts";
import type { HandshakeCrypto } from "../ports/primitives.ts";

/** What every implementation of the `HandshakeCrypto` port promises (SPEC §5). */
export function handshakeCryptoContract(crypto: HandshakeCrypto): readonly ContractCase[] {
  return [
    { name: "X25519: RFC 7748 §6.1", run: () => rfc7748(crypto) },
    { name: "X25519: fresh pairs agree, and are fresh", run: () => freshPairs(crypto) },
    { name: "X25519: refuses points of small order", run: () => refusesSmallOrder(crypto) },
    { name: "X25519: refuses keys of other lengths", run: () => refusesLengths(crypto) },
    { name: "X25519: takes views, and keeps no hold on them", run: () => takesViews(crypto) },
    { name: "key stream: AES-256 of a zero block", run: () => zeroBlock(crypto) },
    { name: "key stream: any length, there and back", run: () => thereAndBack(crypto) },
    { name: "hashes: FIPS 202, as in NIST's examples", run: () => fips202(crypto) },
    { name: "ML-KEM: a published key pair and secret", run: () => kemKnownAnswer(crypto) },
    { name: "ML-KEM: both sides have one secret, fresh each time", run: () => kemAgrees(crypto) },
    {
      name: "ML-KEM: a changed ciphertext gives another secret, always the same",
      run: () => kemRejects(crypto),
    },
    { name: "ML-KEM: refuses other lengths", run: () => kemLengths(crypto) },
    { name: "ML-KEM: refuses keys whose coefficients are not reduced", run: () => kemModulus(crypto) },
    { name: "ML-KEM: takes views, and keeps no hold on them", run: () => kemViews(crypto) },
  ];
}

/** Alice's and Bob's keys and the secret of RFC 7748 §6.1. */
const ALICE = {
  privateKey: "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
  publicKey: "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
};
const BOB = {
  privateKey: "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
  publicKey: "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
};
const SECRET = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";

/** Points of small order, and equal encodings of them (RFC 7748 §7). */
const SMALL_ORDER = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

type Keys = typeof ALICE;

async function imported(crypto: HandshakeCrypto, { privateKey, publicKey }: Keys) {
  return crypto.importKeyPair(hexToBytes(privateKey), hexToBytes(publicKey));
}

async function rfc7748(crypto: HandshakeCrypto): Promise<void> {
  const alice = await imported(crypto, ALICE);
  const bob = await imported(crypto, BOB);
  checkBytes(alice.publicKey, hexToBytes(ALICE.publicKey), "Alice's public key");
  checkBytes(await alice.agree(bob.publicKey), hexToBytes(SECRET), "the secret of Alice");
  checkBytes(await bob.agree(alice.publicKey), hexToBytes(SECRET), "the secret of Bob");
}

async function freshPairs(crypto: HandshakeCrypto): Promise<void> {
  const [a, b] = [await crypto.generateKeyPair(), await crypto.generateKeyPair()];
  check(a.publicKey.length === 32, "a public key has 32 bytes");
  check(String(a.publicKey) !== String(b.publicKey), "two pairs differ");
  checkBytes(await a.agree(b.publicKey), await b.agree(a.publicKey), "the shared secret");
}

async function refusesSmallOrder(crypto: HandshakeCrypto): Promise<void> {
  const pair = await crypto.generateKeyPair();
  for (const point of SMALL_ORDER) await checkThrows(() => pair.agree(hexToBytes(point)), `${point} throws`);
}

async function refusesLengths(crypto: HandshakeCrypto): Promise<void> {
  const pair = await crypto.generateKeyPair();
  for (const length of [0, 31, 33])
    await checkThrows(() => pair.agree(new Uint8Array(length).fill(9)), `${String(length)} bytes throw`);
}

async function takesViews(crypto: HandshakeCrypto): Promise<void> {
  const around = new Uint8Array(40);
  const key = around.subarray(3, 35);
  key.set(hexToBytes(ALICE.privateKey));
  const alice = await crypto.importKeyPair(key, hexToBytes(ALICE.publicKey));
  key.set(hexToBytes(BOB.publicKey));
  checkBytes(await alice.agree(key), hexToBytes(SECRET), "the secret, from views");
}

/** AES-256 under a zero key of a zero block: the hash key of GCM, appendix B, test case 13. */
async function zeroBlock(crypto: HandshakeCrypto): Promise<void> {
  const stream = await crypto.applyKeyStream(new Uint8Array(32), new Uint8Array(16));
  checkBytes(stream, hexToBytes("dc95c078a2408989ad48a21492842087"), "the key stream");
}

async function thereAndBack(crypto: HandshakeCrypto): Promise<void> {
  const key = new Uint8Array(32).fill(3);
  for (const length of [0, 1, 16, 33, 600]) {
    const message = new Uint8Array(length).map((_, i) => i * 7);
    const sealed = await crypto.applyKeyStream(key, message);
    check(sealed.length === length, "a message keeps its length");
    checkBytes(await crypto.applyKeyStream(key, sealed), message, "the message");
  }
}

/**
 * NIST's examples of SHA3-256 ("" and 1600 bits of a3) and SHAKE256 of the empty message, from the Cryptographic Standards and
 * Guidelines, "Example Values": SHA3-256_Msg0, SHA3-256_1600, SHAKE256_Msg0.
 */
function fips202({ sha3, shake }: HandshakeCrypto): void {
  const empty = new Uint8Array(0);
  const a3 = new Uint8Array(202).fill(0xa3).subarray(1, 201);
  checkBytes(
    sha3(empty),
    hexToBytes("a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a"),
    "SHA3-256 of nothing",
  );
  checkBytes(
    sha3(a3),
    hexToBytes("79f38adec5c20307a98ef76e8324afbfd46cfd81b22e3973c65fa1bd9de31787"),
    "SHA3-256 of 200 bytes",
  );
  const stream = hexToBytes(
    "46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762fd75dc4ddd8c0f200cb05019d67b592f6",
  );
  checkBytes(shake(empty, 48), stream, "SHAKE256 of nothing");
  checkBytes(shake(empty, 7), stream.subarray(0, 7), "its first bytes");
}

const { seed, publicKeyHash, ciphertext, secret } = ML_KEM_KNOWN_ANSWER;

async function kemKnownAnswer({ kem, sha3 }: HandshakeCrypto): Promise<void> {
  const pair = await kem.importKeyPair(hexToBytes(seed));
  check(pair.publicKey.length === 1184, "a public key has 1184 bytes");
  checkBytes(sha3(pair.publicKey), hexToBytes(publicKeyHash), "the public key's hash");
  checkBytes(await pair.decapsulate(hexToBytes(ciphertext)), hexToBytes(secret), "the secret");
}

async function kemAgrees({ kem }: HandshakeCrypto): Promise<void> {
  const [pair, other] = [await kem.generateKeyPair(), await kem.generateKeyPair()];
  check(String(pair.publicKey) !== String(other.publicKey), "two pairs differ");
  const [first, second] = [await kem.encapsulate(pair.publicKey), await kem.encapsulate(pair.publicKey)];
  check(
    first.ciphertext.length === 1088 && first.secret.length === 32,
    "a ciphertext has 1088 bytes, a secret 32",
  );
  check(String(first.secret) !== String(second.secret), "two secrets differ");
  for (const { ciphertext: sent, secret: kept } of [first, second])
    checkBytes(await pair.decapsulate(sent), kept, "the secret");
}

async function kemRejects({ kem }: HandshakeCrypto): Promise<void> {
  const pair = await kem.generateKeyPair();
  const sent = await kem.encapsulate(pair.publicKey);
  for (const position of [0, 500, 1087]) {
    const changed = sent.ciphertext.slice();
    changed[position] = (changed[position] ?? 0) ^ 1;
    const rejected = await pair.decapsulate(changed);
    check(String(rejected) !== String(sent.secret), "the secret is another");
    checkBytes(await pair.decapsulate(changed), rejected, "the same once more");
  }
}

async function kemLengths({ kem }: HandshakeCrypto): Promise<void> {
  const pair = await kem.generateKeyPair();
  const refuses = (run: (bytes: Uint8Array) => unknown, lengths: readonly number[]) =>
    Promise.all(
      lengths.map((length) =>
        checkThrows(() => run(new Uint8Array(length)), `${String(length)} bytes throw`),
      ),
    );
  await refuses((bytes) => kem.importKeyPair(bytes), [0, 32, 63, 65]);
  await refuses((bytes) => kem.encapsulate(bytes), [0, 32, 1183, 1185]);
  await refuses((bytes) => pair.decapsulate(bytes), [0, 32, 1087, 1089]);
}

/** The first coefficient is q = 3329 or above (FIPS 203 §7.2); the last one that may be is 3328. */
async function kemModulus({ kem }: HandshakeCrypto): Promise<void> {
  const { publicKey } = await kem.generateKeyPair();
  const beginning = (coefficient: number) => {
    const key = publicKey.slice();
    key[0] = coefficient & 0xff;
    key[1] = ((key[1] ?? 0) & 0xf0) | (coefficient >> 8);
    return key;
  };
  for (const coefficient of [3329, 3330, 4095])
    await checkThrows(() => kem.encapsulate(beginning(coefficient)), `${String(coefficient)} throws`);
  await kem.encapsulate(beginning(3328));
}

async function kemViews({ kem }: HandshakeCrypto): Promise<void> {
  const around = new Uint8Array(1200);
  const seedView = around.subarray(3, 67);
  seedView.set(hexToBytes(seed));
  const pair = await kem.importKeyPair(seedView);
  const view = around.subarray(5, 5 + 1088);
  view.set(hexToBytes(ciphertext));
  checkBytes(await pair.decapsulate(view), hexToBytes(secret), "the secret, from views");
}
