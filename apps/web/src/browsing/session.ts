import type { Download, DownloadId, Engine, EngineEvent, SecurityLevel, TabId } from "@tabor/browsing";
import { toTaborError } from "@tabor/onion-core";
import { Store, type Readable } from "../services/store.ts";
import type { ViewAgent } from "../services/view-agent.ts";
import { isOver, listed } from "./downloads.ts";
import { ownPage, ownUrl, type OwnPage } from "./own-page.ts";
import { tabAfter } from "./tab-events.ts";
import { amended, neighbour, placed, PUSH, type Placement } from "./tab-history.ts";
import { emptyTab, pageUrl, stopped, tabTitle, told, type Load, type Tab } from "./tab.ts";
import { closed, opened, reordered } from "./tab-list.ts";
import { readTyped, type TypedAddress } from "./typed-address.ts";
import { suggest, visited, type Suggestion, type Visit } from "./visits.ts";
import { zoomAfter, type ZoomChange } from "./zoom.ts";

export interface SessionState {
  /** At least one. */
  readonly tabs: readonly Tab[];
  readonly active: TabId;
  readonly downloads: readonly Download[];
  /** What was shown, newest first. */
  readonly visits: readonly Visit[];
}

export interface SessionDeps {
  readonly engine: Engine;
  readonly view: ViewAgent;
}

interface Target {
  readonly url: string;
  readonly placement: Placement;
  readonly insecure?: boolean;
}

/** What a person does in the browser between two new identities: tabs, and what they were led to. In memory only. */
export class Session {
  readonly #engine: Engine;
  readonly #view: ViewAgent;
  readonly #state: Store<SessionState>;
  #tabs = 0;

  constructor({ engine, view }: SessionDeps) {
    this.#engine = engine;
    this.#view = view;
    this.#state = new Store(this.#fresh());
    engine.subscribe((event) => {
      this.#follow(event);
    });
  }

  get state(): Readable<SessionState> {
    return this.#state;
  }

  /** The tab that is shown. */
  get tab(): Tab {
    const { tabs, active } = this.#state.value;
    const tab = tabs.find(({ id }) => id === active) ?? tabs[0];
    if (tab === undefined) throw new Error("a session without a tab");
    return tab;
  }

  /** Opens a tab beside the one shown, and shows it. */
  newTab(page: OwnPage = "start"): void {
    const tab = this.#open("safest");
    this.#change(opened(this.#state.value, tab));
    if (page !== "start") this.open(ownUrl(page));
  }

  /** Shows a page of the app: where it is open already, else in this tab if it is empty, else in one of its own. */
  showOwn(page: OwnPage): void {
    const { tabs } = this.#state.value;
    const there = tabs.find((tab) => pageUrl(tab) === ownUrl(page));
    if (there !== undefined) this.activate(there.id);
    else if (pageUrl(this.tab) === ownUrl("start") && this.tab.load === undefined) this.open(ownUrl(page));
    else this.newTab(page);
  }

  /** Closes a tab; after the last one there is a new one. */
  closeTab(id: TabId): void {
    this.#engine.closeTab(id);
    const rest = closed(this.#state.value, id);
    this.#change(rest ?? opened({ tabs: [], active: id }, this.#open("safest")));
  }

  activate(id: TabId): void {
    if (this.#state.value.tabs.some((tab) => tab.id === id)) this.#change({ active: id });
  }

  /** Shows the tab that many places further, round and round. */
  step(by: number): void {
    const { tabs } = this.#state.value;
    const at = tabs.findIndex(({ id }) => id === this.tab.id) + by;
    const next = tabs[(at + tabs.length) % tabs.length];
    if (next !== undefined) this.activate(next.id);
  }

  /** Moves a tab that many places in the row; it stops at the ends. */
  move(id: TabId, by: number): void {
    this.#change({ tabs: reordered(this.#state.value.tabs, id, by) });
  }

  /** Goes where the person typed, or says why that is no address. */
  go(typed: string): TypedAddress {
    const address = readTyped(typed);
    if (address.kind === "url") this.open(address.url);
    return address;
  }

  open(url: string): void {
    const same = url === pageUrl(this.tab);
    const placement: Placement = same ? { kind: "at", index: this.tab.history.index } : PUSH;
    this.#navigate(this.tab, { url, placement });
  }

  /** The person allows plain `http:` for the page that asks for it. */
  allowInsecure(): void {
    const { page, history } = this.tab;
    if (page.kind !== "consent") return;
    this.#navigate(this.tab, {
      url: page.url,
      placement: { kind: "at", index: history.index },
      insecure: true,
    });
  }

  back(): void {
    this.#traverse(-1);
  }

  forward(): void {
    this.#traverse(1);
  }

