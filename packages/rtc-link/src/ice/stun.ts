/** As much of STUN (RFC 8489) as asking for one's own address takes: Binding, over UDP and IPv4. */

export const TRANSACTION_ID_LENGTH = 12;

const HEADER_LENGTH = 20;
const COOKIE = 0x2112a442;
const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const XOR_MAPPED_ADDRESS = 0x0020;
const IPV4 = 1;

/** @param transaction 12 random bytes. */
export function bindingRequest(transaction: Uint8Array): Uint8Array {
  const request = new Uint8Array(HEADER_LENGTH);
  const view = new DataView(request.buffer);
  view.setUint16(0, BINDING_REQUEST);
  view.setUint32(4, COOKIE);
  request.set(transaction, 8);
  return request;
}

/** The address that a server has seen, "192.0.2.1:32853"; undefined for whatever is not its answer to this request. */
export function mappedAddress(answer: Uint8Array, transaction: Uint8Array): string | undefined {
  if (answer.length < HEADER_LENGTH) return undefined;
  const view = new DataView(answer.buffer, answer.byteOffset, answer.byteLength);
  const isAnswer =
    view.getUint16(0) === BINDING_SUCCESS &&
    view.getUint16(2) === answer.length - HEADER_LENGTH &&
    view.getUint32(4) === COOKIE &&
    transaction.every((byte, i) => byte === answer[8 + i]);
  return isAnswer ? mappedIn(view) : undefined;
}

function mappedIn(view: DataView): string | undefined {
  for (let at = HEADER_LENGTH; at + 4 <= view.byteLength;) {
    const [type, length] = [view.getUint16(at), view.getUint16(at + 2)];
    if (at + 4 + length > view.byteLength) return undefined;
    if (type === XOR_MAPPED_ADDRESS && length === 8 && view.getUint8(at + 5) === IPV4)
      return unmasked(view, at + 4);
    // Attributes are padded to four bytes.
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return undefined;
}

/** The port is masked with the first half of the cookie, the address with all of it, lest NATs "translate" it. */
function unmasked(view: DataView, at: number): string {
  const port = view.getUint16(at + 2) ^ (COOKIE >>> 16);
  const address = (view.getUint32(at + 4) ^ COOKIE) >>> 0;
  const bytes = [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff);
  return `${bytes.join(".")}:${String(port)}`;
}
