import { createCipheriv } from "node:crypto";

const BLOCK = 16;

/** Bytes `from` to `to` of one endless stream without patterns (AES in counter mode), which is `bytesOf` of the fixtures. */
export function streamSlice(from: number, to: number): Buffer {
  const counter = Buffer.alloc(BLOCK);
  counter.writeBigUInt64BE(BigInt(Math.floor(from / BLOCK)), 8);
  const before = from % BLOCK;
  const cipher = createCipheriv("aes-128-ctr", Buffer.alloc(16, 1), counter);
  return cipher.update(Buffer.alloc(before + to - from)).subarray(before);
}
