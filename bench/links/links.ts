import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { LinkQuality } from "./link-quality.ts";
import type { Description } from "../circuit/messages.ts";

const PROGRAM = fileURLToPath(new URL("datagram-link.ts", import.meta.url));

/** Puts a link of this quality between any two peers whose descriptions pass through here. */
export class Links {
  readonly #quality: LinkQuality;
  /** By the exchange of descriptions that made them. */
  readonly #links = new Map<string, ChildProcess>();

  constructor(quality: LinkQuality) {
    this.#quality = quality;
  }

  /** What to show the other peer. */
  async shown(description: Description): Promise<Description> {
    const link = this.#links.get(description.id) ?? (await this.#start(description.id));
    const answer = once(link, "message");
    link.send(description);
    const [shown] = (await answer) as [Description];
    return shown;
  }

  stop(): void {
    for (const link of this.#links.values()) if (link.connected) link.disconnect();
  }

  async #start(id: string): Promise<ChildProcess> {
    const { delayMs, loss } = this.#quality;
    const link = fork(PROGRAM, [String(delayMs), String(loss)], { execArgv: ["--import", "tsx"] });
    this.#links.set(id, link);
    await once(link, "message");
    return link;
  }
}
