/** A real Redis for tests and benchmarks: a process of its own on a free loopback port, with a folder of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const HOST = "127.0.0.1";
/** Another program may take the port between its choice and its use. */
const ATTEMPTS = 5;

export class RedisServer {
  readonly url: string;
  readonly #folder: string;
  readonly #port: number;
  readonly #persists: boolean;
  #process: ChildProcess | undefined;

  private constructor(folder: string, port: number, persists: boolean) {
    this.#folder = folder;
    this.#port = port;
    this.#persists = persists;
    this.url = `redis://${HOST}:${String(port)}`;
  }

  /** @param persists whether it knows after a restart what it knew before. */
  static async start({ persists = false } = {}): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), "tabor-redis-"));
    for (let attempt = 1; ; attempt++) {
      const server = new RedisServer(folder, await freePort(), persists);
      try {
        await server.run();
        return server;
      } catch (error) {
        if (attempt < ATTEMPTS) continue;
        await rm(folder, { recursive: true, force: true });
        throw error;
      }
    }
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Resolves when it answers. */
  async run(): Promise<void> {
    const persistence = this.#persists ? ["--appendonly", "yes", "--appendfsync", "always"] : [];
    const options = ["--port", String(this.#port), "--bind", HOST, "--dir", this.#folder, "--save", ""];
    const child = spawn("redis-server", [...options, ...persistence], { stdio: ["ignore", "pipe", "pipe"] });
    this.#process = child;
    const end = (): boolean => child.kill("SIGKILL");
    process.once("exit", end);
    child.once("exit", () => process.off("exit", end));
    await new Promise<void>((resolve, reject) => {
      let said = "";
      child.stdout.on("data", (data: Buffer) => {
        said += data.toString();
        if (said.includes("Ready to accept connections")) resolve();
      });
      child.once("error", reject);
      child.once("exit", () => {
        reject(new Error(`redis-server ended: ${said}`));
      });
    });
  }

  /** It takes connections and says nothing, until it goes on. */
  hang(): void {
    this.#process?.kill("SIGSTOP");
  }

  goOn(): void {
    this.#process?.kill("SIGCONT");
  }

  /** As a crash does. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  async end(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
