import { Fields } from "@tabor/http";
import { TaborError, type CircuitInfo } from "@tabor/onion-core";
import { bareUrl } from "../../view/http-url.ts";
import type { OpenedSocket } from "../../fetching/web-socket.ts";
import type { Fetcher, FetchOutcome, FetchRequest } from "../../fetching/api.ts";

/** What a site answers: a body in pieces, each bytes, text, an error that breaks it off, or something to wait for first. */
export interface ScriptedAnswer {
  readonly status?: number;
  readonly type?: string;
  readonly fields?: readonly (readonly [string, string])[];
  readonly body?: readonly (string | Uint8Array | TaborError | Promise<void>)[];
}

export type Script =
  | ScriptedAnswer
  | TaborError
  | { readonly redirect: string; readonly status?: 302 | 307; readonly fields?: ScriptedAnswer["fields"] }
  | { readonly consent: string };

export const CIRCUIT: CircuitInfo = { id: 1, state: { name: "open" }, hops: [], isolation: "x", streams: 1 };

/** Sites in memory that follow a script: each address gives its answers in turn, the last one again and again. */
export class ScriptedFetcher implements Fetcher {
  readonly requests: FetchRequest[] = [];
  readonly newCircuits: string[] = [];
  /** "first-party.test: https://what.test/is-asked-for-soon" */
  readonly ahead: string[] = [];
  identities = 1;
  /** What scripts last set. */
  cookie = "";
  /** Answers whose rest was given up. */
  closed = 0;
  readonly #sites: Readonly<Record<string, Script[]>>;

  constructor(sites: Readonly<Record<string, Script[]>>) {
    this.#sites = sites;
  }

  async fetch(request: FetchRequest): Promise<FetchOutcome> {
    this.requests.push(request);
    if (request.body !== undefined && !(request.body instanceof Uint8Array)) {
      for await (const _piece of request.body.bytes);
    }
    const answers = this.#sites[bareUrl(request.url).href] ?? [];
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer === undefined) throw new TaborError("resolve-failed", "exit", "no such host");
    request.onProgress?.({ stage: "waiting", sentence: "Waiting for the site's answer", circuit: CIRCUIT });
    if (answer instanceof TaborError) throw answer;
    if ("consent" in answer) return { kind: "needs-consent", url: request.url, reason: answer.consent };
    if ("redirect" in answer) return redirect(request, answer);
    return this.#response(request, answer);
  }

  connectAhead(firstParty: string, urls: readonly URL[]): void {
    this.ahead.push(...urls.map(({ href }) => `${firstParty}: ${href}`));
  }

  openSocket(): Promise<OpenedSocket> {
    return Promise.reject(new TaborError("refused", "exit", "no sockets here"));
  }

  scriptCookies(): string {
    return this.cookie;
  }

  setScriptCookie(_firstParty: string, _url: URL, cookie: string): void {
    this.cookie = cookie;
  }

  newCircuit(firstParty: string): void {
    this.newCircuits.push(firstParty);
  }

  newIdentity(): void {
    this.identities++;
  }

  #response({ url, signal }: FetchRequest, answer: ScriptedAnswer): FetchOutcome {
    const { status = 200, type = "text/html", fields = [], body = [] } = answer;
    const response = {
      ...{ url, status, reason: "", length: undefined, tls: undefined, circuit: CIRCUIT, fromCache: false },
      fields: new Fields([["content-type", type], ...fields]),
      body: bodyOf(body, signal),
      close: () => {
        this.closed++;
      },
    };
    return { kind: "response", response };
  }
}

function redirect(
  { url, method }: FetchRequest,
  { redirect: to, status = 302, fields = [] }: Extract<Script, { redirect: string }>,
): FetchOutcome {
  const keepsBody = status === 307 && method === "POST";
  const next = status === 307 ? method : "GET";
  return {
    kind: "redirect",
    redirect: {
      ...{ from: url, status, location: new URL(to, url), method: next, keepsBody },
      fields: new Fields([...fields]),
    },
  };
}

async function* bodyOf(
  pieces: NonNullable<ScriptedAnswer["body"]>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  for (const piece of pieces) {
    if (piece instanceof TaborError) throw piece;
    if (piece instanceof Promise) await piece;
    if (signal.aborted) throw new TaborError("aborted", "here", "withdrawn");
    if (typeof piece === "string") yield new TextEncoder().encode(piece);
    else if (piece instanceof Uint8Array) yield piece;
  }
}
