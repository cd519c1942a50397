import { aessiv } from "@noble/ciphers/aes.js";
import { base64UrlToBytes, bytesToBase64Url, Reader, Writer } from "@tabor/onion-core";
import type { UrlUse } from "@tabor/rewrite";
import { attempt, parseHttpUrl } from "../view/http-url.ts";
import { PAGE_TOKEN_PATH } from "./config.ts";

/** `fetch`: whatever a script asks for itself. `worker`: the script that a worker begins with, to be served with `workerPrelude`. */
export type PageUse = UrlUse | "fetch" | "worker";

/** What an address stands for that a page minted for itself. It acts for itself alone: of who asks it says only which document. */
export interface PageTokenContent {
  /** `HookConfig.page`. */
  readonly page: number;
  readonly use: PageUse;
  /** `http:` or `https:`, without user name, password and fragment. */
  readonly url: string;
}

/** Their order is part of tokens. */
const USES = [
  ...(["document", "frame", "form", "image", "media", "track", "style", "font", "script"] as const),
  ...(["fetch", "worker"] as const),
] satisfies readonly PageUse[];

const MAX_TOKEN_LENGTH = 32_768;
/** Lengths are rounded up to this, so that the length of an address says little. */
const PADDING = 48;
const VERSION = 1;

/**
 * The path in the label's origin at which the page gets what `content` says; the fragment is for the caller. Without encryption the web
 * server would read it where there is no service worker. AES-256-SIV (RFC 5297): the same content always gives the same path.
 * @param key `HookConfig.key`.
 * @returns undefined: the address is too long.
 */
export function mintInPage(key: string, { page, use, url }: PageTokenContent): string | undefined {
  if (url.length > MAX_TOKEN_LENGTH / 2) return undefined;
  const plain = new Writer().u8(VERSION).u32(page).u8(USES.indexOf(use)).u16(url.length).ascii(url).finish();
  const padded = new Uint8Array(Math.ceil(plain.length / PADDING) * PADDING);
  padded.set(plain);
  return PAGE_TOKEN_PATH + bytesToBase64Url(aessiv(base64UrlToBytes(key)).encrypt(padded));
}

/**
 * What a token stands for, the path without `PAGE_TOKEN_PATH`. Any script of the label can have made it.
 * @returns undefined: not minted under this key, or changed.
 */
export function openMinted(key: string, token: string): PageTokenContent | undefined {
  if (token.length > MAX_TOKEN_LENGTH) return undefined;
  return attempt(() => decode(aessiv(base64UrlToBytes(key)).decrypt(base64UrlToBytes(token))));
}

/** @throws malformed for whatever `mintInPage` would not have made. */
function decode(plain: Uint8Array): PageTokenContent {
  const reader = new Reader(plain, "page token");
  if (reader.u8() !== VERSION) throw reader.malformed("version");
  const page = reader.u32();
  const use = USES[reader.u8()];
  if (use === undefined) throw reader.malformed("use");
  const url = parseHttpUrl(reader.ascii(reader.u16())).href;
  reader.zeros();
  return { page, use, url };
}
