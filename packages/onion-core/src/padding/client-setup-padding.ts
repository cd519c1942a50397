import { CLIENT_CELLS, MAX_RELAY_CELLS, SETUP_MACHINE } from "./setup-padding.ts";
import type { CircuitPaddingAnswer } from "../cell/padding-bodies.ts";
import type { CircuitMessage } from "../cell/relay-message.ts";
import { TaborError } from "../errors.ts";
import type { Cancel, Clock } from "../ports/clock.ts";

/** SPEC §13.2: a relay that does not end its machine is not waited for any longer. */
const DEADLINE_MS = 10_000;
const COUNTER = 1;

/** What a client's machine may send. */
export type ClientPaddingMessage = CircuitMessage & { readonly command: "PADDING_NEGOTIATE" | "DROP" };

/** The client's end of the padding of one circuit's set-up (SPEC §13.2). */
export class ClientSetupPadding {
  /** Resolves when the relay's machine has ended, has refused, or does not answer; or the circuit is gone. */
  readonly ended: Promise<void>;
  readonly #clock: Clock;
  readonly #send: (message: ClientPaddingMessage) => void;
  #resolveEnded: () => void = () => undefined;
  #cancelDeadline: Cancel = () => undefined;
  #state: "asked" | "running" | "ended" = "asked";
  #cellsLeft = CLIENT_CELLS;
  #dropsLeft = MAX_RELAY_CELLS;

  /** @param send to the hop whose machine it is; never throws. */
  constructor(clock: Clock, send: (message: ClientPaddingMessage) => void) {
    this.#clock = clock;
    this.#send = send;
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
  }

  /**
   * Asks, and sends in the same turn what a stream would begin with: if one begins in this turn, as much less. So the request
   * travels in one message with two more cells, for which it waits as little as the stream's would.
   */
  start(): void {
    this.#clock.soon(() => {
      this.#fill();
    });
    this.#send({ command: "PADDING_NEGOTIATE", action: "start", machine: SETUP_MACHINE, counter: COUNTER });
    this.#cancelDeadline = this.#clock.after(DEADLINE_MS, () => {
      this.#resolveEnded();
    });
  }

  /** A cell of a stream is sent. */
  sent(): void {
    this.#cellsLeft -= 1;
  }

  /** PADDING_NEGOTIATED has come. @throws protocol if it answers nothing. */
  answered({ action, ok, machine, counter }: CircuitPaddingAnswer): void {
    const expected = this.#state === "asked" ? "start" : "stop";
    const isAnswer = machine === SETUP_MACHINE && counter === COUNTER && action === expected;
    if (this.#state === "ended" || !isAnswer)
      throw new TaborError("protocol", "relay", "PADDING_NEGOTIATED was not asked for");
    this.#state = action === "start" && ok ? "running" : "ended";
    if (this.#state === "ended") this.close();
  }

  /** DROP has come. @throws protocol if no machine sends it: whoever marks circuits by such cells loses them. */
  dropped(): void {
    if (this.#state !== "running" || this.#dropsLeft === 0)
      throw new TaborError("protocol", "relay", "DROP that no machine sends");
    this.#dropsLeft -= 1;
  }

  /** The circuit is gone, or the machine has ended. */
  close(): void {
    this.#state = "ended";
    this.#cellsLeft = 0;
    this.#cancelDeadline();
    this.#resolveEnded();
  }

  #fill(): void {
    for (let left = this.#cellsLeft; left > 0; left--) this.#send({ command: "DROP" });
    this.#cellsLeft = 0;
  }
}
