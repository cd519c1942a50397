import { TaborError, type Duplex } from "@tabor/onion-core";

/** What stands for the end of one direction, which WebSockets do not have. */
const END = "end";

/** A byte stream over a WebSocket, for what is small: nothing holds a sender back. */
export class WebSocketDuplex implements Duplex {
  readonly #socket: WebSocket;
  /** null: the end. */
  readonly #received: (Uint8Array | null)[] = [];
  #failure: TaborError | undefined;
  #wake: () => void = () => undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      this.#received.push(data instanceof ArrayBuffer ? new Uint8Array(data) : null);
      this.#wake();
    };
    socket.onclose = () => this.#fail(new TaborError("closed", "site", "the socket closed"));
  }

  static async open(url: string): Promise<WebSocketDuplex> {
    const socket = new WebSocket(url);
    const duplex = new WebSocketDuplex(socket);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("close", reject);
    });
    return duplex;
  }

  async read(): Promise<Uint8Array | null> {
    for (;;) {
      const next = this.#received.shift();
      if (next !== undefined) return next;
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#socket.send(bytes.slice());
    return Promise.resolve();
  }

  end(): void {
    if (this.#failure === undefined) this.#socket.send(END);
  }

  abort(error: TaborError): void {
    this.#fail(error);
    this.#socket.close();
  }

  #fail(error: TaborError): void {
    this.#failure ??= error;
    this.#wake();
  }
}
