import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** One request as it came. */
export interface Visit {
  readonly host: string;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** "1.1". */
  readonly httpVersion: string;
  /** Names in lower case; of a name that came twice, both values joined. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names and values in turn, as they were written. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  /** "TLSv1.3", or undefined for plain http. */
  readonly tls: string | undefined;
  /** Counts connections to the farm: equal numbers, equal connection. */
  readonly connection: number;
  /** The port of whoever connected: names the process on this machine that did. */
  readonly port: number;
}

export interface Exchange {
  readonly visit: Visit;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}

export type Answer = (exchange: Exchange) => void | Promise<void>;

interface Named {
  readonly name: string;
  /** What the server offers; both if left out. */
  readonly tls?: "TLSv1.2" | "TLSv1.3";
}

/** A host that speaks HTTP as it should. */
export interface WebHost extends Named {
  readonly kind: "web";
  readonly answer: Answer;
  /** Answers plain http itself, instead of sending everyone to https. */
  readonly plain?: "too" | "only";
  /** Takes over a connection, for WebSocket. */
  readonly upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** A host that does as it likes with the bytes of a connection (over TLS). */
export interface RawHost extends Named {
  readonly kind: "raw";
  readonly connected: (socket: Duplex) => void;
}

export type Host = WebHost | RawHost;

export function web(name: string, answer: Answer, rest: Partial<WebHost> = {}): WebHost {
  return { kind: "web", name, answer, ...rest };
}

export function raw(name: string, connected: RawHost["connected"]): RawHost {
  return { kind: "raw", name, connected };
}
