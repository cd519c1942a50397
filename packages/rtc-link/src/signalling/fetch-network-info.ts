import { TaborError } from "@tabor/onion-core";
import {
  MAX_NETWORK_INFO_LENGTH,
  NETWORK_INFO_PATH,
  type NetworkInfo,
  parseNetworkInfo,
} from "@tabor/signal-protocol";
import { fetchBytes, type FetchDeps } from "./fetch-bytes.ts";

const TABOR_JSON = { what: "tabor.json", most: MAX_NETWORK_INFO_LENGTH, deadline: 10_000 };

/**
 * Asks a directory whom to trust (SPEC §9.1): for first contact, when nobody has told better.
 * @param url the directory's origin. @throws unreachable, malformed, timeout.
 */
export async function fetchNetworkInfo(url: string, deps: FetchDeps): Promise<NetworkInfo> {
  return parseNetworkInfo(decode(await fetchBytes(new URL(NETWORK_INFO_PATH, url), TABOR_JSON, deps)));
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new TaborError("malformed", "directory", "tabor.json is not UTF-8", { cause });
  }
}
