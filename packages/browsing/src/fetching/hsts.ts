import type { Fields } from "@tabor/http";
import type { Clock } from "@tabor/onion-core";

/** Hosts of one first-party site; the oldest go first. */
const MAX_HOSTS = 500;
const MAX_AGE_S = 2 * 365 * 86_400;

interface Policy {
  readonly until: number;
  readonly includeSubDomains: boolean;
}

/**
 * HTTP Strict Transport Security (RFC 6797), in memory. One for each first-party site: a policy that held everywhere would
 * let sites write down who has been where.
 */
export class StrictTransport {
  readonly #clock: Clock;
  readonly #hosts = new Map<string, Policy>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes the policy of an answer that came over https with a good certificate. */
  note(url: URL, fields: Fields): void {
    const host = url.hostname;
    if (url.protocol !== "https:" || isAddress(host)) return;
    const policy = parsePolicy(fields.first("strict-transport-security") ?? "");
    if (policy === undefined) return;
    this.#hosts.delete(host);
    if (policy.maxAge === 0) return;
    const until = this.#clock.now() + Math.min(policy.maxAge, MAX_AGE_S) * 1000;
    this.#hosts.set(host, { until, includeSubDomains: policy.includeSubDomains });
    const [oldest] = this.#hosts.keys();
    if (this.#hosts.size > MAX_HOSTS && oldest !== undefined) this.#hosts.delete(oldest);
  }

  /** Whether plain `http:` to `url` is forbidden (RFC 6797 §8.2). */
  requires(url: URL): boolean {
    const now = this.#clock.now();
    const labels = url.hostname.split(".");
    return labels.some((_, index) => {
      const policy = this.#hosts.get(labels.slice(index).join("."));
      return policy !== undefined && policy.until > now && (index === 0 || policy.includeSubDomains);
    });
  }
}

/** RFC 6797 §6.1: directives in any order, each at most once, unknown ones ignored. */
function parsePolicy(
  value: string,
): { readonly maxAge: number; readonly includeSubDomains: boolean } | undefined {
  const directives = new Map<string, string>();
  for (const directive of value.split(";")) {
    const [name = "", argument = ""] = directive.split("=", 2).map((part) => part.trim());
    if (name === "") continue;
    if (directives.has(name.toLowerCase())) return undefined;
    directives.set(name.toLowerCase(), argument);
  }
  const match = /^"?([0-9]{1,12})"?$/.exec(directives.get("max-age") ?? "");
  if (match === null) return undefined;
  return { maxAge: Number(match[1]), includeSubDomains: directives.has("includesubdomains") };
}

function isAddress(host: string): boolean {
  return host.startsWith("[") || /^[0-9.]+$/.test(host);
}
