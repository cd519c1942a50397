import { DataAllowance, type Calendar, type DataLimits, type DataUsed } from "./data-allowance.ts";
import { LimitedChannel } from "./limited-channel.ts";
import { ReceivedExcess } from "./received-excess.ts";
import { SharedRate } from "./shared-rate.ts";
import { CELL_LENGTH } from "../../cell/cell.ts";
import { MAX_STREAM_DATA } from "../../cell/relay-message.ts";
import type { Clock } from "../../ports/clock.ts";
import type { DataChannel } from "../../ports/data-channel.ts";
import type { Duplex } from "../../stream/duplex.ts";
import type { ExitPorts } from "../../stream/exit-port.ts";

/** What a relay's owner lets all its links use together. Undefined: no limit. Rates are bytes per second. */
export interface TrafficLimits extends DataLimits {
  readonly sendRate?: number | undefined;
  readonly receiveRate?: number | undefined;
}

/** What goes to a site came in cells. */
const BYTES_IN_CELLS = CELL_LENGTH / MAX_STREAM_DATA;

export interface LinkTrafficInit {
  readonly clock: Clock;
  /** How much all queues of the relay may hold, in bytes. */
  readonly queueMemory: number;
  /** What was used before. */
  readonly used?: DataUsed | undefined;
  readonly dayOf?: Calendar | undefined;
  /** All of the data that may be used is. Called with each message from then on. */
  readonly spent: () => void;
}

/**
 * All that a relay's links send and receive: counted, and within its owner's limits (SPEC §11.2).
 *
 * A data channel can't be told to deliver less. But what is received is passed on, to a link or a site, and congestion control has clients send what is passed
 * on; so the lower of the two rates bounds what is passed on. Who sends on regardless fills queues, which are bounded, or sends what leads nowhere. Once more has
 * come above the rate than queues may hold, the worst sender loses its link.
 */
export class LinkTraffic {
  readonly allowance: DataAllowance;
  readonly #init: LinkTrafficInit;
  readonly #passing: SharedRate;
  readonly #excess: ReceivedExcess;
  readonly #bytes = { in: 0, out: 0 };

  constructor(init: LinkTrafficInit) {
    this.#init = init;
    this.#passing = new SharedRate(init.clock);
    this.#excess = new ReceivedExcess(init.clock);
    this.allowance = new DataAllowance(init.clock, init.used, init.dayOf);
  }

  /** Bytes of all links since the start, with their handshakes and padding, but without what DTLS, UDP and IP add. */
  get bytes(): { readonly in: number; readonly out: number } {
    return { ...this.#bytes };
  }

  limit(limits: TrafficLimits): void {
    const { sendRate = Infinity, receiveRate = Infinity } = limits;
    const rate = Math.min(sendRate, receiveRate);
    this.#passing.limit(rate === Infinity ? undefined : rate);
    this.#excess.limit(limits.receiveRate);
    this.allowance.limit(limits);
  }

  /** The channel, of which these limits hold from now on. */
  share(channel: DataChannel): DataChannel {
    return new LimitedChannel(channel, {
      passing: this.#passing,
      received: this.#received,
      sent: (bytes) => {
        this.#bytes.out += bytes;
        this.#use(bytes);
      },
      closed: (gone) => {
        this.#excess.forget(gone);
      },
    });
  }

  /** The same; what their connections write passes as what links send does, and what they carry is used data. */
  shareExit({ connector, fetcher }: ExitPorts): ExitPorts {
    return {
      connector: connector && {
        connect: async (...parameters) => {
          const connection = await connector.connect(...parameters);
          const { address, ttl } = connection;
          return { address, ttl, ...this.#limited(connection) };
        },
        resolve: (name, signal) => connector.resolve(name, signal),
      },
      fetcher: fetcher && {
        fetch: async (...parameters) => this.#limited(await fetcher.fetch(...parameters)),
      },
    };
  }

  #limited(connection: Duplex): Duplex {
    const passing = this.#passing;
    let goOn: () => void = () => undefined;
    return {
      read: async () => {
        const bytes = await connection.read();
        this.#use(bytes?.length ?? 0);
        return bytes;
      },
      write: async (bytes) => {
        if (passing.isSpent) {
          await new Promise<void>((resolve) => {
            goOn = resolve;
            passing.wait(resolve);
          });
        }
        passing.take(bytes.length * BYTES_IN_CELLS);
        this.#use(bytes.length);
        await connection.write(bytes);
      },
      end: () => {
        connection.end();
      },
      abort: (error) => {
        passing.leave(goOn);
        goOn();
        connection.abort(error);
      },
    };
  }

  readonly #received = (channel: LimitedChannel, bytes: number): void => {
    this.#bytes.in += bytes;
    this.#use(bytes);
    // Timers of a hidden tab are late: what comes keeps the time.
    this.#passing.goOn();
    if (this.#excess.add(channel, bytes) <= this.#init.queueMemory) return;
    const { worst } = this.#excess;
    if (worst === undefined) return;
    this.#excess.forget(worst);
    worst.closeFor("more came than may, and led nowhere");
  };

  #use(bytes: number): void {
    this.allowance.add(bytes);
    if (this.allowance.state === "spent") this.#init.spent();
  }
}
