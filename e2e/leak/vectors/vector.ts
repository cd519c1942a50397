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
  readonly kind: "markup" | "style" | "svg" | "header" | "script";
  /** What stands in the document, head and body in one. */
  readonly html: (canary: Canary) => string;
  /** Fields that the site sends along. */
  readonly headers?: (canary: Canary) => Readonly<Record<string, string>>;
  /** A person clicks `#go`. */
  readonly clicked?: true;
  /** It takes away the page around it, or cannot be told from others. */
  readonly alone?: true;
}

type Made = Readonly<Record<string, (canary: Canary) => string>>;

export function vectorsOf(kind: Vector["kind"], made: Made, rest: Partial<Vector> = {}): Vector[] {
  return Object.entries(made).map(([name, html]) => ({ name, kind, html, ...rest }));
}
