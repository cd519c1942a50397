import { TaborError, type Cancel, type Clock } from "@tabor/onion-core";
import type { EngineEvent, NavigationId, SecurityLevel, TabId } from "../api.ts";
import type { ViewRequest } from "./view-answer.ts";

/** One load of a document in a tab. */
export interface Navigation {
  readonly id: NavigationId;
  readonly url: URL;
  /** Ends when something else is loaded in its place, and with the tab. */
  readonly ending: AbortController;
  readonly parts: PartCounts;
}

/** What a form of a page sends, kept until the tab's frame asks for what comes of it. */
export interface HeldForm {
  readonly fields: ViewRequest["fields"];
  readonly body: Uint8Array;
}

interface PartCounts {
  asked: number;
  loaded: number;
  failed: number;
  bytes: number;
}

export interface TabInit {
  readonly id: TabId;
  /** Of this session. */
  readonly number: number;
  readonly level: SecurityLevel;
  readonly clock: Clock;
  readonly nextNavigation: () => NavigationId;
  readonly emit: (event: EngineEvent) => void;
}

/** How often a person is told of a page's parts, in milliseconds. */
const PARTS_EVERY = 100;

/** What the engine knows of a tab: what it shows, and what it is loading in its place. */
export class Tab {
  readonly id: TabId;
  readonly number: number;
  readonly level: SecurityLevel;
  /** The site for which the person allows plain `http:`, until another is shown. */
  insecureSite: string | undefined;
  readonly #init: TabInit;
  #shown: Navigation | undefined;
  #pending: Navigation | undefined;
  #cancelReport: Cancel | undefined;
  /** Typed addresses are all of number 1. */
  #lastLead = 1;
  #held: { readonly lead: number; readonly form: HeldForm } | undefined;

  constructor(init: TabInit) {
    ({ id: this.id, number: this.number, level: this.level } = init);
    this.#init = init;
  }

  /** What the tab's page belongs to. */
  get shown(): Navigation | undefined {
    return this.#shown;
  }

  /** A document is asked for: what was asked for before it no longer matters. */
  begin(url: URL, traversed: boolean): Navigation {
    this.#end(this.#pending, superseded());
    const parts = { asked: 0, loaded: 0, failed: 0, bytes: 0 };
    const navigation = { id: this.#init.nextNavigation(), url, ending: new AbortController(), parts };
    this.#pending = navigation;
    this.#init.emit({ type: "started", tab: this.id, navigation: navigation.id, url: url.href, traversed });
    return navigation;
  }

  /** The page leads on, perhaps with a form. @returns the number of what it leads to, which replaces what it led to before. */
  lead(form: HeldForm | undefined): number {
    const lead = ++this.#lastLead;
    this.#held = form === undefined ? undefined : { lead, form };
    return lead;
  }

  /** The form of a lead, if it has one and it has not been taken. */
  takeForm(lead: number): HeldForm | undefined {
    const held = this.#held;
    if (held?.lead !== lead) return undefined;
    this.#held = undefined;
    return held.form;
  }

  holdsForm(lead: number): boolean {
    return this.#held?.lead === lead;
  }

  /** A redirect wants the form sent once more (Fetch §4.4, statuses 307 and 308). */
  keepForm(lead: number, form: HeldForm): void {
    if (lead === this.#lastLead) this.#held = { lead, form };
  }

  /** The document is shown from now on: what the last one still loads is not wanted. */
  commit(navigation: Navigation, site: string | undefined): void {
    this.#end(this.#shown, superseded());
    if (this.#pending === navigation) this.#pending = undefined;
    this.#shown = navigation;
    if (this.insecureSite !== site) this.insecureSite = undefined;
  }

  /** Nothing came of it. */
  drop(navigation: Navigation): void {
    if (this.#pending === navigation) this.#pending = undefined;
  }

  /** Ends what is being loaded: the next page, and the parts of the one that is shown. */
  stop(): void {
    const stopped = new TaborError("aborted", "here", "stopped by you");
    this.#end(this.#pending, stopped);
    this.#pending = undefined;
    const shown = this.#shown;
    if (shown === undefined) return;
    this.#end(shown, stopped);
    this.#shown = { ...shown, ending: new AbortController() };
  }

  close(): void {
    const closed = new TaborError("aborted", "here", "the tab was closed");
    for (const navigation of [this.#pending, this.#shown]) this.#end(navigation, closed);
    this.#cancelReport?.();
  }

  /** Counts parts of the page; `change` is added. */
  count(navigation: Navigation, change: Partial<PartCounts>): void {
    const { parts } = navigation;
    for (const key of ["asked", "loaded", "failed", "bytes"] as const) parts[key] += change[key] ?? 0;
    this.#cancelReport ??= this.#init.clock.after(PARTS_EVERY, () => {
      this.#cancelReport = undefined;
      const latest = this.#shown;
      if (latest === undefined) return;
      this.#init.emit({ type: "resources", tab: this.id, navigation: latest.id, ...latest.parts });
    });
  }

  #end(navigation: Navigation | undefined, reason: TaborError): void {
    navigation?.ending.abort(reason);
  }
}

function superseded(): TaborError {
  return new TaborError("aborted", "here", "something else was opened");
}
