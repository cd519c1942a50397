import type { HookContext } from "../context.ts";
import { prototypeOf } from "../context.ts";
import { ElementRules } from "../markup/element-rules.ts";
import { rewriteMarkup } from "../markup/rewrite-markup.ts";
import { getterOf, setterOf, type Getter } from "../wrap.ts";
import { embedded } from "./embedded.ts";

/** Markup and styles that scripts give the browser, as the view has them. */
export class PageMarkup {
  readonly #context: HookContext;
  readonly #decode: (raw: string) => string;

  constructor(context: HookContext) {
    this.#context = context;
    this.#decode = decoderOf(context.scope);
  }

  /** For now: a page may change its `<base>`. */
  get rules(): ElementRules {
    const { addresses, base } = this.#context;
    const rules: ElementRules = new ElementRules(
      addresses.at(base()),
      new URL(addresses.config.url),
      (srcdoc) => embedded(rewriteMarkup(srcdoc, rules, this.#decode), addresses.config),
    );
    return rules;
  }

  html(markup: string): string {
    return rewriteMarkup(markup, this.rules, this.#decode);
  }

  css(text: string): string {
    return this.rules.css(text);
  }

  /** What scripts shall read of markup and styles. */
  restored(text: string): string {
    return this.#context.addresses.restored(text);
  }
}

/** Character references as the browser itself reads them, in a document in which nothing loads. */
function decoderOf(scope: typeof globalThis): (raw: string) => string {
  const area = scope.document.implementation.createHTMLDocument("").createElement("textarea");
  const fill = setterOf(prototypeOf(scope, "Element") ?? {}, "innerHTML");
  const read = getterOf(prototypeOf(scope, "Node") ?? {}, "textContent") as Getter<string>;
  return (raw) => {
    // Not to be taken for an end tag, nor its first line feed for none.
    fill(area, `\n${raw.replaceAll("<", "&lt;")}`);
    return read(area);
  };
}
