import type { HookContext } from "../context.ts";
import { prototypeOf, valueOf } from "../context.ts";
import {
  attempt,
  getterOf,
  mapArguments,
  mapReturned,
  replaceAccessor,
  setterOf,
  text,
  type Getter,
} from "../wrap.ts";
import type { Attributes } from "./attributes.ts";
import type { PageMarkup } from "./page-markup.ts";

type Arguments = readonly unknown[];

/**
 * Markup, and nodes of other documents, before they come into the page: once they are in, the browser has begun to load what they name,
 * and an observer would be too late.
 */
export class Insertion {
  readonly #scope: typeof globalThis;
  readonly #markup: PageMarkup;
  readonly #attributes: Attributes;
  readonly #localName: Getter<unknown>;
  readonly #ownerOf: Getter<unknown>;
  readonly #parentOf: Getter<unknown>;
  readonly #contentType: Getter<unknown>;
  readonly #setData: (self: unknown, value: unknown) => void;
  readonly #getData: Getter<unknown>;

  constructor({ scope }: HookContext, markup: PageMarkup, attributes: Attributes) {
    this.#scope = scope;
    this.#markup = markup;
    this.#attributes = attributes;
    this.#localName = this.#getter("Element", "localName");
    this.#ownerOf = this.#getter("Node", "ownerDocument");
    this.#parentOf = this.#getter("Node", "parentNode");
    this.#contentType = this.#getter("Document", "contentType");
    this.#getData = this.#getter("CharacterData", "data");
    this.#setData = setterOf(prototypeOf(scope, "CharacterData") ?? {}, "data");
  }

  install(): void {
    this.#installMarkup();
    this.#installTexts();
    this.#installNodes();
  }

  #getter(interface_: string, name: string): Getter<unknown> {
    return getterOf(prototypeOf(this.#scope, interface_) ?? {}, name);
  }

  #installMarkup(): void {
    const scope = this.#scope;
    const markup = this.#markup;
    for (const [interface_, property] of MARKUP_PROPERTIES)
      replaceAccessor(prototypeOf(scope, interface_), property, {
        get: (value) => markup.restored(text(value)),
        set: (value, self) => ({ value: this.#written(value, self) }),
      });
    for (const [interface_, method, at] of MARKUP_METHODS)
      mapArguments(prototypeOf(scope, interface_), method, (args) => this.#htmlAt(args, at));
    for (const method of ["write", "writeln"])
      mapArguments(prototypeOf(scope, "Document"), method, (args) => [markup.html(args.map(text).join(""))]);
    mapArguments(prototypeOf(scope, "DOMParser"), "parseFromString", (args) =>
      args[1] === "text/html" ? this.#htmlAt(args, 0) : args,
    );
    for (const method of ["parseHTMLUnsafe", "parseHTML"])
      mapArguments(valueOf(scope, "Document") as object, method, (args) => this.#htmlAt(args, 0));
    for (const [interface_, method] of READING_METHODS)
      mapReturned(prototypeOf(scope, interface_), method, (value) => markup.restored(text(value)));
  }

  #written(value: unknown, parent: unknown): string {
    const given = value === null ? "" : text(value);
    return this.#isStyle(parent) ? this.#markup.css(given) : this.#markup.html(given);
  }

  #htmlAt(args: Arguments, at: number): Arguments {
    return args.map((arg, index) => (index === at ? this.#markup.html(text(arg)) : arg));
  }

  /** The text of a `<style>`. */
  #installTexts(): void {
    for (const [interface_, property] of [
      ["Node", "textContent"],
      ["HTMLElement", "innerText"],
    ] as const)
      replaceAccessor(prototypeOf(this.#scope, interface_), property, {
        get: (value, self) =>
          typeof value === "string" && this.#isStyle(self) ? this.#markup.restored(value) : value,
        set: (value, self) => ({
          value: value !== null && this.#isStyle(self) ? this.#markup.css(text(value)) : value,
        }),
      });
  }

  #installNodes(): void {
    for (const [interface_, methods] of INSERTING)
      for (const method of methods)
        mapArguments(prototypeOf(this.#scope, interface_), method, (args, self) =>
          this.#allPrepared(args, self),
        );
    for (const interface_ of ["Element", "CharacterData", "DocumentType"])
      for (const method of ["before", "after", "replaceWith"])
        mapArguments(prototypeOf(this.#scope, interface_), method, (args, self) =>
          this.#allPrepared(args, this.#parentOf(self)),
        );
    mapReturned(prototypeOf(this.#scope, "Document"), "importNode", (copy, _self, [original]) => {
      if (this.#isForeign(original)) this.#attributes.rewriteTree(copy as Node);
      return copy;
    });
  }

  #allPrepared(args: Arguments, parent: unknown): Arguments {
    return args.map((arg) => this.#prepared(arg, parent));
  }

  /** A node, or a text that is to become one, as it may stand in `parent`. */
  #prepared(arg: unknown, parent: unknown): unknown {
    if (typeof arg === "string") return this.#isStyle(parent) ? this.#markup.css(arg) : arg;
    if (typeof arg !== "object" || arg === null) return arg;
    attempt(() => {
      if (this.#isStyle(parent) && this.#isText(arg))
        this.#setData(arg, this.#markup.css(text(this.#getData(arg))));
      else if (this.#isForeign(arg)) this.#attributes.rewriteTree(arg as Node);
    }, undefined);
    return arg;
  }

  #isStyle(value: unknown): boolean {
    return attempt(() => this.#localName(value) === "style", false);
  }

  #isText(value: object): boolean {
    return attempt(() => typeof this.#getData(value) === "string", false);
  }

  /** Of a document whose markup did not pass through here: of XML, or a response. What templates hold did. */
  #isForeign(value: unknown): boolean {
    const owner = attempt(() => this.#ownerOf(value), null);
    return owner !== null && owner !== this.#scope.document && this.#contentType(owner) !== "text/html";
  }
}

const MARKUP_PROPERTIES = [
  ["Element", "innerHTML"],
  ["Element", "outerHTML"],
  ["ShadowRoot", "innerHTML"],
] as const;

const MARKUP_METHODS = [
  ["Element", "insertAdjacentHTML", 1],
  ["Element", "setHTML", 0],
  ["Element", "setHTMLUnsafe", 0],
  ["ShadowRoot", "setHTML", 0],
  ["ShadowRoot", "setHTMLUnsafe", 0],
  ["Range", "createContextualFragment", 0],
] as const;

const READING_METHODS = [
  ["XMLSerializer", "serializeToString"],
  ["Element", "getHTML"],
  ["ShadowRoot", "getHTML"],
] as const;

const INSERTING = [
  ["Node", ["appendChild", "insertBefore", "replaceChild"]],
  ["Element", ["append", "prepend", "replaceChildren", "moveBefore", "insertAdjacentElement"]],
  ["Document", ["append", "prepend", "replaceChildren", "adoptNode"]],
  ["DocumentFragment", ["append", "prepend", "replaceChildren"]],
] as const;
