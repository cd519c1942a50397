import { CLIENT_CELLS, drawGap, drawRelayCells, SETUP_MACHINE } from "./setup-padding.ts";
import type { CircuitPaddingRequest } from "../cell/padding-bodies.ts";
import type { CircuitMessage } from "../cell/relay-message.ts";
import { TaborError } from "../errors.ts";
import type { Cancel, Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";

/** SPEC §13.2: when so many cells of the circuit wait, its link has enough to do, and padding would hide nothing. */
const MAX_QUEUED = 8;

/** What a relay's machine may send. */
export type RelayPaddingMessage = CircuitMessage & { readonly command: "PADDING_NEGOTIATED" | "DROP" };

export interface RelaySetupPaddingInit {
  readonly clock: Clock;
  readonly random: Random;
  /** To the client; never throws. */
  readonly send: (message: RelayPaddingMessage) => void;
  /** How many cells of the circuit wait for the link towards the client. */
  readonly queued: () => number;
}

/**
 * A relay's end of the padding of one circuit's set-up (SPEC §13.2). What a client can make it do is bounded: one machine per circuit, and
 * ten cells that come back to whoever asked.
 */
export class RelaySetupPadding {
  readonly #init: RelaySetupPaddingInit;
  #started: Pick<CircuitPaddingRequest, "machine" | "counter"> | undefined;
  #isStopped = false;
  #cellsLeft = 0;
  #dropsLeft = 0;
  #cancelNext: Cancel = () => undefined;

  constructor(init: RelaySetupPaddingInit) {
    this.#init = init;
  }

  /** PADDING_NEGOTIATE has come. @throws protocol for a second start, or a stop of what was not started. */
  asked(request: CircuitPaddingRequest): void {
    if (request.action === "start") this.#start(request);
    else this.#stop(request);
  }

  /** DROP has come. @throws protocol for more than the machine sends. */
  dropped(): void {
    if (this.#dropsLeft === 0) throw new TaborError("protocol", "relay", "DROP that no machine sends");
    this.#dropsLeft -= 1;
  }

  /** A cell from the next hop goes to the client: one less to make up. Called for each, so it does next to nothing. */
  relayed(): void {
    if (this.#cellsLeft > 0) this.#cellsLeft -= 1;
  }

  /** The circuit is gone. */
  close(): void {
    this.#cancelNext();
  }

  #start({ action, machine, counter }: CircuitPaddingRequest): void {
    if (this.#started !== undefined) throw new TaborError("protocol", "relay", "a circuit is padded once");
    this.#started = { machine, counter };
    const ok = machine === SETUP_MACHINE;
    this.#init.send({ command: "PADDING_NEGOTIATED", action, machine, counter, ok });
    if (!ok) return;
    this.#dropsLeft = CLIENT_CELLS;
    this.#cellsLeft = drawRelayCells(this.#init.random);
    this.#arm();
  }

  /** The machine says so when it would have sent the next cell. It may have ended meanwhile, and said so. */
  #stop({ machine, counter }: CircuitPaddingRequest): void {
    const started = this.#started;
    if (this.#isStopped || started?.machine !== machine || started.counter !== counter)
      throw new TaborError("protocol", "relay", "no such machine to stop");
    this.#isStopped = true;
    this.#cellsLeft = 0;
  }

  #arm(): void {
    const { clock, random } = this.#init;
    this.#cancelNext = clock.after(drawGap(random), () => {
      this.#next();
    });
  }

  #next(): void {
    if (this.#cellsLeft === 0) {
      this.#end();
      return;
    }
    this.#cellsLeft -= 1;
    if (this.#init.queued() < MAX_QUEUED) this.#init.send({ command: "DROP" });
    this.#arm();
  }

  #end(): void {
    if (this.#started === undefined) return;
    this.#init.send({ command: "PADDING_NEGOTIATED", ...this.#started, action: "stop", ok: true });
  }
}
