import { TaborError } from "@tabor/onion-core";
import * as v from "valibot";

/** What the app asks of the boot page, on a port of its own. `frame` is the index of the tab's frame among the app's. */
export type AgentCommand =
  /** In the tab's page and the frames in it, as far as they are of the boot page's origin. */
  | (Ask & { readonly type: "find"; readonly query: string })
  /** One of the places found, counted from zero, or none of them, is the one that is looked at. */
  | (Target & { readonly type: "show"; readonly place?: number })
  | (Ask & { readonly type: "where" })
  /** Also for the next documents of this tab. */
  | (Target & { readonly type: "zoom"; readonly factor: number })
  | (Target & { readonly type: "scroll"; readonly x: number; readonly y: number })
  /** To another place in the same document; with its number sign, empty: none. */
  | (Target & { readonly type: "fragment"; readonly fragment: string })
  /** The tab shows a new document, or will at once. */
  | (Target & { readonly type: "attend" })
  /** Keys go to the document. */
  | (Target & { readonly type: "focus" })
  /** Whether the browser enforces `Connection-Allowlist`. */
  | { readonly type: "probe"; readonly id: number };

interface Target {
  readonly frame: number;
  readonly tab: string;
}

interface Ask extends Target {
  readonly id: number;
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1_000_000));
const id = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const tab = v.pipe(v.string(), v.maxLength(100));
const pixels = v.pipe(v.number(), v.finite());
const keyName = v.pipe(v.string(), v.maxLength(40));

const href = v.pipe(v.string(), v.maxLength(1 << 17));
const position = v.strictObject({ x: pixels, y: pixels });

const reportSchema = v.variant("type", [
  v.strictObject({ type: v.literal("probed"), id, enforced: v.boolean() }),
  /** The new document has come. */
  v.strictObject({ type: v.literal("attended"), tab }),
  v.strictObject({ type: v.literal("found"), id, count }),
  /** Without a position: there is no document. */
  v.strictObject({
    type: v.literal("scrolled"),
    id,
    position: v.optional(position),
  }),
  /** The document is shown from another place on; with its number sign. `from`: where it was scrolled to before. */
  v.strictObject({
    type: v.literal("fragment"),
    tab,
    fragment: v.pipe(v.string(), v.maxLength(1 << 16)),
    from: v.optional(position),
  }),
  /** Where the link leads that is pointed at or has the focus; empty: there is none. */
  v.strictObject({ type: v.literal("link"), tab, href }),
  /** The person wants a link in a tab of its own. */
  v.strictObject({ type: v.literal("open"), tab, href }),
  v.strictObject({
    type: v.literal("key"),
    tab,
    press: v.strictObject({
      key: keyName,
      code: keyName,
      altKey: v.boolean(),
      ctrlKey: v.boolean(),
      metaKey: v.boolean(),
      shiftKey: v.boolean(),
    }),
  }),
]);

/** What the boot page tells the app. */
export type AgentReport = v.InferOutput<typeof reportSchema>;

/** @throws malformed. */
export function parseAgentReport(message: unknown): AgentReport {
  const { success, output } = v.safeParse(reportSchema, message);
  if (!success) throw new TaborError("malformed", "here", "a message that makes no sense");
  return output;
}
