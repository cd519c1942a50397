import { WHAT_SCRIPTS_MAY } from "../address.ts";
import { MAX_EMBEDDING } from "../bounds.ts";
import { rewriteDocument, type HtmlLevel } from "../html/rewrite-html.ts";
import { StandardOutcomes } from "./outcome.ts";

/** The page as it is, with its scripts, but for its addresses. The view's headers keep it in, so nothing is checked here. */
export const STANDARD: HtmlLevel = standardLevel(0);

function standardLevel(embedding: number): HtmlLevel {
  return {
    scripting: true,
    comments: true,
    refreshes: true,
    data: WHAT_SCRIPTS_MAY,
    outcomes: (addresses, rewriting) =>
      new StandardOutcomes(addresses, rewriting, (srcdoc) =>
        embedding >= MAX_EMBEDDING
          ? undefined
          : rewriteDocument(srcdoc, { ...rewriting, base: addresses.base }, standardLevel(embedding + 1))
              .html,
      ),
    check: () => undefined,
  };
}
