import { join } from "node:path";
import { TaborError, type Clock } from "@tabor/onion-core";
import { ensureFree } from "./free-port.ts";
import { bootstrap, directoryReady, relayLinks, socksListening } from "./messages.ts";
import { Program, type ProgramSpec } from "./program.ts";
import type { Settings } from "./settings.ts";

/** Everything listens here, and nowhere else. */
const HOST = "127.0.0.1";
/** From the first program to the first circuit; a slow machine takes a fraction of it. */
const START_DEADLINE = 180_000;
/** How long to wait before a relay that has ended is started again, in milliseconds; it doubles each time. */
const FIRST_RESTART = 1_000;
const LAST_RESTART = 60_000;
/** Threads for an exit's lookups and cryptography, of which the lookups may take all but two. */
const EXIT_THREADS = "16";

export interface AllInOneInit {
  readonly settings: Settings;
  /** Paths of the programs. */
  readonly scripts: Readonly<Record<"directory" | "relay" | "exit" | "socks", string>>;
  /** Folder of the built web app. */
  readonly webFolder: string;
  readonly clock: Clock;
  /** Prints one line for the user. */
  readonly print: (line: string) => void;
  /** A program without which nothing goes on has ended. */
  readonly broken: (reason: TaborError) => void;
}

/** The whole network on one machine: a directory, two relays, two exits, and a SOCKS proxy, each its own process. */
export class AllInOne {
  readonly #init: AllInOneInit;
  readonly #programs = new Set<Program>();
  #isStopping = false;

  constructor(init: AllInOneInit) {
    this.#init = init;
  }

  /** Resolves once a circuit through three hops has been built. @throws TaborError with a sentence for the user. */
  async start(): Promise<void> {
    const { clock, settings } = this.#init;
    const tooLong = new Promise<never>((_, reject) => {
      const sentence = `Tabor did not become ready within ${String(START_DEADLINE / 1000)} s.`;
      clock.after(START_DEADLINE, () => {
        reject(new TaborError("timeout", "here", sentence));
      });
    });
    await ensureFree(HOST, settings.socksPort, "TABOR_SOCKS_PORT");
    const directory = await Promise.race([this.#startDirectory(), tooLong]);
    await Promise.race([this.#startRelays(directory.join), tooLong]);
    const socksPort = await Promise.race([this.#startSocks(directory.join), tooLong]);
    this.#welcome(directory.url, socksPort);
  }

  /** Ends every program; resolves when all are gone. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all([...this.#programs].map((program) => program.stop(this.#init.clock)));
  }

  /** @returns the directory's address, and what the others are told about it. */
  async #startDirectory(): Promise<{ url: string; join: readonly string[] }> {
    const { settings, scripts, webFolder } = this.#init;
    if (settings.directory !== undefined) {
      this.#stage(5, `joining the network at ${settings.directory}`);
      return { url: settings.directory, join: ["--directory", settings.directory] };
    }
    await ensureFree(HOST, settings.port, "TABOR_PORT");
    this.#stage(5, "starting the directory");
    const program = this.#run({
      name: "the directory",
      script: scripts.directory,
      args: [
        "--host",
        HOST,
        "--port",
        String(settings.port),
        "--web",
        webFolder,
        ...this.#common("directory"),
      ],
    });
    const { port, authority } = await program.until(directoryReady);
    this.#essential(program);
    const url = `http://${HOST}:${String(port)}`;
    return { url, join: ["--directory", url, "--authority", authority] };
  }

  async #startRelays(join: readonly string[]): Promise<void> {
    const specs = this.#relaySpecs(join);
    this.#stage(15, `starting ${String(specs.length)} relays, two of them exits`);
    const joined = specs.map((spec) => this.#startRelay(spec, specs.length - 1));
    await Promise.all(joined.map(({ listed }) => listed));
    this.#stage(25, "the relays have joined, and link to each other");
    await Promise.all(joined.map(({ linked }) => linked));
  }

  #relaySpecs(join: readonly string[]): readonly ProgramSpec[] {
    const { scripts, settings } = this.#init;
    const policy = settings.exitPolicy === "" ? [] : ["--policy", settings.exitPolicy];
    return [1, 2].flatMap((n) => [
      {
        name: `relay ${String(n)}`,
        script: scripts.relay,
        args: [...join, ...this.#peer(`relay-${String(n)}`)],
      },
      {
        name: `exit ${String(n)}`,
        script: scripts.exit,
        args: [...join, ...policy, ...this.#peer(`exit-${String(n)}`)],
        env: { UV_THREADPOOL_SIZE: EXIT_THREADS },
      },
    ]);
  }

  #startRelay(spec: ProgramSpec, others: number): { listed: Promise<unknown>; linked: Promise<unknown> } {
    const program = this.#run(spec);
    const linked = program.until((message) => ((relayLinks(message) ?? 0) >= others ? true : undefined));
    void linked.then(
      () => {
        this.#restartable(program, spec, FIRST_RESTART);
      },
      () => undefined,
    );
    return { listed: program.until(relayLinks), linked };
  }

  async #startSocks(join: readonly string[]): Promise<number> {
    const { settings, scripts } = this.#init;
    this.#stage(40, "starting the SOCKS proxy");
    const program = this.#run({
      name: "the SOCKS proxy",
      script: scripts.socks,
      args: [...join, "--host", HOST, "--port", String(settings.socksPort), ...this.#peer("socks")],
    });
    program.onMessage((message) => {
      const step = bootstrap(message);
      // Its own way to 100 % is the last part of ours.
      if (step !== undefined) this.#stage(40 + Math.round(step.percent * 0.6), step.doing);
    });
    const [port] = await Promise.all([
      program.until(socksListening),
      program.until((message) => (bootstrap(message)?.percent === 100 ? true : undefined)),
    ]);
    this.#essential(program);
    return port;
  }

  #common(folder: string): readonly string[] {
    const { stateFolder, logLevel } = this.#init.settings;
    return ["--state", join(stateFolder, folder), "--log-level", logLevel];
  }

