import {
  TaborError,
  type CircuitInfo,
  type ClientStream,
  type RelayId,
  type StreamOptions,
  type StreamTarget,
} from "@tabor/onion-core";
import type { Network, NetworkState } from "../services/network.ts";
import { Store } from "../services/store.ts";

/** What a site answers to one request: bytes or text piece by piece ("\n" is CRLF in the head), then an end or a break. */
export type SiteAnswer = readonly (string | Uint8Array | TaborError | Promise<void>)[];
/** Sites by URL; each request takes the next answer, the last one again and again. */
export type Sites = Record<string, SiteAnswer[]>;

const RELAYS = ["GuardRelay", "MiddleRelay", "ExitRelay"].map((name) => name.padEnd(43, "A") as RelayId);

/** A network in memory whose sites follow a script. */
export class FakeNetwork implements Network {
  readonly state = new Store<NetworkState>({
    directory: { phase: "joined", problem: undefined },
    client: { stage: "ready", percent: 100, doing: "ready", problem: undefined },
    circuits: [],
  });
  readonly requests: { readonly target: StreamTarget; readonly isolation: string; readonly text: string }[] =
    [];
  readonly newCircuits: string[] = [];
  identities = 1;
  readonly #sites: Sites;
  #circuits = 0;

  constructor(sites: Sites) {
    this.#sites = sites;
  }

  openStream(target: StreamTarget, options: StreamOptions): Promise<ClientStream> {
    const text = new TextDecoder().decode(options.early);
    this.requests.push({ target, isolation: options.isolation, text });
    const path = /^GET (\S+)/.exec(text)?.[1] ?? "";
    const port = target.port === 80 ? "" : `:${String(target.port)}`;
    const answers = this.#sites[`http://${target.host}${port}${path}`];
    const answer = answers !== undefined && answers.length > 1 ? answers.shift() : answers?.[0];
    if (answer === undefined) return Promise.reject(new TaborError("resolve-failed", "exit", "no such host"));
    const circuit = circuitNumber(++this.#circuits, options.isolation);
    this.state.value = { ...this.state.value, circuits: [circuit] };
    options.onProgress?.({ step: "circuit", attempt: 1 });
    options.onProgress?.({ step: "connecting", attempt: 1, circuit });
    return Promise.resolve(streamOf(answer, circuit));
  }

  newCircuitFor(isolation: string): void {
    this.newCircuits.push(isolation);
  }

  newIdentity(): void {
    this.identities++;
  }
}

export function circuitNumber(id: number, isolation: string): CircuitInfo {
  const hops = RELAYS.map((relay, index) => ({
    relay,
    role: (["guard", "middle", "exit"] as const)[index] ?? "exit",
    platform: index === 1 ? ("tab" as const) : ("node" as const),
    handshakeMs: 40 * (index + 1),
  }));
  return { id, state: { name: "open" }, hops, isolation, streams: 1 };
}

function streamOf(answer: SiteAnswer, circuit: CircuitInfo): ClientStream {
  const pieces = [...answer];
  let aborted: TaborError | undefined;
  let wake: (error: TaborError) => void = () => undefined;
  const broken = new Promise<never>((_, reject) => (wake = reject));
  broken.catch(() => undefined);
  const next = async (): Promise<Uint8Array | null> => {
    for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) {
      if (piece instanceof TaborError) throw piece;
      if (typeof piece === "string") return wire(piece);
      if (piece instanceof Uint8Array) return piece;
      await piece;
    }
    return null;
  };
  return {
    circuit,
    read: () => (aborted === undefined ? Promise.race([next(), broken]) : Promise.reject(aborted)),
    write: () => Promise.resolve(),
    end: () => undefined,
    abort: (error) => {
      aborted ??= error;
      wake(error);
    },
  };
}

/** The head's lines end in CRLF, the body is UTF-8 as it is. */
function wire(text: string): Uint8Array {
  const [head = "", ...body] = text.split("\n\n");
  const isHead = head.startsWith("HTTP/");
  const whole = isHead ? `${head.replaceAll("\n", "\r\n")}\r\n\r\n${body.join("\n\n")}` : text;
  return new TextEncoder().encode(whole);
}

/** A whole answer of a type. */
export function answerOf(type: string, body: string): SiteAnswer {
  return [`HTTP/1.1 200 OK\nContent-Type: ${type}\n\n${body}`];
}
