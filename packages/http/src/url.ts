/** `URL.parse` for platforms that lack it (Node 20): undefined for what is no URL. */
export function parseUrl(text: string, base?: URL): URL | undefined {
  return URL.canParse(text, base) ? new URL(text, base) : undefined;
}