  #peer(folder: string): readonly string[] {
    // A network of our own stays on this machine; another one is reached over every address.
    const bind = this.#init.settings.directory === undefined ? ["--bind", HOST] : [];
    return [...bind, ...this.#common(folder)];
  }

  #run(spec: ProgramSpec): Program {
    const program = new Program(spec);
    this.#programs.add(program);
    void program.ended.then(() => this.#programs.delete(program));
    return program;
  }

  /** Without it nothing goes on. */
  #essential(program: Program): void {
    program.isUp();
    void program.ended.then((how) => {
      if (this.#isStopping) return;
      this.#init.broken(
        new TaborError("closed", "here", `${sentenceCase(program.name)} has ended (${how}).`),
      );
    });
  }

  /** The network goes on without it, and it comes back. */
  #restartable(program: Program, spec: ProgramSpec, waitMs: number): void {
    program.isUp();
    void program.ended.then((how) => {
      if (this.#isStopping) return;
      this.#init.print(`${sentenceCase(spec.name)} has ended (${how}); starting it again.`);
      this.#init.clock.after(waitMs, () => {
        if (!this.#isStopping) this.#restartable(this.#run(spec), spec, Math.min(2 * waitMs, LAST_RESTART));
      });
    });
  }

  #stage(percent: number, doing: string): void {
    // While all of them end, each is the first to notice that another is gone.
    if (!this.#isStopping) this.#init.print(`Bootstrapped ${String(percent)} %: ${doing}`);
  }

  #welcome(url: string, socksPort: number): void {
    const { print } = this.#init;
    const socks = `${HOST}:${String(socksPort)}`;
    print("Tabor is ready");
    print(`  Web app      ${this.#init.settings.directory ?? appAddress(url)}/`);
    print(`  SOCKS proxy  ${socks} (SOCKS 5; let it resolve names)`);
    print(`  For example  curl --socks5-hostname ${socks} http://example.com/`);
    print("Ctrl-C ends it.");
  }
}

/** The directory serves the app at a name of its own, which browsers resolve to this machine by themselves. */
function appAddress(url: string): string {
  return `http://app.tabor.localhost:${new URL(url).port}`;
}

function sentenceCase(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
