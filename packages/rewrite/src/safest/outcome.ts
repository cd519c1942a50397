import type { Rewriting } from "../api.ts";
import type { Addresses } from "../address.ts";
import { rewriteCssText, type CssRules } from "../css/rewrite-css.ts";
import { addressKind, rewriteAddress } from "../html/address-attributes.ts";
import { relationsOf } from "../html/survey.ts";
import { attribute, isElement, isHtml, ownText, parentName, textOf, type Element } from "../html/tree.ts";
import { DROPPED, UNWRAPPED, type Outcome, type WrittenAttribute } from "../html/write.ts";
import {
  DROPPED_ELEMENTS,
  isCustomElement,
  isKeptAttribute,
  KEPT_ELEMENTS,
  KEPT_META,
} from "./allow-list.ts";

/** What a frame within a page may do: as little as the page itself. `allow-same-origin` brings its requests to the service worker. */
export const FRAME_SANDBOX = "allow-same-origin allow-forms allow-downloads";

export function cssRules(addresses: Addresses): CssRules {
  return { address: addresses.rewrite, fonts: false, references: false };
}

/** What Safest makes of a page's elements. */
export class SafestOutcomes {
  readonly #addresses: Addresses;
  readonly #rewriting: Rewriting;
  readonly #css: CssRules;

  constructor(addresses: Addresses, rewriting: Rewriting) {
    this.#addresses = addresses;
    this.#rewriting = rewriting;
    this.#css = cssRules(addresses);
  }

  outcome(element: Element): Outcome {
    const name = element.tagName;
    if (!isHtml(element)) return { as: "text", text: foreignName(element) };
    if (DROPPED_ELEMENTS.has(name)) return DROPPED;
    switch (name) {
      case "object":
        return this.#object(element);
      case "xmp":
      case "listing":
      case "plaintext":
        return { as: "element", name: "pre", attributes: [], text: lineKept(ownText(element)) };
      case "style":
        return this.#style(element);
      case "link":
        return this.#stylesheetLink(element);
      case "meta":
        return this.#meta(element);
      case "iframe":
        return this.#iframe(element);
      case "source":
        return this.#source(element);
      default:
        return KEPT_ELEMENTS.has(name) || isCustomElement(name) ? this.#kept(element) : UNWRAPPED;
    }
  }

  #kept(element: Element): Outcome {
    const attributes = [...this.#attributes(element), ...this.#added(element)];
    return { as: "element", name: element.tagName, attributes };
  }

