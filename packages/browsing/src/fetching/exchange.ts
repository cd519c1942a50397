import { decodedBody, Fields, readUpTo, type HttpAnswer } from "@tabor/http";
import { TaborError } from "@tabor/onion-core";
import type { FetchOutcome, FetchRequest, FetchResponse, FetchUse } from "./api.ts";
import type { CacheHit, CacheRequest, StoredAnswer } from "./http-cache.ts";
import type { Identity, SiteState } from "./identity.ts";
import { sameSiteContext, withCredentials, type Initiation } from "./initiation.ts";
import { redirectOf } from "./redirects.ts";
import { requestFields } from "./request-fields.ts";
import { resumed } from "./resumption.ts";
import { endpointOf } from "./site-connection.ts";
import type { Sent } from "./transport.ts";

/** Bodies of redirects are read up to this, so that the connection can be used again. */
const DRAIN_BYTES = 16_384;

type Conditions = readonly (readonly [name: string, value: string])[];
type Answered = Extract<Sent, { kind: "answer" }>;

/** One request for one address, whose scheme is settled: from the cache, or over the network with cookies. */
export class Exchange {
  readonly #identity: Identity;
  readonly #site: SiteState;
  readonly #request: FetchRequest;
  /** With `url` as it is really asked. */
  readonly #initiation: Initiation;
  readonly #url: URL;
  readonly #credentials: boolean;

  constructor(identity: Identity, request: FetchRequest, url: URL) {
    this.#identity = identity;
    this.#site = identity.site(request.firstParty);
    this.#request = request;
    this.#url = url;
    this.#initiation = { ...request, url };
    this.#credentials = withCredentials(this.#initiation);
  }

  /** @throws as `Fetcher.fetch`. */
  async run(): Promise<FetchOutcome | Extract<Sent, { kind: "unconnected" }>> {
    const asked = this.#asked();
    const hit = this.#stored(asked);
    if (hit?.kind === "fresh") return this.#fromCache(hit.answer, hit.body);
    const sent = await this.#send(hit?.conditions ?? []);
    if (sent.kind === "unconnected") return sent;
    this.#learn(sent.answer);
    if (hit === undefined || sent.answer.status !== 304) return this.#outcome(asked, sent);
    sent.answer.close();
    const validated = this.#identity.cache.revalidated(asked, withoutCookies(sent.answer.fields));
    if (validated !== undefined) return this.#fromCache(validated.answer, validated.body);
    // It speaks of something else than what is stored.
    const again = await this.#send([]);
    if (again.kind === "answer") this.#learn(again.answer);
    return again.kind === "unconnected" ? again : this.#outcome(asked, again);
  }

  #asked(): CacheRequest {
    const { firstParty, method } = this.#request;
    return { url: this.#url, firstParty, method, fields: this.#fields([]) };
  }

