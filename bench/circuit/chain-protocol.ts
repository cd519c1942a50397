import { readTransfer, type Transfer, transferRequest } from "../lib/transfer.ts";

/** A message of this length, while nothing is uploaded, comes back from the last forwarder. */
export const ECHO_LENGTH = 2048;

/** One transfer between the client and the site, through the chain. */
export interface SiteRequest {
  readonly port: number;
  readonly transfer: Transfer;
}

/** The message that begins a transfer: the site's port as u32, then what the site is sent. What is uploaded follows in messages. */
export function siteRequest({ port, transfer }: SiteRequest): Uint8Array {
  const message = new Uint8Array(12);
  new DataView(message.buffer).setUint32(0, port);
  message.set(transferRequest(transfer), 4);
  return message;
}

export function readSiteRequest(message: Uint8Array): SiteRequest {
  const view = new DataView(message.buffer, message.byteOffset);
  return { port: view.getUint32(0), transfer: readTransfer(message.subarray(4)) };
}
