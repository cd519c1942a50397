import type { Download, DownloadId, Engine, SecurityLevel, TabId } from "@tabor/browsing";
import type { Readable } from "../services/store.ts";
import type { ViewAgent, ViewEvent } from "../services/view-agent.ts";
import { isOver, listed } from "./downloads.ts";
import { ownUrl, type OwnPage } from "./own-page.ts";
import { SessionStore, type SessionState } from "./session-store.ts";
import { closed, opened, reordered } from "./tab-list.ts";
import { emptyTab, pageUrl, tabTitle, type Tab } from "./tab.ts";
import { Travel } from "./travel.ts";
import { suggest, type Suggestion } from "./visits.ts";
import { zoomAfter, type ZoomChange } from "./zoom.ts";

export interface SessionDeps {
  readonly engine: Engine;
  readonly view: ViewAgent;
}

/** What a person does in the browser between two new identities: tabs, and what they were led to. In memory only. */
export class Session {
  readonly travel: Travel;
  readonly #engine: Engine;
  readonly #view: ViewAgent;
  readonly #store: SessionStore;
  #tabs = 0;

  constructor({ engine, view }: SessionDeps) {
    this.#engine = engine;
    this.#view = view;
    this.#store = new SessionStore(this.#fresh());
    this.travel = new Travel({ engine, view, store: this.#store });
    engine.subscribe((event) => {
      if (event.type === "download") this.#followDownload(event.download);
      else if (event.type === "not-forgotten") this.#store.change({ notForgotten: true });
      else if (event.type === "open") this.#openBeside(event.tab, event.url);
      else this.travel.follow(event);
    });
    view.subscribe((event) => {
      void this.#followPage(event);
    });
  }

  get state(): Readable<SessionState> {
    return this.#store;
  }

  /** The tab that is shown. */
  get tab(): Tab {
    return this.#store.tab;
  }

  /** Opens a tab beside the one shown, and shows it. */
  newTab(page: OwnPage = "start"): void {
    const tab = this.#open("safest");
    this.#store.change(opened(this.#store.value, tab));
    if (page !== "start") this.travel.open(ownUrl(page));
  }

  /** Shows a page of the app: where it is open already, else in this tab if it is empty, else in one of its own. */
  showOwn(page: OwnPage): void {
    const { tabs } = this.#store.value;
    const there = tabs.find((tab) => pageUrl(tab) === ownUrl(page));
    if (there !== undefined) this.activate(there.id);
    else if (pageUrl(this.tab) === ownUrl("start") && this.tab.load === undefined)
      this.travel.open(ownUrl(page));
    else this.newTab(page);
  }

  /** Closes a tab; after the last one there is a new one. */
  closeTab(id: TabId): void {
    this.#engine.closeTab(id);
    const rest = closed(this.#store.value, id);
    this.#store.change(rest ?? opened({ tabs: [], active: id }, this.#open("safest")));
  }

  activate(id: TabId): void {
    if (this.#store.find(id) !== undefined) this.#store.change({ active: id });
  }

  /** Shows the tab that many places further, round and round. */
  step(by: number): void {
    const { tabs } = this.#store.value;
    const at = tabs.findIndex(({ id }) => id === this.tab.id) + by;
    const next = tabs[(at + tabs.length) % tabs.length];
    if (next !== undefined) this.activate(next.id);
  }

  /** Moves a tab that many places in the row; it stops at the ends. */
  move(id: TabId, by: number): void {
    this.#store.change({ tabs: reordered(this.#store.value.tabs, id, by) });
  }

  /** Scripts or none, for this tab: the page is asked for anew, as nothing of the other level may stay. */
  setLevel(level: SecurityLevel): void {
    const before = this.tab;
    if (before.level === level) return;
    this.#engine.closeTab(before.id);
    const { id } = this.#open(level);
    const { tabs } = this.#store.value;
    const gone = { view: undefined, load: undefined, pointed: undefined, newest: -1, settled: -1 };
    const after: Tab = { ...before, ...gone, id, level };
    this.#store.change({ tabs: tabs.map((tab) => (tab.id === before.id ? after : tab)), active: id });
    this.travel.reload();
  }

  /** Forgets everything, and begins with one empty tab. */
  newIdentity(): void {
    this.#engine.newIdentity();
    this.#store.value = this.#fresh();
  }

  /** The person has read it. */
  acceptNotForgotten(): void {
    this.#store.change({ notForgotten: false });
  }

  zoom(change: ZoomChange): void {
    const { id, zoom } = this.tab;
    const factor = zoomAfter(zoom, change);
    this.#store.amend(id, { zoom: factor });
    this.#view.zoom(id, factor);
  }

  download(id: DownloadId, action: "accept" | "cancel"): void {
    this.#engine.download(id, action);
    // Whoever says no does not want it listed.
    const { downloads } = this.#store.value;
    if (action === "cancel")
      this.#store.change({
        downloads: downloads.filter((one) => one.id !== id || one.state.name !== "offered"),
      });
  }

  /** Takes what is over off the list. */
  clearDownloads(): void {
    this.#store.change({ downloads: this.#store.value.downloads.filter((one) => !isOver(one)) });
  }

  suggestions(typed: string): Suggestion[] {
    const { tabs, visits } = this.#store.value;
    const others = tabs.filter(({ id }) => id !== this.tab.id);
    const open = others.map((tab) => ({ tab: tab.id, url: pageUrl(tab), title: tabTitle(tab) }));
    return suggest(typed, visits, open);
  }

  #fresh(): SessionState {
    const tab = this.#open("safest");
    return { tabs: [tab], active: tab.id, downloads: [], visits: [], notForgotten: false };
  }

  #open(level: SecurityLevel): Tab {
    const tab = emptyTab(`tab-${String(++this.#tabs)}` as TabId, level);
    this.#engine.openTab(tab.id, level);
    return tab;
  }

  async #followPage(event: ViewEvent): Promise<void> {
    switch (event.type) {
      case "key":
      case "arrived":
        return;
      case "fragment":
        this.travel.movedWithin(event.tab, event.fragment, event.from);
        return;
      case "link": {
        const pointed = event.href === "" ? undefined : await this.#engine.urlOf(event.tab, event.href);
        this.#store.amend(event.tab, { pointed });
        return;
      }
      case "open": {
        const url = await this.#engine.urlOf(event.tab, event.href);
        if (url !== undefined) this.#openBeside(event.tab, url);
        return;
      }
    }
  }

  /** In a tab of its own, of the same level, which is not shown yet. */
  #openBeside(id: TabId, url: string): void {
    const from = this.#store.find(id);
    if (from === undefined) return;
    const tab = this.#open(from.level);
    this.#store.change({ tabs: opened({ ...this.#store.value, active: id }, tab).tabs });
    this.travel.openIn(tab.id, url);
  }

  #followDownload(download: Download): void {
    this.#store.change({ downloads: listed(this.#store.value.downloads, download) });
    // It came instead of a page: the one before stays.
    if (this.#store.find(download.tab)?.load?.url === download.url)
      this.#store.amend(download.tab, { load: undefined });
  }
}
