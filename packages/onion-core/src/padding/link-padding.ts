import {
  drawSilence,
  grantedSilence,
  NORMAL_SILENCE,
  silenceOf,
  type PaddingMode,
  type Silence,
} from "./silence.ts";
import type { LinkPaddingRequest } from "../cell/padding-bodies.ts";
import { TokenBucket } from "../congestion/token-bucket.ts";
import { TaborError } from "../errors.ts";
import type { Cancel, Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";

/**
 * SPEC §11: cells about padding that may come at once, and per second afterwards. An honest end sends one in 1.5 s at most; a flood
 * would keep a relay busy without a circuit to hold responsible.
 */
const BURST = 30;
const PER_SECOND = 1;

/** An idle link is looked at so often at most, in milliseconds. */
const MIN_LOOK = 1000;

/** What this end of the link is: only a link between a client and its guard is padded (SPEC §13.1). */
export type PaddingSide =
  { readonly end: "client"; readonly mode: PaddingMode } | { readonly end: "guard" | "relay" };

export interface LinkPaddingInit {
  readonly side: PaddingSide;
  readonly clock: Clock;
  readonly random: Random;
  /** Sends PADDING, if nothing waits and the link carries circuits. */
  readonly pad: () => void;
  readonly negotiate: (request: LinkPaddingRequest) => void;
}

/**
 * Keeps a link from being silent for long, so that records of flows, which routers cut after 15 s of silence, do not tell when
 * circuits were used (SPEC §13.1, Tor's padding specification §2).
 *
 * Whoever sends tells only the time, which it knows: one timer looks at it at least every `low` milliseconds. No silence ends sooner, so
 * what is drawn then, from the last cell on, is never late.
 */
export class LinkPadding {
  readonly #init: LinkPaddingInit;
  readonly #allowance: TokenBucket;
  #silence: Silence | undefined;
  #lastSent: number;
  /** When the silence since then ends; undefined: not drawn yet. */
  #due: number | undefined;
  #cancelLook: Cancel | undefined;

  constructor(init: LinkPaddingInit) {
    this.#init = init;
    const now = init.clock.monotonic();
    this.#allowance = new TokenBucket(PER_SECOND, BURST, now * 1000);
    this.#lastSent = now;
    this.#silence = initialSilence(init.side);
  }

  /** The link is open: tells the guard if it is to do anything else than it does by itself. */
  start(): void {
    const { side, negotiate } = this.#init;
    if (side.end === "client" && side.mode !== "normal") negotiate({ command: "stop" });
    this.#arm(this.#init.clock.monotonic());
  }

  /** Cells have left. Called for each message, so it does next to nothing. */
  sent(now: number): void {
    this.#lastSent = now;
    this.#due = undefined;
  }

  /** PADDING has come. @throws protocol for a flood. */
  received(): void {
    const now = this.#init.clock.monotonic() * 1000;
    if (this.#allowance.level(now) < 1) throw new TaborError("protocol", "link", "a flood of padding");
    this.#allowance.take(1);
  }

  /** PADDING_NEGOTIATE has come. @throws protocol if it is not for us to be told. */
  asked(request: LinkPaddingRequest): void {
    if (this.#init.side.end !== "guard")
      throw new TaborError("protocol", "link", "only a client negotiates padding, with its guard");
    this.received();
    this.#silence = grantedSilence(request);
    this.#due = undefined;
    this.#arm(this.#init.clock.monotonic());
  }

  /** The link has closed. */
  stop(): void {
    this.#silence = undefined;
    this.#cancelLook?.();
  }

  #arm(now: number): void {
    this.#cancelLook?.();
    const silence = this.#silence;
    if (silence === undefined) return;
    this.#due ??= this.#lastSent + drawSilence(silence, this.#init.random);
    const look = Math.min(this.#due - now, Math.max(silence.low, MIN_LOOK));
    this.#cancelLook = this.#init.clock.after(Math.max(0, look), () => {
      this.#look();
    });
  }

  #look(): void {
    const now = this.#init.clock.monotonic();
    if (this.#due !== undefined && this.#due <= now) {
      this.#init.pad();
      this.sent(now);
    }
    this.#arm(now);
  }
}

function initialSilence(side: PaddingSide): Silence | undefined {
  switch (side.end) {
    case "client":
      return silenceOf(side.mode);
    case "guard":
      return NORMAL_SILENCE;
    case "relay":
      return undefined;
  }
}
