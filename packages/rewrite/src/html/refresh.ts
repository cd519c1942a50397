export interface Refresh {
  readonly seconds: number;
  readonly address: string;
}

/** HTML §4.2.5.3, "shared declarative refresh steps"; undefined if it is none, or of the page itself. */
export function parseRefresh(content: string): Refresh | undefined {
  const match = /^\s*(?:(\d{1,9})|(?=\.))[\d.]*(?:\s*[;,]|\s)\s*(?:url\s*=\s*)?(.*)$/is.exec(
    content.slice(0, 4096),
  );
  if (match === null) return undefined;
  const [, seconds = "0", rest = ""] = match;
  const quote = rest.charAt(0);
  const address = quote === '"' || quote === "'" ? rest.slice(1).split(quote)[0] : rest;
  return address?.trim() ? { seconds: Number(seconds), address } : undefined;
}
