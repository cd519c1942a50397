import {
  frameSandbox,
  LOADING,
  parseRefresh,
  relationsIn,
  rewriteCssText,
  rewriteSrcset,
  savesOwn,
  StandardAttributes,
  useOfLink,
  type Addresses,
  type Namespace,
} from "@tabor/rewrite/in-page";

export type Attributes = readonly (readonly [name: string, value: string])[];

/** Attributes that lead nowhere, of most elements that pages make; a short way past all rules. */
const HARMLESS =
  /^(?:class|id|type|name|value|title|alt|role|d|width|height|viewbox|lang|dir|tabindex|(?:data|aria)-.*)$/;

/** What the rewriter makes of a page's elements at Standard (packages/rewrite), for those that scripts make. */
export class ElementRules {
  readonly #addresses: Addresses;
  readonly #attributes: StandardAttributes;
  readonly #embed: (srcdoc: string) => string;

  /** @param embed writes a document that stands within another's `srcdoc`. */
  constructor(addresses: Addresses, documentUrl: URL, embed: (srcdoc: string) => string) {
    this.#addresses = addresses;
    this.#attributes = new StandardAttributes(addresses, documentUrl);
    this.#embed = embed;
  }

  /** The attributes of an element that is written; undefined: it is left out. */
  element(namespace: Namespace, name: string, attributes: Attributes): Attributes | undefined {
    const other = (wanted: string): string | undefined => attributes.find(([key]) => key === wanted)?.[1];
    if (namespace === "html" && isLeftOut(name, other)) return undefined;
    return attributes.flatMap(([key, value]) => {
      const rewritten = this.attribute({ namespace, name, other }, key, value);
      return rewritten === undefined ? [] : [[key, rewritten] as const];
    });
  }

  /** One attribute; undefined: it is left out. */
  attribute(element: ElementFacts, key: string, value: string): string | undefined {
    if (HARMLESS.test(key)) return value;
    if (key === "style") return this.css(value);
    if (key === "download" && isLink(element)) return savesOwn(hrefOf(element)) ? value : undefined;
    return element.namespace === "html"
      ? this.#html(element, key, value)
      : this.#foreign(element, key, value);
  }

  css(text: string): string {
    return mayHoldAddress(text) ? rewriteCssText(text, this.#attributes.css) : text;
  }

  #html(element: ElementFacts, key: string, value: string): string | undefined {
    switch (`${element.name} ${key}`) {
      case "link href":
        return this.#link(element, value);
      case "link imagesrcset":
        return rewriteSrcset(value, (address) => this.#addresses.rewrite(address, "image"));
      case "meta content":
        return this.#metaContent(element, value);
      case "base href":
        return this.#base(value);
      case "iframe srcdoc":
        return this.#embed(value);
      case "iframe sandbox":
        return frameSandbox(value);
      case "embed src":
        return undefined;
      default:
        return this.#foreign(element, key, value);
    }
  }

  #foreign({ namespace, name }: ElementFacts, key: string, value: string): string | undefined {
    return this.#attributes.rewrite(namespace, name, [{ name: key, value }])[0]?.[1];
  }

  #link({ other }: ElementFacts, href: string): string | undefined {
    const relations = relationsIn(other("rel") ?? "");
    // A script may say later what the link is for, and its address is then written anew.
    const use = useOfLink(relations, other("as")?.toLowerCase() ?? "") ?? "document";
    return this.#addresses.rewrite(href, use);
  }

  #metaContent({ other }: ElementFacts, content: string): string | undefined {
    if (other("http-equiv")?.toLowerCase() !== "refresh") return content;
    const refresh = parseRefresh(content);
    const address = refresh && this.#addresses.rewrite(refresh.address, "document");
    return refresh === undefined || address === undefined ? undefined : `${refresh.seconds};url=${address}`;
  }

  #base(href: string): string | undefined {
    const url = this.#addresses.resolve(href);
    const written = url === undefined ? undefined : this.#addresses.rewrite(url.href, "document");
    return written?.startsWith("/~") === true ? undefined : written;
  }
}

export interface ElementFacts {
  readonly namespace: Namespace;
  /** In lower case. */
  readonly name: string;
  readonly other: (attribute: string) => string | undefined;
}

export function isLink({ name }: Pick<ElementFacts, "name">): boolean {
  return name === "a" || name === "area";
}

function hrefOf({ other }: ElementFacts): string | undefined {
  return other("href") ?? other("xlink:href");
}

/** What would only connect, look up or set a policy. */
function isLeftOut(name: string, other: (key: string) => string | undefined): boolean {
  if (name === "link") return !relationsIn(other("rel") ?? "").some((relation) => LOADING.has(relation));
  if (name !== "meta") return false;
  const equivalent = other("http-equiv")?.toLowerCase();
  return equivalent !== undefined && equivalent !== "refresh";
}

/** Short ways past the tokenizer; a backslash might hide anything. */
function mayHoldAddress(css: string): boolean {
  return /url|src\s*\(|image|import|\\/i.test(css);
}
