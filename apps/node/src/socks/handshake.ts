import { concat, TaborError } from "@tabor/onion-core";
import {
  CREDENTIALS_ACCEPTED,
  METHOD,
  parseCredentials,
  parseGreeting,
  type Credentials,
  type Method,
} from "./greeting.ts";
import { VERSION } from "./reply.ts";
import { parseRequest, type Parsed, type SocksRequest } from "./request.ts";

/** What some bytes of a client led to. `reply` is to be sent in every case, perhaps empty. */
export type HandshakeStep =
  | { readonly kind: "more"; readonly reply: Uint8Array }
  | { readonly kind: "request"; readonly reply: Uint8Array; readonly accepted: AcceptedRequest }
  | { readonly kind: "refuse"; readonly reply: Uint8Array; readonly why: string };

export interface AcceptedRequest {
  readonly request: SocksRequest;
  /** Undefined if the client offered none, which is another thing than empty ones. */
  readonly credentials: Credentials | undefined;
  /** Data for the site that the client sent without waiting for the answer. */
  readonly early: Uint8Array;
}

type Stage =
  | { readonly name: "greeting" }
  | { readonly name: "credentials" }
  | { readonly name: "request"; readonly credentials: Credentials | undefined }
  | { readonly name: "over" };

/**
 * The SOCKS 5 server side up to the request (RFC 1928, RFC 1929), without I/O: bytes in, replies and the request out.
 * It keeps less than one message of input: at most 513 bytes, besides what the last call brought.
 *
 * ```
 * greeting ──► credentials ──► request ──► over
 *     └────────────────────────►┘
 * ```
 */
export class SocksHandshake {
  #stage: Stage = { name: "greeting" };
  #input = new Uint8Array(0);

  /** @throws usage after the handshake is over. */
  push(bytes: Uint8Array): HandshakeStep {
    this.#input = concat(this.#input, bytes);
    let reply = new Uint8Array(0);
    for (;;) {
      const step = this.#step();
      reply = concat(reply, step.reply);
      if (step.kind !== "next") return { ...step, reply };
    }
  }

  #step(): HandshakeStep | { readonly kind: "next"; readonly reply: Uint8Array } {
    const stage = this.#stage;
    switch (stage.name) {
      case "greeting":
        return this.#take(parseGreeting(this.#input), (method) => {
          this.#stage = stageAfter(method);
          return { kind: "next", reply: Uint8Array.of(VERSION, method) };
        });
      case "credentials":
        return this.#take(parseCredentials(this.#input), (credentials) => {
          this.#stage = { name: "request", credentials };
          return { kind: "next", reply: CREDENTIALS_ACCEPTED };
        });
      case "request":
        return this.#take(parseRequest(this.#input), (request) => {
          this.#stage = { name: "over" };
          const accepted = { request, credentials: stage.credentials, early: this.#input };
          return { kind: "request", reply: new Uint8Array(0), accepted };
        });
      case "over":
        throw new TaborError("usage", "here", "the SOCKS handshake is over");
    }
  }

  #take<T, S>(parsed: Parsed<T>, then: (message: T) => S): S | HandshakeStep {
    switch (parsed.kind) {
      case "more":
        return { kind: "more", reply: new Uint8Array(0) };
      case "refuse":
        this.#stage = { name: "over" };
        return parsed;
      case "message":
        this.#input = this.#input.slice(parsed.length);
        return then(parsed.message);
    }
  }
}

function stageAfter(method: Method): Stage {
  return method === METHOD.userPassword
    ? { name: "credentials" }
    : { name: "request", credentials: undefined };
}
