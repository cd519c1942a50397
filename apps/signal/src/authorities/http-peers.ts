import { createHash } from "node:crypto";
import {
  type AuthorityPeers,
  type Clock,
  concat,
  type Log,
  type RelayId,
  type SigningKey,
  TaborError,
  toTaborError,
} from "@tabor/onion-core";
import { CONSENSUS_PATH, MAX_CONSENSUS_LENGTH, MAX_DESCRIPTOR_LENGTH } from "@tabor/signal-protocol";
import { decodeDescriptors, encodeDigests } from "./descriptor-lists.ts";
import { DESCRIPTORS_PATH, MESSAGE_PATH } from "./paths.ts";
import { sealRequest } from "./request-seal.ts";

/** Another authority's server. */
export interface AuthorityServer {
  readonly authority: RelayId;
  /** Its origin: "https://tabor.example". */
  readonly url: string;
}

export interface HttpPeersOptions {
  readonly key: SigningKey;
  readonly servers: readonly AuthorityServer[];
  /** Milliseconds after which a request is given up: what comes later counts for nothing. */
  readonly deadline: number;
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly log: Log;
}

/** Messages to one authority that are under way, or wait: a server that takes none holds no more of our memory. */
const MAX_UNDER_WAY = 64;

/** The way to the other authorities by HTTP (SPEC §8.6). */
export class HttpPeers implements AuthorityPeers {
  readonly #options: HttpPeersOptions;
  readonly #underWay = new Map<RelayId, number>();

  constructor(options: HttpPeersOptions) {
    this.#options = options;
  }

  send(to: RelayId, message: Uint8Array<ArrayBuffer>): void {
    const count = this.#underWay.get(to) ?? 0;
    if (count >= MAX_UNDER_WAY) return;
    this.#underWay.set(to, count + 1);
    this.#ask(to, { method: "POST", path: MESSAGE_PATH, body: message, most: 0 })
      .catch((thrown: unknown) => {
        const { code } = toTaborError(thrown, "directory", "telling an authority");
        this.#options.log.debug("an authority could not be told", { authority: to, code });
      })
      .finally(() => this.#underWay.set(to, (this.#underWay.get(to) ?? 1) - 1));
  }

  async descriptors(from: RelayId, digests: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    const body = encodeDigests(digests);
    const most = 4 + digests.length * (2 + MAX_DESCRIPTOR_LENGTH);
    return decodeDescriptors(await this.#ask(from, { method: "POST", path: DESCRIPTORS_PATH, body, most }));
  }

  consensus(from: RelayId): Promise<Uint8Array> {
    const body = new Uint8Array(0);
    return this.#ask(from, { method: "GET", path: CONSENSUS_PATH, body, most: MAX_CONSENSUS_LENGTH });
  }

  async #ask(to: RelayId, question: Question): Promise<Uint8Array> {
    const { servers, clock, deadline } = this.#options;
    const server = servers.find(({ authority }) => authority === to);
    if (server === undefined) throw unreachable("this authority has no server");
    const giveUp = new AbortController();
    const cancel = clock.after(deadline, () => {
      giveUp.abort();
    });
    try {
      return await this.#exchange(server, question, giveUp.signal);
    } catch (thrown) {
      if (thrown instanceof TaborError) throw thrown;
      throw new TaborError("unreachable", "directory", "an authority did not answer", { cause: thrown });
    } finally {
      cancel();
    }
  }

  async #exchange(
    { authority: receiver, url }: AuthorityServer,
    { method, path, body, most }: Question,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const { key, clock, fetch } = this.#options;
    const bodyDigest = createHash("sha256").update(body).digest();
    const sealed = { request: `${method} ${path}`, receiver, time: clock.now(), bodyDigest };
    const headers = {
      Authorization: await sealRequest(sealed, key),
      "Content-Type": "application/octet-stream",
    };
    const response = await fetch(new URL(path, url), {
      ...{ method, headers, signal, redirect: "error" },
      ...(method === "POST" && { body }),
    });
    const answer = await readAtMost(response, most);
    if (!response.ok) throw unreachable(`an authority answered with status ${String(response.status)}`);
    return answer;
  }
}

interface Question {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body: Uint8Array<ArrayBuffer>;
  /** Bytes that the answer may have. */
  readonly most: number;
}

/** Of a refusal nothing is read. */
async function readAtMost(response: Response, most: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const part = response.ok ? await reader?.read() : undefined;
    if (part?.value === undefined) break;
    length += part.value.length;
    parts.push(part.value);
    if (length > most) {
      await reader?.cancel();
      throw new TaborError("malformed", "directory", "an authority answered with too much");
    }
  }
  if (!response.ok) await reader?.cancel();
  return concat(...parts);
}

function unreachable(why: string): TaborError {
  return new TaborError("unreachable", "directory", why);
}
