import { randomBytes, TaborError, type Random } from "@tabor/onion-core";
import { firstPartySite } from "../../fetching/first-party.ts";
import type { TokenContent } from "../../view/tokens.ts";
import { isTopUse } from "../../view/uses.ts";
import { Label } from "./label.ts";

export interface LabelsInit {
  /** "https://view.example.org": labels stand before it. */
  readonly viewOrigin: string;
  readonly random: Random;
  readonly cookiesFor: (firstParty: string, url: URL) => string;
  /** The site for which this tab may be shown plain `http:`. */
  readonly insecureSite: (tab: number) => string | undefined;
}

/** More origins than a person visits; a page that leads from one to the next of its own without end gets no further. */
const MAX_LABELS = 2000;
/** 100 bits of randomness: nobody guesses a label, and names tell nothing of the site. */
const NAME_LENGTH = 20;
const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** The labels of one identity, made as they are needed. */
export class Labels {
  readonly #init: LabelsInit;
  readonly #byOrigin = new Map<string, Label>();
  readonly #byView = new Map<string, Label>();

  constructor(init: LabelsInit) {
    this.#init = init;
  }

  /** @param viewOrigin as a boot page came from. */
  at(viewOrigin: string): Label | undefined {
    return this.#byView.get(viewOrigin);
  }

  /** Where documents from there are shown in the address bar's own frame. @throws resource-limit. */
  of(tab: number, url: URL): Label {
    const firstParty = firstPartySite(url);
    // https comes first: the label is of what will answer.
    const isPlain = url.protocol === "http:" && this.#init.insecureSite(tab) === firstParty;
    const secured = new URL(url);
    if (!isPlain) secured.protocol = "https:";
    const known = this.#byOrigin.get(secured.origin);
    return known ?? this.#make(firstParty, secured.origin);
  }

  /** The whole address at which a tab's frame is shown this. @throws resource-limit. */
  address(content: TokenContent): string {
    const firstParty = isTopUse(content.use) ? firstPartySite(content.url) : content.firstParty;
    return this.of(content.tab, content.url).address({ ...content, firstParty });
  }

  #make(firstParty: string, origin: string): Label {
    if (this.#byOrigin.size >= MAX_LABELS)
      throw new TaborError("resource-limit", "here", "too many sites for one identity");
    const { viewOrigin, random, cookiesFor } = this.#init;
    const label = new Label({
      viewOrigin: viewOrigin.replace("://", `://${nameFrom(random)}.`),
      ...{ firstParty, origin, random },
      cookiesFor: (url) => cookiesFor(firstParty, url),
      elsewhere: (content, url, lead) => this.address({ ...content, url, lead }),
    });
    this.#byOrigin.set(origin, label);
    this.#byView.set(label.viewOrigin, label);
    return label;
  }
}

function nameFrom(random: Random): string {
  return Array.from(randomBytes(random, NAME_LENGTH), (byte) => ALPHABET[byte % 32]).join("");
}
