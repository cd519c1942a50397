import { randomBytes, TaborError, type Random } from "@tabor/onion-core";
import { firstPartySite } from "../../fetching/first-party.ts";
import type { TokenContent } from "../../view/tokens.ts";
import { frameLabelsOf } from "../../view/frame-labels.ts";
import { isTopUse } from "../../view/uses.ts";
import type { HeldForm } from "../tab.ts";
import { Label } from "./label.ts";

export interface LabelsInit {
  /** "https://view.example.org": labels stand before it. */
  readonly viewOrigin: string;
  readonly random: Random;
  readonly cookiesFor: (firstParty: string, url: URL) => string;
  /** The site for which this tab may be shown plain `http:`. */
  readonly insecureSite: (tab: number) => string | undefined;
  /** Resolves once frames may ask this origin of the view for pages. @throws unreachable. */
  readonly prepare: (viewOrigin: string) => Promise<void>;
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
  /** The labels for frames in a label's pages, by origin. */
  readonly #frames = new Map<Label, Map<string, Label>>();

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
    const origin = this.#origin(tab, url, firstParty);
    const known = this.#byOrigin.get(origin);
    if (known !== undefined) return known;
    const viewOrigin = this.#init.viewOrigin.replace("://", `://${nameFrom(this.#init.random)}.`);
    const label = this.#make({ viewOrigin, firstParty, origin });
    this.#byOrigin.set(origin, label);
    return label;
  }

  /** The whole address at which a tab's frame is shown this. @throws resource-limit. */
  address(content: TokenContent): string {
    const firstParty = isTopUse(content.use) ? firstPartySite(content.url) : content.firstParty;
    return this.of(content.tab, content.url).address({ ...content, firstParty });
  }

  /** https comes first: the label is of what will answer. */
  #origin(tab: number, url: URL, firstParty: string): string {
    const isPlain = url.protocol === "http:" && this.#init.insecureSite(tab) === firstParty;
    const secured = new URL(url);
    if (!isPlain) secured.protocol = "https:";
    return secured.origin;
  }

  #make(made: { readonly viewOrigin: string; firstParty: string; origin: string; embedder?: Label }): Label {
    if (this.#byView.size >= MAX_LABELS)
      throw new TaborError("resource-limit", "here", "too many sites for one identity");
    const { random, cookiesFor } = this.#init;
    const label: Label = new Label({
      ...{ ...made, random },
      cookiesFor: (url) => cookiesFor(made.firstParty, url),
      elsewhere: (content, url, lead) => this.address({ ...content, url, lead }),
      framed: (content, url, form) => this.#framed(label, content, url, form),
    });
    this.#byView.set(label.viewOrigin, label);
    return label;
  }

  /** Where a frame in `from`'s documents is shown what is of another origin. */
  async #framed(
    from: Label,
    content: TokenContent,
    url: URL,
    form: HeldForm | undefined,
  ): Promise<string | undefined> {
    const { embedder } = from;
    const label = this.#frameLabel(embedder, this.#origin(content.tab, url, embedder.firstParty));
    if (label === undefined) return undefined;
    await this.#init.prepare(label.viewOrigin);
    for (const other of new Set([embedder, from])) {
      other.meet(label);
      label.meet(other);
    }
    const use = form === undefined ? "frame" : "frame-form";
    const lead = form === undefined ? 0 : label.holdForm(form);
    return label.address({ ...content, use, firstParty: embedder.firstParty, url, lead });
  }

  /** undefined: all that were set aside are taken. */
  #frameLabel(embedder: Label, origin: string): Label | undefined {
    const known = this.#frames.get(embedder) ?? new Map<string, Label>();
    this.#frames.set(embedder, known);
    const viewOrigin = frameLabelsOf(embedder.viewOrigin)[known.size];
    const label =
      known.get(origin) ??
      (viewOrigin === undefined
        ? undefined
        : this.#make({ viewOrigin, firstParty: embedder.firstParty, origin, embedder }));
    if (label !== undefined) known.set(origin, label);
    return label;
  }
}

function nameFrom(random: Random): string {
  return Array.from(randomBytes(random, NAME_LENGTH), (byte) => ALPHABET[byte % 32]).join("");
}