  #stored(asked: CacheRequest): CacheHit | undefined {
    return this.#isCacheable() && (this.#request.cache ?? "default") === "default"
      ? this.#identity.cache.find(asked)
      : undefined;
  }

  #isCacheable(): boolean {
    const { method, cache, fields } = this.#request;
    return method === "GET" && cache !== "no-store" && fields?.first("range") === undefined;
  }

  #fields(conditions: Conditions, given = this.#request.fields): Conditions {
    const cookie = this.#credentials
      ? this.#site.cookies.fieldFor(this.#url, sameSiteContext(this.#initiation))
      : undefined;
    const reload = this.#request.cache === "reload";
    return requestFields(this.#initiation, { given, cookie, reload, conditions });
  }

  #send(conditions: Conditions, fields = this.#fields(conditions)): Promise<Sent> {
    const { firstParty, method, body, use, signal, onProgress } = this.#request;
    return this.#identity.transport.send({
      endpoint: endpointOf(this.#url, this.#identity.isolation(firstParty)),
      request: {
        method,
        target: `${this.#url.pathname}${this.#url.search}`,
        fields,
        ...(body === undefined ? {} : { body }),
      },
      priority: priorityOf(use),
      signal,
      onProgress: (sentence, circuit) => onProgress?.({ stage: "waiting", sentence, circuit }),
    });
  }

  #learn({ fields }: HttpAnswer): void {
    this.#site.strictTransport.note(this.#url, fields);
    if (!this.#credentials) return;
    this.#site.cookies.store(this.#url, fields.all("set-cookie"), sameSiteContext(this.#initiation));
  }

  #outcome(asked: CacheRequest, sent: Answered): FetchOutcome {
    const { answer } = sent;
    if (this.#request.method !== "GET" && this.#request.method !== "HEAD" && answer.status < 400) {
      this.#identity.cache.invalidate(asked);
    }
    const redirect = this.#redirect(answer);
    return redirect ?? { kind: "response", response: this.#response(asked, sent) };
  }

  #redirect(answer: HttpAnswer): FetchOutcome | undefined {
    try {
      const redirect = redirectOf(answer, this.#url, this.#request);
      if (redirect !== undefined) void drain(answer);
      return redirect;
    } catch (thrown) {
      answer.close();
      throw thrown;
    }
  }

  #response(asked: CacheRequest, { answer, tls, circuit }: Answered): FetchResponse {
    const fields = withoutCookies(answer.fields);
    const kept: StoredAnswer = { status: answer.status, reason: answer.reason, fields, tls, circuit };
    // The answer that carries the body now: another one after the first has broken off.
    const current = { answer, closed: false };
    const close = (): void => {
      current.closed = true;
      current.answer.close();
    };
    const decoded = decodedBody(
      { fields, close, body: this.#counted(answer, this.#raw(current)) },
      { br: this.#identity.brotli },
    );
    const body = this.#isCacheable() ? this.#identity.cache.keeping(asked, kept, decoded) : decoded;
    const isCoded = fields.list("content-encoding").some((coding) => coding !== "identity");
    const length = isCoded ? undefined : answer.length;
    return { ...kept, url: this.#url, length, body, fromCache: false, close };
  }

  #raw(current: { answer: HttpAnswer; readonly closed: boolean }): AsyncGenerator<Uint8Array, void> {
    const { answer } = current;
    if (this.#request.method !== "GET") return answer.body;
    return resumed(answer, {
      again: async (conditions) => {
        if (current.closed) throw new TaborError("aborted", "here", "the request was withdrawn");
        return this.#again(conditions);
      },
      onAnswer: (next) => {
        current.answer = next;
      },
    });
  }

  async #again(conditions: Conditions): Promise<HttpAnswer> {
    this.#request.onProgress?.({ stage: "waiting", sentence: "The connection was lost: fetching the rest" });
    const names = new Set(conditions.map(([name]) => name));
    const fields = this.#fields([]).filter(([name]) => !names.has(name));
    const sent = await this.#send([], [...fields, ...conditions]);
    if (sent.kind === "unconnected") throw sent.error;
    return sent.answer;
  }

  async *#counted(
    { length: total }: HttpAnswer,
    pieces: AsyncGenerator<Uint8Array, void>,
  ): AsyncGenerator<Uint8Array, void> {
    const { onProgress } = this.#request;
    let received = 0;
    onProgress?.({ stage: "receiving", received, total });
    for await (const piece of pieces) {
      received += piece.length;
      onProgress?.({ stage: "receiving", received, total });
      yield piece;
    }
  }

  #fromCache(answer: StoredAnswer, bytes: Uint8Array): FetchOutcome {
    const response: FetchResponse = {
      ...answer,
      url: this.#url,
      length: bytes.length,
      body: once(bytes),
      fromCache: true,
      close: () => undefined,
    };
    return { kind: "response", response };
  }
}

/** What a page waits for comes first. */
function priorityOf(use: FetchUse): number {
  switch (use) {
    case "document":
    case "form":
    case "frame":
      return 0;
    case "style":
    case "script":
    case "font":
    case "fetch":
      return 1;
    case "image":
    case "media":
    case "track":
      return 2;
  }
}

function withoutCookies(fields: Fields): Fields {
  return new Fields([...fields].filter(([name]) => name !== "set-cookie"));
}

async function drain(answer: HttpAnswer): Promise<void> {
  try {
    await readUpTo(answer.body, DRAIN_BYTES);
  } catch {
    // It has closed its connection; nobody wanted the body.
  } finally {
    answer.close();
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  await Promise.resolve();
  if (bytes.length > 0) yield bytes;
}
