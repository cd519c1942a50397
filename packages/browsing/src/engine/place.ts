import type { UrlUse } from "@tabor/rewrite";
import type { SecurityLevel } from "../api.ts";
import type { TokenContent } from "../view/tokens.ts";
import type { ViewUse } from "../view/uses.ts";
import type { HeldForm } from "./tab.ts";
import type { ViewRequest } from "./view-answer.ts";

/** A document, sheet or frame that names addresses. */
export interface Asker {
  /** The number of its tab. */
  readonly tab: number;
  readonly url: URL;
  /** Where the view shows it, if asking there again gives the same; fragments then stay within the page. */
  readonly address: string | undefined;
  readonly firstParty: string;
  /** Whether it is in a frame of a page, and not a tab's page itself. */
  readonly isFrame: boolean;
}

/** Where documents and their parts are shown: at Safest the view's one origin, at Standard one of its own for each label. */
export interface Place {
  readonly level: SecurityLevel;
  /** For an address that `asker` names; the fragment is the caller's to add. */
  mint(asker: Asker, url: URL, use: UrlUse): string;
  /** Where a tab's frame is to be shown `url` as the tab's lead of this number: a whole address, perhaps of another place. */
  led(content: TokenContent, url: URL, lead: number): string;
  /** What a redirect of `request` leads to; the fragment is kept. undefined: it is to be shown elsewhere. */
  redirected(request: ViewRequest, url: URL, use: ViewUse): string | undefined;
  /**
   * The whole address at which a frame within a page is shown `url` that is not shown here, once it may be asked there; with the form that
   * is sent to it. undefined: nowhere. @throws unreachable.
   */
  framed(content: TokenContent, url: URL, form: HeldForm | undefined): Promise<string | undefined>;
  /** The origins in whose frame a document is, as far as they are known and it is to be asked whether it allows them. */
  ancestorsOf(content: TokenContent): readonly URL[];
  /** Whether documents from there may be shown here. */
  shows(url: URL): boolean;
  /** Markup that stands first in the head of a document. */
  headOf(asker: Asker, request: ViewRequest): string | undefined;
}
