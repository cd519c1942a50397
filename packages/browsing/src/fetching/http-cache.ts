import { Fields } from "@tabor/http";
import { concat, type CircuitInfo, type Clock } from "@tabor/onion-core";
import CachePolicy from "http-cache-semantics";
import type { TlsInfo } from "../api.ts";

/** Bytes of all stored bodies, and of one. */
const MAX_BYTES = 64 << 20;
const MAX_ENTRY_BYTES = 8 << 20;
/** What an entry is reckoned to take beside its body. */
const ENTRY_BYTES = 4096;
const STORED_STATUS: ReadonlySet<number> = new Set([200, 203, 204, 404, 410]);

/** A request as far as caching goes. */
export interface CacheRequest {
  readonly url: URL;
  readonly firstParty: string;
  readonly method: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

export interface StoredAnswer {
  readonly status: number;
  readonly reason: string;
  readonly fields: Fields;
  readonly tls: TlsInfo | undefined;
  readonly circuit: CircuitInfo;
}

interface Entry {
  readonly answer: StoredAnswer;
  readonly policy: CachePolicy;
  /** Decompressed. */
  readonly body: Uint8Array;
}

export type CacheHit =
  | { readonly kind: "fresh"; readonly answer: StoredAnswer; readonly body: Uint8Array }
  /** To be asked about with `conditions`; a 304 makes it fresh again. */
  | { readonly kind: "stale"; readonly conditions: readonly (readonly [string, string])[] };

/**
 * Answers that may be used again (RFC 9111), in memory, those of each first-party site for itself; the ones used least
 * lately make room for new ones.
 */
export class HttpCache {
  readonly #Policy: typeof CachePolicy;
  /** Least lately used first. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(clock: Clock) {
    this.#Policy = class extends CachePolicy {
      now(): number {
        return clock.now();
      }
    };
  }

  find(request: CacheRequest): CacheHit | undefined {
    const entry = this.#use(request);
    if (entry === undefined) return undefined;
    const { policy, answer, body } = entry;
    const asked = toPolicy(request);
    if (policy.satisfiesWithoutRevalidation(asked)) return { kind: "fresh", answer, body };
    const validating = policy.revalidationHeaders(asked);
    const conditions = ["If-None-Match", "If-Modified-Since"].flatMap((name) => {
      const value = validating[name.toLowerCase()];
      return typeof value === "string" ? [[name, value] as const] : [];
    });
    return conditions.length === 0 ? undefined : { kind: "stale", conditions };
  }

  /** Whether there is something, fresh or not. */
  has(request: Pick<CacheRequest, "url" | "firstParty">): boolean {
    return this.#entries.has(keyOf(request));
  }

  /** A 304 has come: the stored answer, with the new fields. Undefined if it is not the one that was meant. */
  revalidated(
    request: CacheRequest,
    fields: Fields,
  ): { readonly answer: StoredAnswer; readonly body: Uint8Array } | undefined {
    const entry = this.#use(request);
    if (entry === undefined) return undefined;
    const { policy, matches } = entry.policy.revalidatedPolicy(toPolicy(request), {
      status: 304,
      headers: toHeaders(fields),
    });
    if (!matches) return undefined;
    const answer = { ...entry.answer, fields: updated(entry.answer.fields, fields) };
    this.#put(keyOf(request), { ...entry, answer, policy });
    return { answer, body: entry.body };
  }

  /** Hands the body on, and keeps it once it is whole, if the site allows it. */
  async *keeping(
    request: CacheRequest,
    answer: StoredAnswer,
    body: AsyncGenerator<Uint8Array, void>,
  ): AsyncGenerator<Uint8Array, void> {
    const policy = this.#policyFor(request, answer);
    const pieces: Uint8Array[] = [];
    let length = 0;
    for await (const piece of body) {
      length += piece.length;
      if (policy !== undefined && length <= MAX_ENTRY_BYTES) pieces.push(piece.slice());
      yield piece;
    }
    if (policy !== undefined && length <= MAX_ENTRY_BYTES) {
      this.#put(keyOf(request), { answer, policy, body: concat(...pieces) });
    }
  }

  /** RFC 9111 §4.4: an unsafe request that went well has changed what is there. */
  invalidate(request: CacheRequest): void {
    this.#drop(keyOf(request));
  }

  #policyFor(request: CacheRequest, { status, fields }: StoredAnswer): CachePolicy | undefined {
    if (request.method !== "GET" || !STORED_STATUS.has(status)) return undefined;
    const policy = new this.#Policy(
      toPolicy(request),
      { status, headers: toHeaders(fields) },
      { shared: false },
    );
    return policy.storable() ? policy : undefined;
  }

  #use(request: CacheRequest): Entry | undefined {
    const key = keyOf(request);
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  #put(key: string, entry: Entry): void {
    this.#drop(key);
    this.#entries.set(key, entry);
    this.#bytes += sizeOf(entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= MAX_BYTES) return;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#bytes -= sizeOf(entry);
    this.#entries.delete(key);
  }
}

function sizeOf({ body }: Entry): number {
  return body.length + ENTRY_BYTES;
}

function keyOf({ url, firstParty }: Pick<CacheRequest, "url" | "firstParty">): string {
  return `${firstParty} ${url.origin}${url.pathname}${url.search}`;
}

function toPolicy({ url, method, fields }: CacheRequest): CachePolicy.Request {
  return { url: `${url.pathname}${url.search}`, method, headers: toHeaders(fields) };
}

/** As http-cache-semantics wants them: names in lower case, one value each. */
function toHeaders(fields: Iterable<readonly [string, string]>): Record<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of fields) {
    const key = name.toLowerCase();
    const before = headers.get(key);
    headers.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return Object.fromEntries(headers);
}

/** RFC 9111 §3.2: what the 304 says replaces what was stored, but for what describes the body's bytes. */
function updated(stored: Fields, news: Fields): Fields {
  const fresh = [...news].filter(([name]) => !/^content-(?:encoding|length|range|type)$/.test(name));
  const names = new Set(fresh.map(([name]) => name));
  return new Fields([...[...stored].filter(([name]) => !names.has(name)), ...fresh]);
}
