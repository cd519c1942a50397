import { bytesToHex, generateSigningKey, TaborError, verifySignature } from "@tabor/onion-core";
import { describe, expect, it } from "vitest";
import { joinTranscript, voucherTranscript, welcomeTranscript, type JoinFields } from "./transcripts.ts";

const fields: JoinFields = {
  directory: new Uint8Array(32).fill(1),
  directoryNonce: new Uint8Array(32).fill(2),
  expires: 0x0102030405,
  admission: "invite",
  role: "relay",
  key: new Uint8Array(32).fill(3),
  peerNonce: new Uint8Array(32).fill(4),
  connectionId: "AbC-_9",
};

const others: readonly JoinFields[] = [
  { ...fields, directory: new Uint8Array(32).fill(9) },
  { ...fields, directoryNonce: new Uint8Array(32).fill(9) },
  { ...fields, expires: fields.expires + 1 },
  { ...fields, admission: "open" },
  { ...fields, role: "client" },
  { ...fields, key: new Uint8Array(32).fill(9) },
  { ...fields, peerNonce: new Uint8Array(32).fill(9) },
  { ...fields, connectionId: "AbC-_8" },
];

describe("transcripts of joining", () => {
  it("are laid out as SPEC §9.2 has it", () => {
    const rest =
      "01".repeat(32) +
      "02".repeat(32) +
      "0000000102030405" +
      "01" +
      "01" +
      "03".repeat(32) +
      "04".repeat(32) +
      "06" +
      "4162432d5f39";
    expect(bytesToHex(joinTranscript(fields))).toBe(Buffer.from("tabor-join-1").toString("hex") + rest);
    expect(bytesToHex(voucherTranscript(fields))).toBe(Buffer.from("tabor-voucher-1").toString("hex") + rest);
    expect(bytesToHex(welcomeTranscript(fields))).toBe(Buffer.from("tabor-welcome-1").toString("hex") + rest);
  });

  it("are covered by a signature in every field, and they are not interchangeable", async () => {
    const { key } = await generateSigningKey();
    const signature = await key.sign(joinTranscript(fields));
    expect(await verifySignature(key.publicKey, signature, joinTranscript(fields))).toBe(true);
    for (const other of others) {
      expect(await verifySignature(key.publicKey, signature, joinTranscript(other))).toBe(false);
    }
    for (const transcript of [welcomeTranscript, voucherTranscript]) {
      expect(await verifySignature(key.publicKey, signature, transcript(fields))).toBe(false);
    }
  });

  it("take only connection ids that fit", () => {
    expect(() => joinTranscript({ ...fields, connectionId: "é" })).toThrow(TaborError);
    expect(() => joinTranscript({ ...fields, connectionId: "x".repeat(256) })).toThrow(TaborError);
  });
});
