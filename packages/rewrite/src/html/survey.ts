import { parseRefresh, type Refresh } from "./refresh.ts";
import { relationsIn } from "./relations.ts";
import { attribute, descendants, isElement, isHtml, textOf, type Document, type Element } from "./tree.ts";

/** What a document says of itself, as it wrote it. */
export interface Survey {
  /** Of the first `<base>` that has one. */
  readonly baseHref: string | undefined;
  readonly title: string;
  /** `<link>`s to icons. */
  readonly icons: readonly Element[];
  /** The first that says where to go. */
  readonly refresh: Refresh | undefined;
}

const TITLE_LENGTH = 300;
const MAX_ICONS = 16;

export function surveyOf(document: Document): Survey {
  let baseHref: string | undefined;
  let title: string | undefined;
  let refresh: Refresh | undefined;
  const icons: Element[] = [];
  for (const node of descendants(document)) {
    if (!isElement(node) || !isHtml(node)) continue;
    switch (node.tagName) {
      case "base":
        baseHref ??= attribute(node, "href");
        break;
      case "title":
        title ??= textOf(node, TITLE_LENGTH);
        break;
      case "meta":
        if (isRefresh(node)) refresh ??= parseRefresh(attribute(node, "content") ?? "");
        break;
      case "link":
        if (relationsOf(node).some((relation) => ICONS.has(relation))) icons.push(node);
        break;
      default:
    }
  }
  return { baseHref, title: title ?? "", refresh, icons: icons.slice(0, MAX_ICONS) };
}

const ICONS = new Set(["icon", "apple-touch-icon", "apple-touch-icon-precomposed"]);

/** Link types, in lower case. */
export function relationsOf(link: Element): readonly string[] {
  return relationsIn(attribute(link, "rel") ?? "");
}

export function isRefresh(meta: Element): boolean {
  return attribute(meta, "http-equiv")?.toLowerCase() === "refresh";
}
