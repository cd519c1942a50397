import { ExitPolicy, parseIpAddress, PolicySummary, type FetchOrigin } from "@tabor/onion-core";

/** Names that mean the machine itself, or the network that it is in (RFC 6761, 6762, 8375; ICANN's "internal"). */
const PRIVATE_NAME =
  /(?:^|\.)(?:localhost|local|localdomain|internal|intranet|lan|home|corp|home\.arpa|onion|test|invalid)$/;

export interface FetchPolicyInit {
  /** The volunteer's rules in Tor's syntax, before the default (SPEC §8.3). */
  readonly rules: string;
  /** Of the app. */
  readonly location: { readonly protocol: string; readonly hostname: string };
}

/** What this tab fetches for others (SPEC §7.5). A browser tells no address: of names the port is all that rules can speak of. */
export class FetchPolicy {
  /** The ports, for the descriptor. */
  readonly summary: string;
  readonly #policy: ExitPolicy;
  readonly #init: FetchPolicyInit;

  /** @throws usage, with a sentence for the volunteer. */
  constructor(init: FetchPolicyInit) {
    // Browsers let no page that came by https fetch plain http.
    const mixed = init.location.protocol === "https:" ? ["reject *:80"] : [];
    this.#init = init;
    this.#policy = ExitPolicy.ofExit([init.rules.trim(), ...mixed].filter((rule) => rule !== "").join(","));
    this.summary = this.#policy.summary(4);
  }

  allows({ scheme, host, port }: FetchOrigin): boolean {
    if (scheme === "http" && this.#init.location.protocol === "https:") return false;
    const name = host.toLowerCase();
    if (!isAsBrowsersReadIt(name) || this.#isOurs(name)) return false;
    const address = parseIpAddress(name);
    if (address !== undefined) return this.#policy.allows(address, port);
    return name.includes(".") && !PRIVATE_NAME.test(name) && PolicySummary.parse(this.summary).allows(port);
  }

  /** The app, the view, and all else of their site. */
  #isOurs(name: string): boolean {
    const site = this.#init.location.hostname.replace(/^app\./, "");
    return name === site || name.endsWith(`.${site}`);
  }
}

/** Browsers take `0x7f.1`, `127.1` or a dot at the end for something else than it looks. */
function isAsBrowsersReadIt(name: string): boolean {
  const host = name.includes(":") ? `[${name}]` : name;
  if (name.endsWith(".") || !URL.canParse(`http://${host}`)) return false;
  return new URL(`http://${host}`).hostname === host;
}
