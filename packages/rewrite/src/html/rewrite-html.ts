import type { RewrittenHtml, Rewriting } from "../api.ts";
import { addressesOf, type Addresses, type DataUrls } from "../address.ts";
import { iconsOf } from "./icons.ts";
import { parseHtml } from "./parse.ts";
import { surveyOf, type Survey } from "./survey.ts";
import type { Element } from "./tree.ts";
import { writeHtml, type Outcome } from "./write.ts";

/** What a security level makes of a page. */
export interface HtmlLevel {
  /** Whether scripts run where the page will be shown; parsing depends on it. */
  readonly scripting: boolean;
  readonly comments: boolean;
  /** Whether the page goes on by itself, as its `<meta http-equiv=refresh>` says. */
  readonly refreshes: boolean;
  readonly data: DataUrls;
  readonly outcomes: (
    addresses: Addresses,
    rewriting: Rewriting,
  ) => { readonly outcome: (element: Element) => Outcome };
  /** @throws TaborError if what was written must not be shown. */
  readonly check: (html: string, addresses: Addresses) => void;
}

const CHARSET = '<meta charset="utf-8">';

export function rewriteDocument(text: string, rewriting: Rewriting, level: HtmlLevel): RewrittenHtml {
  const parsed = parseHtml(text, { scripting: level.scripting });
  const survey = surveyOf(parsed.document);
  const addresses = addressesOf(rewriting, { data: level.data, base: baseOf(survey, rewriting.base) });
  const outcomes = level.outcomes(addresses, rewriting);
  const written = writeHtml(parsed.document, {
    outcome: (element) => outcomes.outcome(element),
    comments: level.comments,
    scripting: level.scripting,
    preamble: CHARSET + (rewriting.head ?? ""),
  });
  level.check(written.html, addresses);
  return {
    html: written.html,
    title: survey.title,
    icons: iconsOf(survey.icons, addresses),
    refresh: level.refreshes ? undefined : refreshOf(survey, addresses),
    cut: parsed.cut || written.cut,
  };
}

/** HTML §2.4.3: relative to the document's own address; one that is no web address is as if it were not there. */
function baseOf({ baseHref }: Survey, documentUrl: URL): URL | undefined {
  if (baseHref === undefined || !URL.canParse(baseHref, documentUrl.href)) return undefined;
  const base = new URL(baseHref, documentUrl);
  return base.protocol === "http:" || base.protocol === "https:" ? base : undefined;
}

function refreshOf({ refresh }: Survey, addresses: Addresses): RewrittenHtml["refresh"] {
  const url = refresh === undefined ? undefined : addresses.resolve(refresh.address);
  return refresh === undefined || url === undefined ? undefined : { url, seconds: refresh.seconds };
}
