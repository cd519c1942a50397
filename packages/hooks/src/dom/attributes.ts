import type { HookContext } from "../context.ts";
import { prototypeOf } from "../context.ts";
import { isLink, type ElementFacts, type ElementRules } from "../markup/element-rules.ts";
import {
  attempt,
  getterOf,
  methodOf,
  ownMap,
  pinned,
  replaceAccessor,
  replaceMethod,
  text,
  type Getter,
  type Method,
} from "../wrap.ts";
import type { PageMarkup } from "./page-markup.ts";

const XLINK = "http://www.w3.org/1999/xlink";
const NAMESPACES: Readonly<Record<string, "html" | "svg" | "math">> = {
  "http://www.w3.org/1999/xhtml": "html",
  "http://www.w3.org/2000/svg": "svg",
  "http://www.w3.org/1998/Math/MathML": "math",
};

/** What a script gave an attribute, and what was made of it; `written` undefined: it was left out. */
interface Given {
  readonly shown: string;
  readonly written: string | undefined;
}

/**
 * Attributes of elements: what scripts set has an address of the view, and what they read is what they set. Also the way by which all
 * other hooks set an attribute.
 */
export class Attributes {
  readonly #context: HookContext;
  readonly #markup: PageMarkup;
  readonly #given = pinned(new WeakMap<object, Map<string, Given>>());
  readonly #set: (self: unknown, name: string, value: string) => undefined;
  readonly #get: (self: unknown, name: string) => string | null;
  readonly #remove: (self: unknown, name: string) => undefined;
  readonly #localName: (self: unknown) => string;
  readonly #namespace: (self: unknown) => string | null;
  readonly #isElement: (value: unknown) => value is Element;

