import { aessiv } from "@noble/ciphers/aes.js";
import {
  base64UrlToBytes,
  bytesToBase64Url,
  randomBytes,
  Reader,
  Writer,
  type Random,
} from "@tabor/onion-core";
import { attempt, parseHttpUrl } from "./http-url.ts";
import { VIEW_USES, type ViewUse } from "./uses.ts";

/** What an address of the view stands for. */
export interface TokenContent {
  /** Of this session's tabs. */
  readonly tab: number;
  readonly use: ViewUse;
  /** First-party site of whoever asks; for a document of the address bar, of the document itself. */
  readonly firstParty: string;
  /** The document or sheet that names the address; undefined: the address bar. */
  readonly initiator: URL | undefined;
  /** The redirects that led here, first address first. */
  readonly via: readonly URL[];
  /** `http:` or `https:`, without user name, password and fragment. */
  readonly url: URL;
  /** 0: a page names it. Else the app has the tab's frame shown it (`EngineEvent` "lead"), and it is the tab's lead of this number. */
  readonly lead: number;
}

/** Longer addresses than browsers and servers take are not minted. */
const MAX_TOKEN_LENGTH = 32_768;
/** Lengths are rounded up to this, so that the length of an address says little. */
const PADDING = 48;
const KEY_LENGTH = 64;
const VERSION = 2;

/**
 * Turns what an address stands for into text that says nothing to who does not have the key, and back. AES-256-SIV
 * (RFC 5297): the same content always gives the same token, and a token that was changed in any way is none.
 */
export class Tokens {
  readonly #key: Uint8Array;

  /** With a key of its own: tokens of another instance mean nothing to this one. */
  constructor(random: Random) {
    this.#key = randomBytes(random, KEY_LENGTH);
  }

  /** undefined: the address is too long. */
  seal(content: TokenContent): string | undefined {
    const plain = encode(content);
    return plain === undefined ? undefined : bytesToBase64Url(aessiv(this.#key).encrypt(plain));
  }

  /** undefined: not a token of ours, or changed. */
  open(token: string): TokenContent | undefined {
    if (token.length > MAX_TOKEN_LENGTH) return undefined;
    return attempt(() => decode(aessiv(this.#key).decrypt(base64UrlToBytes(token))));
  }
}

function encode({ tab, use, firstParty, initiator, via, url, lead }: TokenContent): Uint8Array | undefined {
  const writer = new Writer().u8(VERSION).u32(tab).u32(lead).u8(VIEW_USES.indexOf(use)).u8(via.length);
  const texts = [firstParty, initiator?.href ?? "", ...via.map(({ href }) => href), url.href];
  const length = texts.reduce((sum, text) => sum + text.length + 2, 0);
  if (length > MAX_TOKEN_LENGTH / 2) return undefined;
  for (const text of texts) writer.u16(text.length).ascii(text);
  const plain = writer.finish();
  const padded = new Uint8Array(Math.ceil(plain.length / PADDING) * PADDING);
  padded.set(plain);
  return padded;
}

/** @throws malformed for whatever `encode` would not have made. */
function decode(plain: Uint8Array): TokenContent {
  const reader = new Reader(plain, "token");
  if (reader.u8() !== VERSION) throw reader.malformed("version");
  const tab = reader.u32();
  const lead = reader.u32();
  const use = VIEW_USES[reader.u8()];
  if (use === undefined) throw reader.malformed("use");
  const redirects = reader.u8();
  const text = (): string => reader.ascii(reader.u16());
  const url = (): URL => parseHttpUrl(text());
  const firstParty = text();
  const initiator = text();
  const via = Array.from({ length: redirects }, url);
  const target = url();
  reader.zeros();
  return {
    tab,
    use,
    firstParty,
    initiator: initiator === "" ? undefined : parseHttpUrl(initiator),
    via,
    url: target,
    lead,
  };
}
