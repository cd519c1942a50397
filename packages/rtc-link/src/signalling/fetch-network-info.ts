import { type Clock, concat, TaborError, toTaborError } from "@tabor/onion-core";
import {
  MAX_NETWORK_INFO_LENGTH,
  NETWORK_INFO_PATH,
  type NetworkInfo,
  parseNetworkInfo,
} from "@tabor/signal-protocol";
import { within } from "./deadline.ts";

const DEADLINE = 10_000;

/**
 * Asks a directory whom to trust (SPEC §9.1): for first contact, when nobody has told better.
 * @param url the directory's origin. @throws unreachable, malformed, timeout.
 */
export async function fetchNetworkInfo(
  url: string,
  { fetch, clock, signal }: { fetch: typeof globalThis.fetch; clock: Clock; signal?: AbortSignal },
): Promise<NetworkInfo> {
  const giveUp = new AbortController();
  const work = load(new URL(NETWORK_INFO_PATH, url), fetch, giveUp.signal);
  try {
    return await within(work, { clock, ms: DEADLINE, where: "directory", what: "tabor.json", signal });
  } catch (error) {
    throw toTaborError(error, "directory", "fetching tabor.json");
  } finally {
    giveUp.abort();
  }
}

async function load(url: URL, fetch: typeof globalThis.fetch, signal: AbortSignal): Promise<NetworkInfo> {
  const response = await reach(() =>
    fetch(url, {
      signal,
      redirect: "error",
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
    }),
  );
  if (!response.ok) throw new TaborError("unreachable", "directory", `tabor.json: status ${response.status}`);
  return parseNetworkInfo(decode(await reach(() => readBody(response))));
}

/** Reads no more than is allowed, whatever length the server claims. */
async function readBody(response: Response): Promise<Uint8Array> {
  let body = new Uint8Array(0);
  const reader = response.body?.getReader();
  for (;;) {
    const part = await reader?.read();
    if (part?.value === undefined) return body;
    body = concat(body, part.value);
    if (body.length > MAX_NETWORK_INFO_LENGTH) {
      throw new TaborError("malformed", "directory", "tabor.json is too long");
    }
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new TaborError("malformed", "directory", "tabor.json is not UTF-8", { cause });
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