  #attributes(element: Element): WrittenAttribute[] {
    const written: WrittenAttribute[] = [];
    for (const { name, value, prefix } of element.attrs) {
      const kept = prefix ? undefined : this.#value(element.tagName, name, value);
      if (kept !== undefined) written.push([name, kept]);
    }
    return written;
  }

  #value(element: string, name: string, value: string): string | undefined {
    if (name === "style") return rewriteCssText(value, this.#css);
    const kind = addressKind(element, name);
    if (kind !== undefined) return rewriteAddress(value, kind, this.#addresses, this.#rewriting.base);
    return isKeptAttribute(element, name) ? value : undefined;
  }

  /** What the view says of its own. */
  #added(element: Element): readonly WrittenAttribute[] {
    switch (element.tagName) {
      case "html":
        // Some browsers send what is typed to be checked elsewhere.
        return [["spellcheck", "false"]];
      case "form":
        return this.#formAttributes(element);
      case "input":
      case "textarea":
      case "select":
        // Browsers keep what was typed, on disk and for all pages of an origin; the view's is that of every site.
        return [["autocomplete", "off"]];
      case "a":
        return contactTitle(element);
      default:
        return [];
    }
  }

  #formAttributes(form: Element): readonly WrittenAttribute[] {
    const { charset, base } = this.#rewriting;
    const added: WrittenAttribute[] = [["autocomplete", "off"]];
    if (charset !== undefined && attribute(form, "accept-charset") === undefined)
      added.push(["accept-charset", charset]);
    const action =
      attribute(form, "action") === undefined ? this.#addresses.rewrite(base.href, "form") : undefined;
    if (action !== undefined) added.push(["action", action]);
    return added;
  }

  #style(element: Element): Outcome {
    if (!isCss(element)) return DROPPED;
    const raw = rewriteCssText(ownText(element), this.#css);
    return { as: "element", name: "style", attributes: this.#attributes(element), raw };
  }

  /** Any other link loads, or looks up, what nobody sees: `rel="stylesheet preconnect"` does too. */
  #stylesheetLink(element: Element): Outcome {
    const relations = relationsOf(element);
    const isSheet = relations.includes("stylesheet") && !relations.includes("alternate");
    const href =
      isSheet && isCss(element) && attribute(element, "disabled") === undefined
        ? rewriteAddress(attribute(element, "href") ?? "", "style", this.#addresses, this.#rewriting.base)
        : undefined;
    if (href === undefined) return DROPPED;
    const attributes: WrittenAttribute[] = [
      ["rel", "stylesheet"],
      ["href", href],
      ...this.#attributes(element),
    ];
    return { as: "element", name: "link", attributes };
  }

  #meta(element: Element): Outcome {
    const name = attribute(element, "name")?.toLowerCase() ?? "";
    if (!KEPT_META.has(name)) return DROPPED;
    const content = attribute(element, "content") ?? "";
    return {
      as: "element",
      name: "meta",
      attributes: [
        ["name", name],
        ["content", content],
      ],
    };
  }

  #iframe(element: Element): Outcome {
    if (attribute(element, "srcdoc") !== undefined)
      return { as: "text", text: embedded(element, "its content is part of this page, and not shown") };
    const attributes = this.#attributes(element);
    if (!attributes.some(([name]) => name === "src")) return DROPPED;
    return {
      as: "element",
      name: "iframe",
      attributes: [...attributes, ["sandbox", FRAME_SANDBOX]],
      raw: "",
    };
  }

  /** Drawings would not be shown: the next source, or the image itself, may be. */
  #source(element: Element): Outcome {
    const type = attribute(element, "type")?.toLowerCase() ?? "";
    if (parentName(element) === "picture" && type.startsWith("image/svg")) return DROPPED;
    return this.#kept(element);
  }

  /** An image by another name is shown as one; what else there is in `<object>` is meant to stand for it. */
  #object(element: Element): Outcome {
    const type = attribute(element, "type")?.toLowerCase() ?? "";
    const data = attribute(element, "data") ?? "";
    const isImage = /^image\/(?!svg)/.test(type) || (type === "" && IMAGE_FILE.test(data));
    const src = isImage ? this.#addresses.rewrite(data, "image") : undefined;
    if (src !== undefined) {
      const attributes: WrittenAttribute[] = [["src", src]];
      for (const name of ["alt", "class", "height", "id", "title", "width"]) {
        const value = attribute(element, name);
        if (value !== undefined) attributes.push([name, value]);
      }
      return { as: "element", name: "img", attributes };
    }
    return element.childNodes.length > 0 ? UNWRAPPED : { as: "text", text: embedded(element, "not shown") };
  }
}

const IMAGE_FILE = /\.(?:png|jpe?g|gif|webp|avif|bmp)(?:$|[?#])/i;

function isCss(element: Element): boolean {
  const type = attribute(element, "type")?.trim().toLowerCase() ?? "";
  return type === "" || /^text\/css\s*(?:;|$)/.test(type);
}

/** The line feed that the parser will take away. */
function lineKept(text: string): string {
  return text.startsWith("\n") ? `\n${text}` : text;
}

function embedded(element: Element, why: string): string {
  const title = attribute(element, "title") ?? attribute(element, "aria-label") ?? "";
  return `[Embedded ${title === "" ? "content" : `“${title.slice(0, 200)}”`}: ${why}]`;
}

/** Mail and telephone are not the view's to open; that the link is one, and to whom, stays to be read. */
function contactTitle(element: Element): readonly WrittenAttribute[] {
  const href = attribute(element, "href")?.trim() ?? "";
  const isContact = /^(?:mailto|tel):/i.test(href) && attribute(element, "title") === undefined;
  return isContact ? [["title", href.slice(0, 200)]] : [];
}

/** SVG and MathML have parsing rules by which sanitizers are fooled, and SVG loads: only what they are called, or say, stays. */
function foreignName(element: Element): string {
  if (attribute(element, "aria-hidden") === "true") return "";
  const named = attribute(element, "alttext") ?? attribute(element, "aria-label");
  if (named !== undefined) return named;
  if (element.tagName === "math") return formula(element);
  const title = element.childNodes.find((child) => isElement(child) && child.tagName === "title");
  return title !== undefined && isElement(title) ? textOf(title, 200) : "";
}

function formula(math: Element): string {
  return textOf(math, 500);
}
