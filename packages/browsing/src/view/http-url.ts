import { TaborError } from "@tabor/onion-core";

/** @throws malformed unless `text` is the one way to write an `http:` or `https:` address without credentials and fragment. */
export function parseHttpUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.href !== text || !isHttp(url) || !isBare(url)) {
    throw new TaborError("malformed", "here", "not an address of the web");
  }
  return url;
}

export function isHttp({ protocol }: URL): boolean {
  return protocol === "http:" || protocol === "https:";
}

function isBare({ username, password, hash, href }: URL): boolean {
  return username === "" && password === "" && hash === "" && !href.endsWith("#");
}

/** The address that a server is asked for: without user name, password and fragment. */
export function bareUrl(url: URL): URL {
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  bare.hash = "";
  return bare;
}

/** What `read` makes of bytes from outside; undefined if it throws, whatever it throws. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
