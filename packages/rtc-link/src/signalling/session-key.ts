import { generateSigningKey, type SigningKey } from "@tabor/onion-core";

/** A client's key: made for one connection, so that two connections of a client have nothing in common. */
export async function sessionKey(): Promise<SigningKey> {
  const { key, seed } = await generateSigningKey();
  seed.fill(0);
  return key;
}
