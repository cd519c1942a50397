import type { SecureVersion, TLSSocket } from "node:tls";
import type { Identity } from "./certificates.ts";
import { flippingBit, through } from "./middle.ts";
import { only } from "./protocol-cases.ts";
import { tlsServer, type TestServer } from "./server.ts";

/** Bits between those that are flipped. */
const STEP = 19;
/** The end may move by some bytes: the lengths of ECDSA signatures differ. */
const END = 60;

/** Visits a server again and again, through someone who flips one bit of what it sends: first none, then here and there. */
export async function* flippedBits<Outcome>(
  site: Identity,
  version: SecureVersion,
  visit: (server: TestServer) => Promise<Outcome>,
): AsyncGenerator<{ readonly place: number | undefined; readonly outcome: Outcome }> {
  await using server = await tlsServer({ chain: [site], ...only(version), onConnection: servePage });
  let length = 0;
  await using measured = await through(server, (bytes) => {
    length += bytes.length;
    return bytes;
  });
  yield { place: undefined, outcome: await visit(measured) };
  if (length < 600) throw new RangeError("a handshake is longer");
  for (let place = 0; place < length - END; place += STEP) {
    await using middle = await through(server, flippingBit(place), 1000);
    yield { place, outcome: await visit(middle) };
  }
}

/** Answers a request with "page". Not at once: Node says no close_notify while it still has session tickets to send. */
export function servePage(socket: TLSSocket): void {
  socket.once("data", () => socket.end("page"));
}
