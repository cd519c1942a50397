import type { Clock } from "@tabor/onion-core";
import { Cookie, CookieJar } from "tough-cookie";

/** RFC 6265bis §5.2: which cookies a request may carry by their SameSite attribute. */
export type SameSiteContext = "strict" | "lax" | "none";

/** Name and value together (RFC 6265bis §5.6, step 6); longer ones are dropped. */
const MAX_COOKIE_LENGTH = 4096;
/** Cookies of one jar. Browsers keep about as many for one site; those used least lately go first. */
const MAX_COOKIES = 400;
/** Of the Cookie field; servers refuse less. */
const MAX_FIELD_LENGTH = 32_768;
/** RFC 6265bis §5.5: 400 days. */
const MAX_LIFE_MS = 400 * 86_400_000;

/** The cookies of one first-party site, in memory (RFC 6265bis). What a site sets wrongly is dropped without a word. */
export class SiteCookies {
  readonly #clock: Clock;
  readonly #jar = new CookieJar(undefined, {
    rejectPublicSuffixes: true,
    prefixSecurity: "strict",
    // An exit's "localhost" is not ours, and plain http to it is as readable as any other.
    allowSecureOnLocal: false,
  });

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The value of the Cookie field for a request; undefined: none. */
  fieldFor(url: URL, context: SameSiteContext): string | undefined {
    const cookies = this.#matching(url, { sameSiteContext: context, sort: true });
    let field = "";
    for (const cookie of cookies) {
      const next = field === "" ? cookie.cookieString() : `${field}; ${cookie.cookieString()}`;
      if (next.length > MAX_FIELD_LENGTH) break;
      field = next;
    }
    return field === "" ? undefined : field;
  }

  /** Takes the Set-Cookie fields of an answer. */
  store(url: URL, values: readonly string[], context: SameSiteContext): void {
    for (const value of values) this.#storeOne(url, value, context);
    this.#evict();
  }

  /** As `document.cookie` gives them: without those that are `HttpOnly` (RFC 6265bis §5.8.2). */
  forScripts(url: URL): string {
    return this.#matching(url, { sameSiteContext: "strict", sort: true, http: false })
      .map((cookie) => cookie.cookieString())
      .join("; ");
  }

  /** Takes what a script assigns; it can neither make nor replace one that is `HttpOnly`. */
  storeOfScript(url: URL, value: string): void {
    this.#storeOne(url, value, "strict", false);
    this.#evict();
  }

  #storeOne(url: URL, value: string, sameSiteContext: SameSiteContext, http = true): void {
    if (value.length > 2 * MAX_COOKIE_LENGTH) return;
    const cookie = Cookie.parse(value);
    if (cookie === undefined || !isAcceptable(cookie) || this.#wouldHideSecure(url, cookie)) return;
    const now = this.#clock.now();
    limitLife(cookie, now);
    this.#jar.setCookieSync(cookie, url, { sameSiteContext, http, ignoreError: true, now: new Date(now) });
  }

  /** RFC 6265bis §5.7, step 8: whoever can write plain http must not replace what https has set. */
  #wouldHideSecure(url: URL, { key }: Cookie): boolean {
    if (url.protocol === "https:") return false;
    const secured = new URL(url);
    secured.protocol = "https:";
    return this.#matching(secured, { allPaths: true }).some((old) => old.secure && old.key === key);
  }

  #matching(url: URL, options: NonNullable<Parameters<CookieJar["getCookiesSync"]>[1]>): Cookie[] {
    const now = this.#clock.now();
    // By our clock, not by the machine's.
    return this.#jar
      .getCookiesSync(url, { ...options, expire: false })
      .filter((cookie) => (cookie.expiryTime() ?? Infinity) > now);
  }

  #evict(): void {
    const cookies = this.#jar.serializeSync()?.cookies ?? [];
    if (cookies.length <= MAX_COOKIES) return;
    const byUse = cookies
      .map((cookie) => Cookie.fromJSON(cookie))
      .filter((cookie) => cookie !== undefined)
      .sort((a, b) => lastUse(a) - lastUse(b));
    for (const { domain, path, key } of byUse.slice(0, cookies.length - MAX_COOKIES)) {
      void this.#jar.store.removeCookie(domain, path, key);
    }
  }
}

function isAcceptable({ key, value, sameSite, secure }: Cookie): boolean {
  if (key.length + value.length > MAX_COOKIE_LENGTH) return false;
  // Prefixes count in whatever case they are written (RFC 6265bis §5.7, step 20): some servers do not tell them apart.
  if (/^__(?:secure|host)-/i.test(key) && !/^__(?:Secure|Host)-/.test(key)) return false;
  return sameSite !== "none" || secure;
}

/** Makes the end absolute: tough-cookie counts Max-Age from the last use. */
function limitLife(cookie: Cookie, now: number): void {
  const end = cookie.expiryTime(new Date(now));
  cookie.maxAge = null;
  if (end === undefined || end === Infinity) return;
  cookie.expires = new Date(Math.max(0, Math.min(end, now + MAX_LIFE_MS)));
}

function lastUse({ lastAccessed }: Cookie): number {
  return lastAccessed instanceof Date ? lastAccessed.getTime() : 0;
}
