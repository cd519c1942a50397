import type { ViewAnswer } from "../view-answer.ts";

/** More than a page's scripts wait for at once. */
const MAX_HELD = 32;

interface Held {
  readonly client: string;
  readonly path: string;
  readonly answer: ViewAnswer;
}

/** Answers that redirects led to, held until the browser asks for the address that they were found at; those not asked for are given up. */
export class MovedAnswers {
  readonly #held: Held[] = [];

  hold(client: string, path: string, answer: ViewAnswer): void {
    this.#held.push({ client, path, answer });
    if (this.#held.length > MAX_HELD) giveUp(this.#held.shift());
  }

  /** Each once. */
  take(client: string, path: string): ViewAnswer | undefined {
    const at = this.#held.findIndex((held) => held.client === client && held.path === path);
    return at < 0 ? undefined : this.#held.splice(at, 1)[0]?.answer;
  }
}

function giveUp(held: Held | undefined): void {
  const body = held?.answer.body;
  if (body !== undefined && !(body instanceof Uint8Array)) void body.return().catch(() => undefined);
}
