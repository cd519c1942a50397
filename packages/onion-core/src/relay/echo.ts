import type { TaborError } from "../errors.ts";
import { ECHO_TARGET } from "../stream/echo-target.ts";
import { ExitRefusal, type ExitConnection, type ExitConnector, type ExitPorts } from "../stream/exit-port.ts";

const LOOPBACK = Uint8Array.of(127, 0, 0, 1);

/** What an exit has, or a relay that is none, and the echo, which costs a relay what carrying a circuit does. */
export function withEcho(exit: ExitPorts | undefined): ExitPorts {
  return { connector: echoing(exit?.connector), fetcher: exit?.fetcher };
}

function echoing(exit: ExitConnector | undefined): ExitConnector {
  return {
    connect: (target, preference, signal) => {
      if (target.host === ECHO_TARGET.host && target.port === ECHO_TARGET.port)
        return Promise.resolve(new Echo());
      if (exit === undefined) return Promise.reject(new ExitRefusal("exit-policy"));
      return exit.connect(target, preference, signal);
    },
    resolve: (name, signal) => exit?.resolve(name, signal) ?? Promise.resolve([]),
  };
}

/** Holds one piece: there is no next one before it was taken. */
class Echo implements ExitConnection {
  readonly address = LOOPBACK;
  readonly ttl = 0;
  #held: Uint8Array | undefined;
  #isEnded = false;
  #error: TaborError | undefined;
  #waiting: (() => void)[] = [];

  async read(): Promise<Uint8Array | null> {
    await this.#until(() => this.#held !== undefined || this.#isEnded);
    const piece = this.#held ?? null;
    this.#held = undefined;
    this.#changed();
    return piece;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#held = bytes.slice();
    this.#changed();
    await this.#until(() => this.#held === undefined);
  }

  end(): void {
    this.#isEnded = true;
    this.#changed();
  }

  abort(error: TaborError): void {
    this.#error ??= error;
    this.#changed();
  }

  /** @throws what it was aborted with. */
  async #until(isSo: () => boolean): Promise<void> {
    while (this.#error === undefined && !isSo())
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    if (this.#error !== undefined) throw this.#error;
  }

  #changed(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
