/** What a connection to the site is for. */
export interface Transfer {
  /** Bytes that the site sends, once it has received all; at most 2^32 − 1, as of the next. */
  readonly down: number;
  /** Bytes that the site waits for. */
  readonly up: number;
}

export const TRANSFER_REQUEST_LENGTH = 8;

/** What a connection begins with: `down` and `up` as u32. */
export function transferRequest({ down, up }: Transfer): Uint8Array<ArrayBuffer> {
  const request = new Uint8Array(TRANSFER_REQUEST_LENGTH);
  const view = new DataView(request.buffer);
  view.setUint32(0, down);
  view.setUint32(4, up);
  return request;
}

/** @param request begins with what `transferRequest` makes. */
export function readTransfer(request: Uint8Array): Transfer {
  const view = new DataView(request.buffer, request.byteOffset);
  return { down: view.getUint32(0), up: view.getUint32(4) };
}
