import type { Fields } from "@tabor/http";
import type { FetchUse } from "./api.ts";
import {
  isNavigation,
  isTopLevel,
  modeOf,
  originField,
  referrer,
  siteRelation,
  type Initiation,
} from "./initiation.ts";

/**
 * What every request looks like, whoever asks: values and order are those of Firefox ESR 153 (as it sends them over HTTP/1.1)
 * with Tor Browser's language and platform, but for `zstd`. It does not vary with this browser, machine or person.
 */
export const USER_AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:153.0) Gecko/20100101 Firefox/153.0";

const DOCUMENT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const MEDIA = "video/webm,video/ogg,video/*;q=0.9,application/ogg;q=0.7,audio/*;q=0.6,*/*;q=0.5";

interface UseFields {
  readonly accept: string;
  /** Sec-Fetch-Dest */
  readonly dest: string;
  /** RFC 9218 */
  readonly priority: string | undefined;
}

const BY_USE: Readonly<Record<FetchUse, UseFields>> = {
  document: { accept: DOCUMENT, dest: "document", priority: "u=0, i" },
  form: { accept: DOCUMENT, dest: "document", priority: "u=0, i" },
  frame: { accept: DOCUMENT, dest: "iframe", priority: "u=4" },
  image: {
    accept: "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5",
    dest: "image",
    priority: "u=5, i",
  },
  media: { accept: MEDIA, dest: "video", priority: "u=4" },
  track: { accept: "*/*", dest: "track", priority: "u=4" },
  style: { accept: "text/css,*/*;q=0.1", dest: "style", priority: "u=2" },
  font: {
    accept: "application/font-woff2;q=1.0,application/font-woff;q=0.9,*/*;q=0.8",
    dest: "font",
    priority: undefined,
  },
  script: { accept: "*/*", dest: "script", priority: "u=2" },
  fetch: { accept: "*/*", dest: "empty", priority: "u=4" },
};

/** Fetch §2.2.2, "forbidden request-header": what a page may not say for itself, and what we say for it. */
const OURS =
  /^(?:accept-(?:charset|encoding|language)|access-control-.*|connection|content-length|cookie2?|date|dnt|expect|host|if-(?:modified-since|none-match|range)|keep-alive|origin|permissions-policy|priority|proxy-.*|range|referer|sec-.*|te|trailer|transfer-encoding|upgrade(?:-insecure-requests)?|user-agent|via|x-(?:http-method|http-method-override|method-override)|accept|content-type)$/;

export interface FieldsExtra {
  /** What the page's request brings along. */
  readonly given: Fields | undefined;
  readonly cookie: string | undefined;
  /** Whether whatever is stored on the way is to be passed over. */
  readonly reload: boolean;
  /** Of a stored answer that is to be validated, or a body that is to be resumed. */
  readonly conditions: readonly (readonly [name: string, value: string])[];
}

type Line = readonly [name: string, value: string];

/** All fields of a request, in order. */
export function requestFields(request: Initiation, extra: FieldsExtra): Line[] {
  const { use, url } = request;
  const given = (name: string): string | undefined => extra.given?.first(name);
  const range = given("range");
  const { accept, priority } = BY_USE[use];
  const lines: (readonly [string, string | undefined])[] = [
    ["Host", url.host],
    ["User-Agent", USER_AGENT],
    ["Accept", use === "fetch" ? (given("accept") ?? accept) : accept],
    ["Accept-Language", "en-US,en;q=0.5"],
    ["Range", range],
    ["Accept-Encoding", range === undefined ? codings(url) : "identity"],
    ["Content-Type", given("content-type")],
    ["Origin", originField(request)],
    ...(use === "fetch" ? ofScript(extra.given) : []),
    ...(request.method === "OPTIONS" ? ofPreflight(extra.given) : []),
    ["Connection", "keep-alive"],
    ["Referer", referrer(request)],
    ["Cookie", extra.cookie],
    ["Upgrade-Insecure-Requests", isNavigation(use) ? "1" : undefined],
    ...metadata(request),
    ...extra.conditions,
    ["Priority", priority],
    ...(extra.reload
      ? ([
          ["Pragma", "no-cache"],
          ["Cache-Control", "no-cache"],
        ] as const)
      : []),
  ];
  return lines.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}

/**
 * As browsers do, no brotli over plain http: boxes on the way have broken it. No `zstd`, which Firefox offers: of the decoders that
 * a page can have, fzstd allocates the window that a frame asks for, up to 2 GiB where HTTP allows 8 MiB (RFC 9659 §3), and makes
 * 128 KiB of each 4 bytes without a pause. A site could fill the browser's memory.
 */
function codings(url: URL): string {
  return url.protocol === "https:" ? "gzip, deflate, br" : "gzip, deflate";
}

/** Fetch Metadata §2: to trustworthy addresses alone. */
function metadata(request: Initiation): (readonly [string, string | undefined])[] {
  if (request.url.protocol !== "https:") return [];
  return [
    ["Sec-Fetch-Dest", BY_USE[request.use].dest],
    ["Sec-Fetch-Mode", modeOf(request)],
    ["Sec-Fetch-Site", siteRelation(request)],
    ["Sec-Fetch-User", isTopLevel(request.use) ? "?1" : undefined],
  ];
}

/** Fetch §4.9: what is asked for before the request itself. */
function ofPreflight(given: Fields | undefined): Line[] {
  return [...(given ?? [])].filter(([name]) => /^access-control-request-(?:method|headers)$/.test(name));
}

/** What a script adds by itself. */
function ofScript(given: Fields | undefined): Line[] {
  return [...(given ?? [])].filter(([name]) => !OURS.test(name));
}
