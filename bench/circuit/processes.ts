import { type MeasuredProcess, nodeProcess } from "./measured-process.ts";
import type { Description, FromChild, FromParent } from "./messages.ts";
import { type Usage, usageOf } from "./usage.ts";
import type { LinkQuality } from "../links/link-quality.ts";
import { Links } from "../links/links.ts";

/** A process that has not said what it is waited for after this time never will. */
const PATIENCE_MS = 900_000;

/** The processes of one measurement; carries session descriptions between them, as a broker would. */
export class Processes {
  readonly #children = new Map<string, MeasuredProcess>();
  readonly #listeners = new Set<(from: string, message: FromChild) => void>();
  readonly #aliases = new Set<string>();
  readonly #links: Links | undefined;

  /** @param quality of each link between two of them; undefined: as good as the machine makes it. */
  constructor(quality: LinkQuality | undefined) {
    this.#links = quality && new Links(quality);
  }

  /** Starts a program of this folder under a name. */
  start(name: string, program: string, ...args: string[]): void {
    this.add(name, nodeProcess(program, args));
  }

  add(name: string, child: MeasuredProcess): void {
    this.#children.set(name, child);
    child.ended((why) => {
      throw new Error(`${name} ${why} in the middle of the measurement`);
    });
    child.listen((message) => {
      if (message.type === "sdp") void this.#carry(name, message.to, message);
      else for (const listener of this.#listeners) listener(name, message);
    });
  }

  /** Lets a process be found under another name: a relay by its identity. */
  alias(name: string, alias: string): void {
    const child = this.#children.get(name);
    if (child === undefined) return;
    this.#children.set(alias, child);
    this.#aliases.add(alias);
  }

  tell(name: string, message: FromParent): void {
    this.#children.get(name)?.send(message);
  }

  /** The first message of this type, from now on, that fits. @throws Error if it does not come in a quarter of an hour. */
  message<T extends FromChild["type"]>(
    type: T,
    from: string,
    fits: (message: FromChild & { type: T }) => boolean = () => true,
  ): Promise<FromChild & { type: T }> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.#listeners.delete(listener);
        reject(new Error(`${from} has not said "${type}" for ${PATIENCE_MS / 1000} s`));
      }, PATIENCE_MS);
      const listener = (name: string, message: FromChild): void => {
        if (name !== from || message.type !== type || !fits(message as FromChild & { type: T })) return;
        clearTimeout(late);
        this.#listeners.delete(listener);
        resolve(message as FromChild & { type: T });
      };
      this.#listeners.add(listener);
    });
  }

  /** What each process has used so far. */
  usage(): ReadonlyMap<string, Usage> {
    const own = [...this.#children].filter(([name]) => !this.#aliases.has(name));
    return new Map(own.flatMap(([name, { pid }]) => (pid === undefined ? [] : [[name, usageOf(pid)]])));
  }

  stop(): void {
    this.#links?.stop();
    for (const child of this.#children.values()) child.stop();
  }

  async #carry(from: string, to: string, { kind, id, sdp }: Description): Promise<void> {
    const description: Description = { kind, id, sdp };
    const shown = this.#links === undefined ? description : await this.#links.shown(description);
    this.tell(to, { type: "sdp", from, ...shown });
  }
}
