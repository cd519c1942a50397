import { base64UrlToBytes, bytesToBase64Url, TaborError, verifyDescriptor } from "@tabor/onion-core";
import * as v from "valibot";
import type { RegisteredRelay } from "./relay-store.ts";

const MAX_TEXT = 100;
const timeSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const relayRecordSchema = v.strictObject({
  /** Base64url. */
  descriptor: v.pipe(v.string(), v.maxLength(8192)),
  address: v.pipe(v.string(), v.maxLength(MAX_TEXT)),
  since: timeSchema,
  connection: v.pipe(v.string(), v.maxLength(MAX_TEXT)),
  joinedAt: timeSchema,
});

/** A registration as it is written down. */
export type RelayRecord = v.InferOutput<typeof relayRecordSchema>;

export function recordOf(relay: RegisteredRelay): RelayRecord {
  const { descriptorBytes, address, since, connection, joinedAt } = relay;
  return { descriptor: bytesToBase64Url(descriptorBytes), address, since, connection, joinedAt };
}

/** @throws what `verifyDescriptor` throws: what was written down is believed no more than what is sent. */
export async function relayOf(record: RelayRecord, now: number): Promise<RegisteredRelay> {
  const { address, since, connection, joinedAt } = record;
  const descriptorBytes = base64UrlToBytes(record.descriptor);
  const descriptor = await verifyDescriptor(descriptorBytes, now);
  return { descriptor, descriptorBytes, address, since, connection, joinedAt };
}

/** @throws malformed. */
export function parseRecord(text: string): RelayRecord {
  try {
    return v.parse(relayRecordSchema, JSON.parse(text));
  } catch (cause) {
    throw new TaborError("malformed", "here", "a registration is damaged", { cause });
  }
}
