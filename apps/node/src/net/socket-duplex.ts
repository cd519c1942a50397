import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { MAX_STREAM_DATA, TaborError, type Duplex, type ErrorPlace } from "@tabor/onion-core";

/**
 * What one read hands out at most: full cells, in full messages. The kernel gives 64 KiB at a time, which would end in a cell and a
 * message that are mostly empty. A socket buffers as much again before it stops reading.
 */
export const MAX_READ_LENGTH = 32 * MAX_STREAM_DATA;

/**
 * A TCP connection as a `Duplex`. Back-pressure is strict: nothing is read ahead beyond the socket's own buffer, and
 * a write resolves when the kernel has taken the bytes. The socket must have been made with `allowHalfOpen`.
 * @param where on whose side the connection's other end is, for errors.
 */
export function socketDuplex(socket: Socket, where: ErrorPlace): Duplex {
  return new SocketDuplex(socket, where);
}

class SocketDuplex implements Duplex {
  readonly #socket: Socket;
  readonly #where: ErrorPlace;
  #broken: TaborError | undefined;
  #wake: () => void = () => undefined;

  constructor(socket: Socket, where: ErrorPlace) {
    this.#socket = socket;
    this.#where = where;
    socket.on("error", (error) => (this.#broken ??= brokenBy(error, where)));
    for (const event of ["readable", "end", "close"]) {
      socket.on(event, () => {
        this.#wake();
      });
    }
  }

  async read(): Promise<Uint8Array | null> {
    for (;;) {
      if (this.#broken !== undefined) throw this.#broken;
      const bytes = this.#take();
      if (bytes !== null) return bytes;
      if (this.#socket.readableEnded) return null;
      if (this.#socket.closed) throw this.#break();
      await new Promise<void>((wake) => (this.#wake = wake));
    }
  }

  write(bytes: Uint8Array): Promise<void> {
    return new Promise((written, failed) => {
      if (this.#broken !== undefined) {
        failed(this.#broken);
        return;
      }
      this.#socket.write(bytes, (error) => {
        if (error === undefined || error === null) written();
        else failed(this.#break(error));
      });
    });
  }

  end(): void {
    if (this.#broken === undefined) this.#socket.end();
  }

  abort(error: TaborError): void {
    this.#broken ??= error;
    // RST, so that the other end does not take what was cut off for the whole (RFC 9293 §3.5.2). TLS tells that by itself.
    if (this.#socket instanceof TLSSocket) this.#socket.destroy();
    else if (!this.#socket.destroyed) this.#socket.resetAndDestroy();
    this.#wake();
  }

  #take(): Uint8Array | null {
    const length = Math.min(this.#socket.readableLength, MAX_READ_LENGTH);
    // Reading nothing is what tells a socket to go on, and to notice the end.
    const bytes = this.#socket.read(length === 0 ? undefined : length) as Buffer | null;
    return bytes === null ? null : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  #break(error?: Error): TaborError {
    this.#broken ??= brokenBy(error, this.#where);
    return this.#broken;
  }
}

function brokenBy(cause: Error | undefined, where: ErrorPlace): TaborError {
  return new TaborError("reset", where, "the TCP connection broke", { cause });
}
