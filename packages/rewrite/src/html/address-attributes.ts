import type { Addresses } from "../address.ts";
import type { UrlUse } from "../api.ts";
import { rewriteSrcset } from "../srcset.ts";

/** What kind of addresses an attribute holds. */
export type AddressKind = UrlUse | "srcset";

const BACKGROUND = { background: "image" } as const;

/** The attributes of HTML's elements that browsers ask for, or send to, by themselves or at a click. `<link>`, `<meta>` and `<base>` apart. */
const ADDRESSES: Readonly<Record<string, Readonly<Record<string, AddressKind>>>> = {
  a: { href: "document" },
  area: { href: "document" },
  audio: { src: "media" },
  body: BACKGROUND,
  button: { formaction: "form" },
  form: { action: "form" },
  frame: { src: "frame" },
  iframe: { src: "frame" },
  img: { src: "image", srcset: "srcset" },
  input: { formaction: "form", src: "image" },
  script: { src: "script" },
  source: { src: "media", srcset: "srcset" },
  table: BACKGROUND,
  tbody: BACKGROUND,
  td: BACKGROUND,
  tfoot: BACKGROUND,
  th: BACKGROUND,
  thead: BACKGROUND,
  tr: BACKGROUND,
  track: { src: "track" },
  video: { src: "media", poster: "image" },
};

const KINDS: ReadonlyMap<string, ReadonlyMap<string, AddressKind>> = new Map(
  Object.entries(ADDRESSES).map(([element, kinds]) => [element, new Map(Object.entries(kinds))]),
);

export function addressKind(element: string, attribute: string): AddressKind | undefined {
  return KINDS.get(element)?.get(attribute);
}

/**
 * The attribute's value for the view, or undefined where there is nothing to ask for.
 * @param documentUrl where a form goes whose address is empty (HTML §4.10.21.3); not its `<base>`.
 */
export function rewriteAddress(
  value: string,
  kind: AddressKind,
  addresses: Addresses,
  documentUrl: URL,
): string | undefined {
  if (kind === "srcset") return rewriteSrcset(value, (address) => addresses.rewrite(address, "image"));
  if (value.trim() !== "") return addresses.rewrite(value, kind);
  switch (kind) {
    case "form":
      return addresses.rewrite(documentUrl.href, kind);
    case "document":
      return addresses.rewrite("", kind);
    default:
      return undefined;
  }
}
