import { type Clock, concat, TaborError, toTaborError } from "@tabor/onion-core";
import { within } from "./deadline.ts";

export interface FetchDeps {
  readonly fetch: typeof globalThis.fetch;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What a directory serves at a path: no more than `most` bytes, without credentials, redirects or caches.
 * @param what for people: "tabor.json". @throws unreachable, malformed, timeout.
 */
export async function fetchBytes(
  url: URL,
  { what, most, deadline }: { readonly what: string; readonly most: number; readonly deadline: number },
  { fetch, clock, signal }: FetchDeps,
): Promise<Uint8Array> {
  const giveUp = new AbortController();
  const work = load(url, { what, most }, { fetch, signal: giveUp.signal });
  try {
    return await within(work, { clock, ms: deadline, where: "directory", what, signal });
  } catch (error) {
    throw toTaborError(error, "directory", `fetching ${what}`);
  } finally {
    giveUp.abort();
  }
}

async function load(
  url: URL,
  { what, most }: { what: string; most: number },
  { fetch, signal }: { fetch: typeof globalThis.fetch; signal: AbortSignal },
): Promise<Uint8Array> {
  const response = await reach(() =>
    fetch(url, {
      signal,
      redirect: "error",
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
    }),
  );
  if (!response.ok) throw new TaborError("unreachable", "directory", `${what}: status ${response.status}`);
  return reach(() => readBody(response, what, most));
}

/** Reads no more than is allowed, whatever length the server claims. */
async function readBody(response: Response, what: string, most: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const part = await reader?.read();
    if (part?.value === undefined) return concat(...parts);
    parts.push(part.value);
    length += part.value.length;
    if (length > most) throw new TaborError("malformed", "directory", `${what} is too long`);
  }
}

async function reach<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (cause) {
    if (cause instanceof TaborError) throw cause;
    throw new TaborError("unreachable", "directory", "the directory cannot be reached", { cause });
  }
}
