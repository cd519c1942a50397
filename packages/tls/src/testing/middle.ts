import { once } from "node:events";
import type { Socket } from "node:net";
import { connectTo, rawServer, type TestServer } from "./server.ts";

/** Someone in between, who may change what the server sends, or end the connection to the client. */
export type Tamper = (fromServer: Buffer, client: Socket) => Uint8Array;

/** @param patience milliseconds of silence after which it hangs up: a changed length leaves both sides waiting. */
export async function through(server: TestServer, tamper: Tamper, patience = 0): Promise<TestServer> {
  return rawServer((client) => {
    client.setTimeout(patience, () => client.destroy());
    void (async () => {
      const upstream = await connectTo(server.port);
      client.pipe(upstream);
      client.on("close", () => upstream.destroy());
      upstream.on("error", () => client.destroy());
      upstream.on("data", (bytes: Buffer) => client.write(tamper(bytes, client)));
      await once(upstream, "end");
      client.end();
    })();
  });
}

const RECORD_HEADER = 5;

/**
 * Flips a bit of one byte, counted over the contents of all TLS records; a record's header is not counted, as its
 * version means nothing (RFC 8446 §5.1).
 */
export function flippingBit(place: number): Tamper {
  let inHeader = 0;
  let length = 0;
  let contents = -1;
  return (bytes) =>
    bytes.map((byte) => {
      if (inHeader < RECORD_HEADER) {
        length = ((length << 8) | byte) & 0xffff;
        inHeader++;
        return byte;
      }
      length--;
      contents++;
      if (length === 0) inHeader = 0;
      return contents === place ? byte ^ (1 << (place % 8)) : byte;
    });
}
