import type { ExitConnection, ExitConnector } from "@tabor/onion-core";
import { readTransfer, type Transfer, TRANSFER_REQUEST_LENGTH } from "../lib/transfer.ts";

const BLOCK = new Uint8Array(16_384).fill(0x5a);

/** A tab has no sockets: what stands behind its exit is a site in the page itself, which gives and takes as many bytes as it is asked for. */
export const siteInPage: ExitConnector = {
  connect: () => Promise.resolve(new SiteStream()),
  resolve: () => Promise.resolve([]),
};

class SiteStream implements ExitConnection {
  readonly address = Uint8Array.of(127, 0, 0, 1);
  readonly ttl = 0;
  #transfer: Transfer | undefined;
  #received = 0;
  #sent = 0;
  #awaken: () => void = () => undefined;
  #isOver = false;

  /** The request comes in one piece: it travels with BEGIN. */
  write(bytes: Uint8Array): Promise<void> {
    if (this.#transfer === undefined) {
      this.#transfer = readTransfer(bytes);
      this.#received -= TRANSFER_REQUEST_LENGTH;
    }
    this.#received += bytes.length;
    this.#awaken();
    return Promise.resolve();
  }

  async read(): Promise<Uint8Array | null> {
    while (!this.#isOver && this.#received < (this.#transfer?.up ?? Infinity))
      await new Promise<void>((resolve) => (this.#awaken = resolve));
    const left = (this.#transfer?.down ?? 0) - this.#sent;
    if (left <= 0 || this.#isOver) return null;
    const piece = BLOCK.subarray(0, Math.min(left, BLOCK.length));
    this.#sent += piece.length;
    return piece;
  }

  end(): void {
    // The site ends the stream, when it has sent everything.
  }

  abort(): void {
    this.#isOver = true;
    this.#awaken();
  }
}
