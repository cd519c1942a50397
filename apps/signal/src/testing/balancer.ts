import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

const HOST = "127.0.0.1";

/** What stands in front of several brokers: each new connection goes to the next one that answers. */
export class Balancer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #next = 0;

  private constructor(ports: readonly number[]) {
    this.#server = createServer((socket) => {
      this.#keep(socket);
      const first = this.#next++;
      this.#pass(
        socket,
        ports.map((_, i) => ports[(first + i) % ports.length] ?? 0),
      );
    });
  }

  static async start(ports: readonly number[]): Promise<Balancer> {
    const balancer = new Balancer(ports);
    balancer.#server.listen(0, HOST);
    await once(balancer.#server, "listening");
    return balancer;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #pass(socket: Socket, [port, ...others]: readonly number[]): void {
    if (port === undefined) {
      socket.destroy();
      return;
    }
    const broker = connect(port, HOST);
    this.#keep(broker);
    broker.once("connect", () => {
      socket.pipe(broker).pipe(socket);
      socket.once("close", () => broker.destroy());
      broker.once("close", () => socket.destroy());
    });
    broker.once("error", () => {
      if (broker.connecting || broker.bytesRead === 0) this.#pass(socket, others);
    });
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => this.#sockets.delete(socket));
  }
}
