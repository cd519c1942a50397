/** Where a vector tries to reach: a name and an address that no other vector uses. */
export interface Canary {
  readonly host: string;
  /** An IPv4 address, for what needs no name. */
  readonly address: string;
  /** An IPv6 address, with its brackets. */
  readonly address6: string;
  /** `http:`, at a port that nobody else has. */
  readonly url: string;
  /** `https:`. */
  readonly secure: string;
}

/** One way by which a page could make the browser talk around the circuit. */
export interface Vector {
  /** A label of a host name. */
  readonly name: string;
  /** `document`: what is no page of HTML is the engine's to understand; it is not tried where the harness stands in for the engine. */
  readonly kind: "markup" | "style" | "svg" | "header" | "script" | "document";
  /** What stands in the document, head and body in one; where there is a `type`, all of it. */
  readonly html: (canary: Canary) => string;
  /** Fields that the site sends along. */
  readonly headers?: (canary: Canary) => Readonly<Record<string, string>>;
  /** The document's Content-Type, for others than HTML that we say is UTF-8. */
  readonly type?: string;
  /** The answer's status, if not 200. */
  readonly status?: number;
  /** A person clicks `#go`. */
  readonly clicked?: true;
  /** What the person holds down meanwhile: for a new tab, a new window, a download. */
  readonly held?: "Control" | "Shift" | "Alt";
  /** It takes away the page around it, or cannot be told from others. */
  readonly alone?: true;
}

type Made = Readonly<Record<string, (canary: Canary) => string>>;

export function vectorsOf(kind: Vector["kind"], made: Made, rest: Partial<Vector> = {}): Vector[] {
  return Object.entries(made).map(([name, html]) => ({ name, kind, html, ...rest }));
}
