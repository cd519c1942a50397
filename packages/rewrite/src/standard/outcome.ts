import { html } from "parse5";
import type { Addresses } from "../address.ts";
import type { Rewriting } from "../api.ts";
import { rewriteCssText } from "../css/rewrite-css.ts";
import { rewriteAddress } from "../html/address-attributes.ts";
import { parseRefresh } from "../html/refresh.ts";
import { isRefresh, relationsOf } from "../html/survey.ts";
import { attribute, isHtml, isSvg, ownText, type Attribute, type Element } from "../html/tree.ts";
import { DROPPED, type Outcome, type WrittenAttribute } from "../html/write.ts";
import { rewriteImportMap } from "../import-map.ts";
import { rewriteImports } from "../module.ts";
import { rewriteSrcset } from "../srcset.ts";
import { StandardAttributes, type Namespace } from "./attributes.ts";
import { LOADING, useOfLink } from "./links.ts";
import { frameSandbox } from "./sandbox.ts";

/** Writes a document that stands within another's `srcdoc`. */
export type EmbeddedWriter = (srcdoc: string) => string | undefined;

/** What Standard makes of a page's elements: the page as it is, but for its addresses. */
export class StandardOutcomes {
  readonly #addresses: Addresses;
  readonly #rewriting: Rewriting;
  readonly #attributes: StandardAttributes;
  readonly #embed: EmbeddedWriter;

  constructor(addresses: Addresses, rewriting: Rewriting, embed: EmbeddedWriter) {
    this.#addresses = addresses;
    this.#rewriting = rewriting;
    this.#attributes = new StandardAttributes(addresses, rewriting.base);
    this.#embed = embed;
  }

  outcome(element: Element): Outcome {
    if (isHtml(element)) return this.#html(element);
    const name = element.tagName;
    if (isSvg(element) && name === "script") return this.#script(element);
    if (isSvg(element) && name === "style")
      return this.#element(element, { text: rewriteCssText(ownText(element), this.#attributes.css) });
    return isSvg(element) && animatesAddress(element) ? DROPPED : this.#element(element);
  }