  reload(): void {
    const { tab } = this;
    this.#navigate(tab, {
      url: tab.load?.byPerson === true ? tab.load.url : pageUrl(tab),
      placement: tab.load?.placement ?? { kind: "at", index: tab.history.index },
    });
  }

  stop(): void {
    const { tab } = this;
    this.#engine.stop(tab.id);
    this.#amend(tab.id, stopped(tab));
  }

  /** The site is asked again over another circuit. */
  newCircuit(): void {
    this.#engine.newCircuitForSite(this.tab.id);
    this.reload();
  }

  /** Scripts or none, for this tab: the page is asked for anew, as nothing of the other level may stay. */
  setLevel(level: SecurityLevel): void {
    const before = this.tab;
    if (before.level === level) return;
    this.#engine.closeTab(before.id);
    const { id } = this.#open(level);
    const { tabs } = this.#state.value;
    const after: Tab = { ...before, id, level, view: undefined, load: undefined, newest: -1, settled: -1 };
    this.#change({ tabs: tabs.map((tab) => (tab.id === before.id ? after : tab)), active: id });
    this.reload();
  }

  /** Forgets everything, and begins with one empty tab. */
  newIdentity(): void {
    this.#engine.newIdentity();
    this.#state.value = this.#fresh();
  }

  zoom(change: ZoomChange): void {
    const { id, zoom } = this.tab;
    const factor = zoomAfter(zoom, change);
    this.#amend(id, { zoom: factor });
    this.#view.zoom(id, factor);
  }

  download(id: DownloadId, action: "accept" | "cancel"): void {
    this.#engine.download(id, action);
    // Whoever says no does not want it listed.
    const { downloads } = this.#state.value;
    if (action === "cancel")
      this.#change({ downloads: downloads.filter((one) => one.id !== id || one.state.name !== "offered") });
  }

  /** Takes what is over off the list. */
  clearDownloads(): void {
    this.#change({ downloads: this.#state.value.downloads.filter((one) => !isOver(one)) });
  }

  suggestions(typed: string): Suggestion[] {
    const { tabs, visits } = this.#state.value;
    const others = tabs.filter(({ id }) => id !== this.tab.id);
    const open = others.map((tab) => ({ tab: tab.id, url: pageUrl(tab), title: tabTitle(tab) }));
    return suggest(typed, visits, open);
  }

  #fresh(): SessionState {
    const tab = this.#open("safest");
    return { tabs: [tab], active: tab.id, downloads: [], visits: [] };
  }

  #open(level: SecurityLevel): Tab {
    const tab = emptyTab(`tab-${String(++this.#tabs)}` as TabId, level);
    this.#engine.openTab(tab.id, level);
    return tab;
  }

  #traverse(by: number): void {
    const { tab } = this;
    // What is not shown yet is not in the history: going back from it is to stay where one is.
    if (by < 0 && tab.load?.byPerson === true && tab.load.placement.kind === "push") {
      this.stop();
      return;
    }
    const to = neighbour(tab.history, by);
    if (to !== undefined) this.#navigate(tab, { url: to.url, placement: { kind: "at", index: to.index } });
  }

  #navigate(tab: Tab, { url, placement, insecure }: Target): void {
    this.#keepScroll(tab);
    if (tab.load !== undefined) this.#engine.stop(tab.id);
    const own = ownPage(url);
    if (own !== undefined) {
      const history = placed(tab.history, url, placement);
      const gone = { load: undefined, view: undefined, settled: tab.newest };
      this.#amend(tab.id, { page: { kind: "own", page: own }, history, ...gone });
      return;
    }
    const load: Load = { navigation: undefined, url, sentence: "Starting", placement, byPerson: true };
    this.#amend(tab.id, { load });
    void this.#request(tab.id, load, insecure ?? false);
  }

  async #request(id: TabId, load: Load, insecure: boolean): Promise<void> {
    const current = (): Tab | undefined => {
      const tab = this.#find(id);
      return tab?.load === load ? tab : undefined;
    };
    try {
      const address = await this.#engine.viewUrl(id, { url: load.url, insecure });
      const tab = current();
      if (tab !== undefined) this.#amend(id, told(tab, address));
    } catch (thrown) {
      const tab = current();
      if (tab === undefined) return;
      const error = toTaborError(thrown, "here", "opening the page");
      const { url, placement } = load;
      const page = { kind: "failed", navigation: undefined, url, error, circuit: undefined } as const;
      this.#amend(id, { page, load: undefined, history: placed(tab.history, url, placement) });
    }
  }

  #follow(event: EngineEvent): void {
    if (event.type === "download") {
      this.#followDownload(event.download);
      return;
    }
    const before = this.#find(event.tab);
    if (before === undefined) return;
    if (event.type === "started" || event.type === "lead") this.#keepScroll(before);
    const after = tabAfter(before, event);
    if (after === before) return;
    this.#amend(event.tab, after);
    if (event.type === "committed" || event.type === "title") this.#remember(after);
    if (event.type === "finished") this.#restoreScroll(after);
  }

  #followDownload(download: Download): void {
    const { downloads } = this.#state.value;
    this.#change({ downloads: listed(downloads, download) });
    // It came instead of a page: the one before stays.
    if (this.#find(download.tab)?.load?.url === download.url) this.#amend(download.tab, { load: undefined });
  }

  #remember({ page }: Tab): void {
    if (page.kind !== "document") return;
    this.#change({ visits: visited(this.#state.value.visits, { url: page.url, title: page.title }) });
  }

  /** The frame still shows the page that is being left. */
  #keepScroll({ id, page, history: { index } }: Tab): void {
    if (page.kind !== "document") return;
    void this.#view.scrollPosition(id).then(
      (scroll) => {
        const tab = this.#find(id);
        if (tab !== undefined && scroll !== undefined)
          this.#amend(id, { history: amended(tab.history, { scroll }, { index, url: page.url }) });
      },
      () => undefined,
    );
  }

  #restoreScroll({ id, history: { entries, index } }: Tab): void {
    const scroll = entries[index]?.scroll;
    if (scroll !== undefined) this.#view.scrollTo(id, scroll);
  }

  #find(id: TabId): Tab | undefined {
    return this.#state.value.tabs.find((tab) => tab.id === id);
  }

  #amend(id: TabId, change: Partial<Tab>): void {
    const { tabs } = this.#state.value;
    this.#change({ tabs: tabs.map((tab) => (tab.id === id ? { ...tab, ...change } : tab)) });
  }

  #change(change: Partial<SessionState>): void {
    this.#state.value = { ...this.#state.value, ...change };
  }
}
