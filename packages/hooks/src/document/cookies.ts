/**
 * What scripts see of cookies after they set one, until the engine says it: the engine's jar decides, and later (RFC 6265bis §5.7).
 * Attributes other than those that take a cookie away or hide it change nothing here.
 * @param shown as `document.cookie` gives them. @param set as it was assigned. @param now milliseconds since 1970.
 */
export function afterSetting(shown: string, set: string, now: number): string {
  const [pair = "", ...attributes] = set.split(";");
  const equals = pair.indexOf("=");
  const name = pair.slice(0, Math.max(equals, 0)).trim();
  const value = pair.slice(equals + 1).trim();
  if ((name === "" && value === "") || pair.length > 4096 || hasControl(pair)) return shown;
  if (attributes.some((attribute) => attribute.trim().toLowerCase() === "httponly")) return shown;
  const others = shown === "" ? [] : shown.split("; ");
  const at = others.findIndex((other) => nameOf(other) === name);
  const kept = isPast(attributes, now) ? [] : [name === "" ? value : `${name}=${value}`];
  if (at < 0) return [...others, ...kept].join("; ");
  return [...others.slice(0, at), ...kept, ...others.slice(at + 1)].join("; ");
}

function nameOf(cookie: string): string {
  return cookie.slice(0, Math.max(cookie.indexOf("="), 0));
}

/** Max-Age goes before Expires, and of each the last (§5.6.2). */
function isPast(attributes: readonly string[], now: number): boolean {
  const maxAge = last(attributes, "max-age");
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return Number(maxAge) <= 0;
  const expires = last(attributes, "expires");
  return expires !== undefined && Date.parse(expires) <= now;
}

function last(attributes: readonly string[], wanted: string): string | undefined {
  return attributes
    .map((attribute) => attribute.split("="))
    .filter(([name = ""]) => name.trim().toLowerCase() === wanted)
    .map(([, ...value]) => value.join("=").trim())
    .at(-1);
}

function hasControl(text: string): boolean {
  return /[\0-\x08\x0a-\x1f\x7f]/.test(text);
}
