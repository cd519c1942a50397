import type { Addresses } from "../address.ts";
import { rewriteCssText, type CssRules } from "../css/rewrite-css.ts";
import { addressKind, rewriteAddress } from "../html/address-attributes.ts";
import type { WrittenAttribute } from "../html/write.ts";

/** An attribute of an element of any of the namespaces that browsers know. */
export interface ReadAttribute {
  /** With its prefix, if it has one. */
  readonly name: string;
  readonly value: string;
}

export type Namespace = "html" | "svg" | "math" | "other";

/** Those that load, report or send by other ways than an address that can be minted, or would keep the minted one from loading. */
const DROPPED_ATTRIBUTES = new Set(
  `allow archive attributionsrc browsingtopics classid codebase credentialless crossorigin csp data dynsrc fetchpriority
  formtarget integrity longdesc lowsrc manifest nonce ping policy privatetoken profile referrerpolicy sharedstoragewritable
  srcdoc sandbox xml:base`.split(/\s+/),
);

/** Rewrites the attributes of an element at Standard: all stay but those that are dropped, or have an address that is refused. */
export class StandardAttributes {
  readonly css: CssRules;
  readonly #addresses: Addresses;
  readonly #documentUrl: URL;

  constructor(addresses: Addresses, documentUrl: URL) {
    this.#addresses = addresses;
    this.#documentUrl = documentUrl;
    this.css = { address: addresses.rewrite, fonts: true, references: true };
  }

  rewrite(namespace: Namespace, element: string, attributes: readonly ReadAttribute[]): WrittenAttribute[] {
    const written: WrittenAttribute[] = [];
    const isSaved = savesWhatIsAsked(element, attributes);
    for (const { name, value } of attributes) {
      if (isSaved && name.toLowerCase() === "download") continue;
      const rewritten = this.#value({ namespace, element, name: name.toLowerCase() }, value);
      if (rewritten !== undefined) written.push([name, rewritten]);
    }
    return written;
  }

  #value(place: Place, value: string): string | undefined {
    const { element, name } = place;
    // Elements of scripts' own making have `data` too; only that of <object> loads.
    const isDropped = DROPPED_ATTRIBUTES.has(name) && (name !== "data" || element === "object");
    switch (place.namespace) {
      case "html":
        return isDropped ? undefined : this.#htmlValue(place, value);
      case "svg":
      case "math":
        return isDropped ? undefined : this.#foreignValue(place, value);
      case "other":
        // A vocabulary that browsers do not know; but links they do.
        return name === "xlink:href" ? this.#reference(place, value) : value;
    }
  }

  #htmlValue({ element, name }: Place, value: string): string | undefined {
    // The sandbox forbids what is above the page, where sites mean their own page; what opens windows is for the hooks.
    if (name === "target" && /^_(?:top|parent)$/i.test(value)) return undefined;
    if (name === "style") return rewriteCssText(value, this.css);
    const kind = addressKind(element, name);
    return kind === undefined ? value : rewriteAddress(value, kind, this.#addresses, this.#documentUrl);
  }

  #foreignValue(place: Place, value: string): string | undefined {
    if (place.name === "href" || place.name === "xlink:href") return this.#reference(place, value);
    return place.name === "style" || mayHoldUrl(value) ? rewriteCssText(value, this.css) : value;
  }

  /** In SVG, `<a>` leads somewhere and all others show what they refer to, mostly a part of the same document. */
  #reference({ namespace, element }: Place, value: string): string | undefined {
    if (element !== "a" && value.trim().startsWith("#")) return value.trim();
    if (element === "a" || namespace !== "svg") return this.#addresses.rewrite(value, "document");
    return this.#addresses.rewrite(value, element === "script" ? "script" : "image");
  }
}

interface Place {
  readonly namespace: Namespace;
  readonly element: string;
  readonly name: string;
}

/**
 * Whether a link may have the browser save what it leads to: what the page made itself. All else the browser would ask for past the service
 * worker; the engine offers it for saving where it must.
 */
export function savesOwn(href: string | undefined): boolean {
  return href !== undefined && /^\s*(?:blob|data):/i.test(href);
}

function savesWhatIsAsked(element: string, attributes: readonly ReadAttribute[]): boolean {
  if (element !== "a" && element !== "area") return false;
  return attributes.some(({ name, value }) => /^(?:xlink:)?href$/i.test(name) && !savesOwn(value));
}

/** `fill="url(#a)"` and its like; a backslash might hide one. */
function mayHoldUrl(value: string): boolean {
  return /url\s*\(|src\s*\(|image|\\/i.test(value);
}
