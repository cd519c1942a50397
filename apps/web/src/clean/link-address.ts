/** Where a link of a cleaned page leads, for the app to follow. There is no `href`: the browser itself cannot. */
export const LINK_ATTRIBUTE = "data-tabor-href";

const MAX_URL_LENGTH = 8192;

/** The address that `text` means on a page whose base is `base`, if the app can show such addresses. */
export function followable(text: string, base: URL): URL | undefined {
  const trimmed = text.trim();
  if (trimmed.length > MAX_URL_LENGTH || !URL.canParse(trimmed, base.href)) return undefined;
  const url = new URL(trimmed, base);
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  url.username = "";
  url.password = "";
  return url;
}
