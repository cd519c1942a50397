const MAX_LENGTH = 253;
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i;

/**
 * Whether `host` is a name that a name service may be asked for: letters, digits, hyphens and underscores in labels of
 * at most 63 characters, perhaps with a dot at the end. A name whose last label is a number is refused, because
 * `getaddrinfo` would read it as an IPv4 address in one of its old spellings (WHATWG URL §3.5, "ends in a number").
 */
export function isHostName(host: string): boolean {
  const name = host.endsWith(".") ? host.slice(0, -1) : host;
  const labels = name.split(".");
  return (
    name.length <= MAX_LENGTH && labels.every((label) => LABEL.test(label)) && !isNumber(labels.at(-1) ?? "")
  );
}

function isNumber(label: string): boolean {
  return /^(?:[0-9]+|0x[0-9a-f]*)$/i.test(label);
}
