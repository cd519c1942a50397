import { RASTER_ONLY } from "../address.ts";
import type { HtmlLevel } from "../html/rewrite-html.ts";
import { SafestOutcomes } from "./outcome.ts";
import { assertSafe } from "./verify.ts";

/** No scripts, no drawings, no fonts of the site: an allow-list, checked once more on what was written. */
export const SAFEST: HtmlLevel = {
  scripting: false,
  comments: false,
  refreshes: false,
  data: RASTER_ONLY,
  outcomes: (addresses, rewriting) => new SafestOutcomes(addresses, rewriting),
  check: (html, { written }) => {
    assertSafe(html, written);
  },
};
