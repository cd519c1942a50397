import { spawnSync } from "node:child_process";
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/** Something that reached a canary. */
export interface Caught {
  readonly by: "dns" | "tcp" | "udp";
  /** A name that was asked for or sent, else an address with its port. */
  readonly target: string;
}

const TCP_PORTS = [80, 443, 9090, 3478, 21];
const UDP_PORTS = [443, 3478];
/** Column of /proc/net/dev. */
const TX_PACKETS = 9;
/** Names that are ours. The others are the browser's own. */
const OURS = ".leak.test";

/** Name server and servers of a network namespace: they answer so that whoever comes goes on, and write everything down. */
export class Canaries {
  readonly caught: Caught[] = [];
  readonly #servers: Server[] = [];
  readonly #sockets: UdpSocket[] = [];

  static async start(): Promise<Canaries> {
    const canaries = new Canaries();
    await canaries.#listenUdp(53, (message) => canaries.#answerDns(message));
    for (const port of UDP_PORTS)
      await canaries.#listenUdp(port, () => {
        canaries.caught.push({ by: "udp", target: `udp:${port}` });
        return undefined;
      });
    for (const port of TCP_PORTS) await canaries.#listenTcp(port);
    return canaries;
  }

  /**
   * Machines beyond this one that something was to be sent to: before the first packet to it, each is looked for on the wire, in vain. What
   * is sent to everybody there, as WebRTC's search for names of peers, is not among them.
   */
  beyond(): string[] {
    const lines = readFileSync("/proc/self/net/arp", "utf8").trim().split("\n").slice(1);
    return lines
      .map((line) => line.split(/\s+/))
      .flatMap(([address = "", , , , , device]) => (device === "out" ? [address] : []));
  }

  /** As if nothing had been looked for. */
  forgetBeyond(): void {
    spawnSync("ip", ["neigh", "flush", "dev", "out"], { stdio: "ignore" });
  }

  /** Packets that were to leave this machine. */
  packets(): number {
    const line = /^ *out:(.*)$/m.exec(readFileSync("/proc/self/net/dev", "utf8"))?.[1] ?? "";
    return Number(line.trim().split(/\s+/)[TX_PACKETS]);
  }

  close(): void {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.close();
  }

  async #listenUdp(port: number, heard: (message: Buffer) => Buffer | undefined): Promise<void> {
    const socket = createSocket("udp4");
    this.#sockets.push(socket);
    socket.on("message", (message, { port: from, address }) => {
      const answer = heard(message);
      if (answer !== undefined) socket.send(answer, from, address);
    });
    await new Promise<void>((resolve) => socket.bind(port, resolve));
  }

  async #listenTcp(port: number): Promise<void> {
    const server = createServer((socket) => this.#heard(socket, port));
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(port, "::", resolve));
  }

  /** Written down at once, also if not a byte comes; with a name as soon as one does. */
  #heard(socket: Socket, port: number): void {
    const { address } = socket.address() as AddressInfo;
    const plain = address.replace(/^::ffff:/, "");
    this.caught.push({ by: "tcp", target: `${plain.includes(":") ? `[${plain}]` : plain}:${port}` });
    socket.on("error", () => undefined);
    socket.once("data", (data) => {
      // In a ClientHello the length stands before the name, and may look like a part of it.
      const name = /(?<=Host: |\0[^\0])[a-z0-9-]+\.[a-z0-9-]+\.leak\.test/is.exec(
        data.toString("latin1"),
      )?.[0];
      if (name !== undefined) this.caught.push({ by: "tcp", target: name });
      if (data[0] === 0x16) socket.destroy();
      else socket.end(OK);
    });
  }

  /** RFC 1035: our names are at 127.0.0.1, there are no others. */
  #answerDns(message: Buffer): Buffer {
    const labels: string[] = [];
    let at = 12;
    for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
      labels.push(message.subarray(at + 1, at + 1 + length).toString("latin1"));
      at += 1 + length;
    }
    const name = labels.join(".").toLowerCase();
    this.caught.push({ by: "dns", target: name });
    const known = message.readUInt16BE(at + 1) === 1 && name.endsWith(OURS);
    const head = Buffer.alloc(12);
    message.copy(head, 0, 0, 2);
    head.writeUInt16BE(name.endsWith(OURS) ? 0x8180 : 0x8183, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(known ? 1 : 0, 6);
    const answer = known ? Buffer.from("c00c000100010000000100047f000001", "hex") : Buffer.alloc(0);
    return Buffer.concat([head, message.subarray(12, at + 5), answer]);
  }
}

const OK = [
  "HTTP/1.1 200 OK",
  "content-type: text/plain",
  "access-control-allow-origin: *",
  "content-length: 2",
  "connection: close",
  "",
  "ok",
].join("\r\n");