  #html(element: Element): Outcome {
    switch (element.tagName) {
      case "base":
        return this.#base(element);
      case "meta":
        return this.#meta(element);
      case "link":
        return this.#link(element);
      case "script":
        return this.#script(element);
      case "style":
        return this.#element(element, { raw: rewriteCssText(ownText(element), this.#attributes.css) });
      case "iframe":
        return this.#iframe(element);
      case "form":
        return this.#form(element);
      case "embed":
      case "portal":
      case "fencedframe":
        return DROPPED;
      // Nothing can close it, and the end tags that we write would show.
      case "plaintext":
        return { as: "element", name: "pre", attributes: [], text: ownText(element) };
      default:
        return this.#element(element);
    }
  }

  #element(element: Element, content: { readonly raw?: string; readonly text?: string } = {}): Outcome {
    return { as: "element", name: element.tagName, attributes: this.#written(element), ...content };
  }

  #written(element: Element): WrittenAttribute[] {
    return this.#attributes.rewrite(
      namespaceOf(element),
      element.tagName,
      element.attrs.map((read) => ({ name: qualifiedName(read), value: read.value })),
    );
  }

  /** Routers of single-page apps read it; where its address is not the view's own path it has done its work. */
  #base(element: Element): Outcome {
    const href = attribute(element, "href");
    const url = href === undefined ? undefined : this.#addresses.resolve(href);
    if (url?.origin !== this.#rewriting.base.origin) return DROPPED;
    const path = url.pathname + url.search;
    const isPathKept = this.#rewriting.mint(url, "document") === path;
    return isPathKept ? { as: "element", name: "base", attributes: [["href", path]] } : DROPPED;
  }

  #meta(element: Element): Outcome {
    if (attribute(element, "charset") !== undefined) return DROPPED;
    if (isRefresh(element)) return this.#refresh(element);
    // A policy would forbid what was minted, or hints look up what was not.
    return attribute(element, "http-equiv") === undefined ? this.#element(element) : DROPPED;
  }

  #refresh(element: Element): Outcome {
    const refresh = parseRefresh(attribute(element, "content") ?? "");
    const address = refresh === undefined ? undefined : this.#addresses.rewrite(refresh.address, "document");
    if (refresh === undefined || address === undefined) return DROPPED;
    const content = `${refresh.seconds};url=${address}`;
    return {
      as: "element",
      name: "meta",
      attributes: [
        ["http-equiv", "refresh"],
        ["content", content],
      ],
    };
  }

  /** What looks up, connects or fetches ahead is left out, and so is what nothing is loaded for. */
  #link(element: Element): Outcome {
    const relations = relationsOf(element);
    const use = useOfLink(relations, attribute(element, "as")?.toLowerCase() ?? "");
    if (use === undefined) return DROPPED;
    const href = rewriteAddress(attribute(element, "href") ?? "", use, this.#addresses, this.#rewriting.base);
    const srcset = attribute(element, "imagesrcset");
    const images =
      srcset === undefined
        ? undefined
        : rewriteSrcset(srcset, (address) => this.#addresses.rewrite(address, "image"));
    const rest = this.#written(element).filter(([name]) => !LINK_ATTRIBUTES.has(name));
    const rel = relations.filter((relation) => LOADING.has(relation)).join(" ");
    const attributes: WrittenAttribute[] = [["rel", rel], ...rest];
    if (href !== undefined) attributes.push(["href", href]);
    if (images !== undefined) attributes.push(["imagesrcset", images]);
    return href === undefined && images === undefined ? DROPPED : { as: "element", name: "link", attributes };
  }

  #script(element: Element): Outcome {
    const type = attribute(element, "type")?.trim().toLowerCase() ?? "";
    const text = ownText(element);
    switch (type) {
      case "speculationrules":
        return DROPPED;
      case "importmap":
        return this.#element(element, { raw: rewriteImportMap(text, this.#addresses) });
      default: {
        const script = isScript(type) ? rewriteImports(text, this.#addresses) : text;
        return this.#element(element, isHtml(element) ? { raw: script } : { text: script });
      }
    }
  }

  #iframe(element: Element): Outcome {
    const attributes = this.#written(element);
    const srcdoc = attribute(element, "srcdoc");
    const embedded = srcdoc === undefined ? undefined : this.#embed(srcdoc);
    if (embedded !== undefined) attributes.push(["srcdoc", embedded]);
    attributes.push(["sandbox", frameSandbox(attribute(element, "sandbox"))]);
    return { as: "element", name: "iframe", attributes, raw: "" };
  }

  #form(element: Element): Outcome {
    const { charset, base } = this.#rewriting;
    const attributes = this.#written(element).filter(([name]) => name !== "autocomplete");
    // Browsers keep what was typed for all pages of an origin.
    attributes.push(["autocomplete", "off"]);
    if (charset !== undefined && attribute(element, "accept-charset") === undefined)
      attributes.push(["accept-charset", charset]);
    const action =
      attribute(element, "action") === undefined ? this.#addresses.rewrite(base.href, "form") : undefined;
    if (action !== undefined) attributes.push(["action", action]);
    return { as: "element", name: "form", attributes };
  }
}

const LINK_ATTRIBUTES = new Set(["rel", "href", "imagesrcset"]);
/** JavaScript of either kind; other types are data (HTML §4.12.1). */
function isScript(type: string): boolean {
  return type === "" || type === "module" || /^(?:text|application)\/(?:x-)?(?:java|ecma)script/.test(type);
}

/** An animation that changes where something comes from, or leads. */
function animatesAddress(element: Element): boolean {
  return /href$/i.test(attribute(element, "attributeName")?.trim() ?? "");
}

function qualifiedName({ prefix, name }: Attribute): string {
  return prefix ? `${prefix}:${name}` : name;
}

function namespaceOf(element: Element): Namespace {
  switch (element.namespaceURI) {
    case html.NS.HTML:
      return "html";
    case html.NS.SVG:
      return "svg";
    case html.NS.MATHML:
      return "math";
    default:
      return "other";
  }
}
