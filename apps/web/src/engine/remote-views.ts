import type { TaborError } from "@tabor/onion-core";
import type { FromWorker, ToWorker } from "./messages.ts";

/** The view's origins, as the engine's worker has the page prepare them. */
export class RemoteViews {
  readonly #tell: (message: FromWorker) => void;
  readonly #waiting = new Map<string, ((error: TaborError | undefined) => void)[]>();

  constructor(tell: (message: FromWorker) => void) {
    this.#tell = tell;
  }

  /** Resolves once frames may ask `origin` for pages. @throws unreachable. */
  async prepare(origin: string): Promise<void> {
    const error = await new Promise<TaborError | undefined>((resolve) => {
      this.#waiting.set(origin, [...(this.#waiting.get(origin) ?? []), resolve]);
      this.#tell({ type: "prepare-view", origin });
    });
    if (error !== undefined) throw error;
  }

  heard({ origin, error }: Extract<ToWorker, { type: "view-prepared" }>): void {
    for (const settle of this.#waiting.get(origin) ?? []) settle(error);
    this.#waiting.delete(origin);
  }
}