  constructor(context: HookContext, markup: PageMarkup) {
    this.#context = context;
    this.#markup = markup;
    const element = prototypeOf(context.scope, "Element") ?? {};
    this.#set = methodOf(element, "setAttribute") as Method<undefined>;
    this.#get = methodOf(element, "getAttribute") as Method<string | null>;
    this.#remove = methodOf(element, "removeAttribute") as Method<undefined>;
    this.#localName = getterOf(element, "localName") as Getter<string>;
    this.#namespace = getterOf(element, "namespaceURI") as Getter<string | null>;
    this.#isElement = (value): value is Element =>
      attempt(() => typeof this.#localName(value) === "string", false);
  }

  install(): void {
    const { scope } = this.#context;
    const element = prototypeOf(scope, "Element");
    replaceMethod(element, "setAttribute", ({ self, args, native }) =>
      args.length < 2 || !this.#isElement(self)
        ? native()
        : this.#setAs(self, text(args[0]), text(args[1]), native),
    );
    replaceMethod(element, "setAttributeNS", ({ self, args, native }) => {
      const [namespace, name, value] = args;
      if (args.length < 3 || !this.#isElement(self)) return native();
      const key = namespace === XLINK ? "xlink:href" : text(name);
      return this.#setAs(self, key, text(value), (others) => native([namespace, name, others?.[1]]));
    });
    replaceMethod(element, "getAttribute", ({ self, args, native }) => this.#shown(self, args[0], native()));
    replaceMethod(element, "getAttributeNS", ({ self, args, native }) =>
      this.#shown(self, args[0] === XLINK ? "xlink:href" : args[1], native()),
    );
    replaceMethod(element, "removeAttribute", ({ self, args, native }) => {
      native();
      attempt(() => this.#given.get(self as object)?.delete(text(args[0]).toLowerCase()), false);
    });
    this.#installNodes();
  }

  /** As `setAttribute`, for the hooks of properties. */
  assign(element: Element, name: string, value: string): void {
    this.#setAs(element, name, value, (others) => this.#set(element, name, others?.[1] as string));
  }

  /** As `getAttribute`, for the hooks of properties. */
  read(element: unknown, name: string): string | null {
    return this.#shown(element, name, this.#get(element, name)) as string | null;
  }

  /** What a script set and the browser does not have. */
  leftOut(element: unknown, name: string): string | undefined {
    const given = this.#given.get(element as object)?.get(name);
    return given !== undefined && given.written === undefined ? given.shown : undefined;
  }

  /** Elements that came from another document, as it had them. */
  rewriteTree(root: Node): void {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT);
    const { rules } = this.#markup;
    for (let node: Node | null = root; node !== null; node = walker.nextNode()) {
      if (!this.#isElement(node)) continue;
      for (const { name, value } of [...node.attributes]) this.#settle(node, name, value, rules);
    }
  }

  /** A frame that came past all hooks, as what may be in it shows: then it is led anew to where it leads. */
  settleFrame(frame: Element): void {
    const sandbox = this.#get(frame, "sandbox");
    if (sandbox === null || isOfOrigin(sandbox)) return;
    for (const name of ["sandbox", "srcdoc", "src"]) {
      const value = this.#get(frame, name);
      if (value !== null) this.assign(frame, name, value);
    }
  }

  #settle(element: Element, name: string, value: string, rules: ElementRules): void {
    const written = attempt(() => rules.attribute(this.#facts(element), name, value), undefined);
    if (written === value) return;
    this.#remember(element, name, { shown: value, written });
    if (written === undefined) this.#remove(element, name);
    else this.#set(element, name, written);
  }

  #setAs(
    element: Element,
    name: string,
    value: string,
    native: (args?: readonly unknown[]) => unknown,
  ): unknown {
    const facts = this.#facts(element);
    const key = facts.namespace === "html" || name === "xlink:href" ? name.toLowerCase() : name;
    const written = attempt(() => this.#markup.rules.attribute(facts, key, value), value);
    if (written === value) this.#given.get(element)?.delete(key.toLowerCase());
    else this.#remember(element, key, { shown: value, written });
    if (written === undefined) this.#remove(element, name);
    else native([name, written]);
    if (facts.name === "link" && (key === "rel" || key === "as")) this.#renew(element);
    if (isLink(facts) && (key === "href" || key === "xlink:href")) this.#renewDownload(element);
    return undefined;
  }

  /** What a link is for decides what its address is minted for. */
  #renew(link: Element): void {
    const href = this.read(link, "href");
    if (href !== null && this.#get(link, "href")?.startsWith("/~") === true) this.assign(link, "href", href);
  }

  /** Where a link leads decides whether it may save. */
  #renewDownload(link: Element): void {
    const download = this.leftOut(link, "download") ?? this.#get(link, "download");
    if (download !== null) this.assign(link, "download", download);
  }

  #shown(element: unknown, name: unknown, value: unknown): unknown {
    return attempt(() => {
      const given = this.#given.get(element as object)?.get(text(name).toLowerCase());
      if (given !== undefined && (given.written ?? null) === value) return given.shown;
      return typeof value === "string" ? this.#context.addresses.restored(value) : value;
    }, value);
  }

  #remember(element: Element, name: string, given: Given): void {
    let all = this.#given.get(element);
    if (all === undefined) this.#given.set(element, (all = ownMap<string, Given>()));
    all.set(name.toLowerCase(), given);
  }

  #facts(element: Element): ElementFacts {
    return {
      name: this.#localName(element).toLowerCase(),
      namespace: NAMESPACES[this.#namespace(element) ?? ""] ?? "other",
      other: (name) => this.#get(element, name) ?? undefined,
    };
  }

  /** `Attr` objects, which few use. */
  #installNodes(): void {
    const { scope } = this.#context;
    const attr = prototypeOf(scope, "Attr");
    if (attr === undefined) return;
    const owner = getterOf(attr, "ownerElement") as Getter<Element | null>;
    const nameOf = getterOf(attr, "name") as Getter<string>;
    replaceAccessor(attr, "value", {
      get: (value, self) => this.#shown(owner(self), nameOf(self), value),
      set: (value, self) => {
        const element = owner(self);
        if (element === null) return { value };
        this.assign(element, nameOf(self), text(value));
        return false;
      },
    });
    for (const name of ["setAttributeNode", "setAttributeNodeNS"]) {
      replaceMethod(prototypeOf(scope, "Element"), name, ({ self, args, native }) => {
        const returned = native();
        attempt(
          () => this.assign(self as Element, nameOf(args[0]), this.#get(self, nameOf(args[0])) ?? ""),
          undefined,
        );
        return returned;
      });
    }
  }
}

/** As the sandboxes of all frames are that hooks or the rewriter have seen. */
function isOfOrigin(sandbox: string): boolean {
  return /(?:^|\s)allow-same-origin(?:\s|$)/i.test(sandbox);
}
