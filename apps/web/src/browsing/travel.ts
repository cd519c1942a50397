import type { Engine, TabId } from "@tabor/browsing";
import { toTaborError } from "@tabor/onion-core";
import type { ScrollPosition, ViewAgent } from "../services/view-agent.ts";
import { ownPage } from "./own-page.ts";
import type { SessionStore } from "./session-store.ts";
import { tabAfter, type TabEvent } from "./tab-events.ts";
import { amended, neighbour, placed, PUSH, type Placement } from "./tab-history.ts";
import { bareUrl, isWithin, movedWithin, pageUrl, stopped, told, type Load, type Tab } from "./tab.ts";
import { readTyped, type TypedAddress } from "./typed-address.ts";
import { visited } from "./visits.ts";

interface Target {
  readonly url: string;
  readonly placement: Placement;
  readonly insecure?: boolean;
}

export interface TravelDeps {
  readonly engine: Engine;
  readonly view: ViewAgent;
  readonly store: SessionStore;
}

/** Goes from page to page: in the tab that is shown, as the person says, and in every tab as its page does. */
export class Travel {
  readonly #engine: Engine;
  readonly #view: ViewAgent;
  readonly #store: SessionStore;

  constructor({ engine, view, store }: TravelDeps) {
    this.#engine = engine;
    this.#view = view;
    this.#store = store;
  }

  /** Goes where the person typed, or says why that is no address. */
  go(typed: string): TypedAddress {
    const address = readTyped(typed);
    if (address.kind === "url") this.open(address.url);
    return address;
  }

  open(url: string): void {
    const { tab } = this.#store;
    const same = url === pageUrl(tab);
    const placement: Placement = same ? { kind: "at", index: tab.history.index } : PUSH;
    this.#navigate(tab, { url, placement });
  }

  /** In a tab that is not shown. */
  openIn(id: TabId, url: string): void {
    const tab = this.#store.find(id);
    if (tab !== undefined) this.#navigate(tab, { url, placement: { kind: "at", index: 0 } });
  }

  /** The person allows plain `http:` for the page that asks for it. */
  allowInsecure(): void {
    const { tab } = this.#store;
    const { page, history } = tab;
    if (page.kind !== "consent") return;
    this.#navigate(tab, {
      url: page.url,
      placement: { kind: "at", index: history.index },
      insecure: true,
    });
  }

  /** Whether there is something to go back from, or to. */
  get canGoBack(): boolean {
    return indexOf(this.#store.tab) > 0;
  }

  back(): void {
    this.#traverse(-1);
  }

  forward(): void {
    this.#traverse(1);
  }

  reload(): void {
    const { tab } = this.#store;
    this.#navigate(tab, {
      url: tab.load?.byPerson === true ? tab.load.url : pageUrl(tab),
      placement: tab.load?.placement ?? { kind: "at", index: tab.history.index },
    });
  }

  stop(): void {
    const { tab } = this.#store;
    this.#engine.stop(tab.id);
    this.#store.amend(tab.id, stopped(tab));
  }

  /** The site is asked again over another circuit. */
  newCircuit(): void {
    this.#engine.newCircuitForSite(this.#store.tab.id);
    this.reload();
  }

  /** What an engine tells of a tab. */
  follow(event: TabEvent): void {
    const before = this.#store.find(event.tab);
    if (before === undefined) return;
    // Of a load that is known of, it was kept when that began.
    const isNew = event.type === "lead" || (event.type === "started" && before.load === undefined);
    if (isNew) this.#keepScroll(before);
    const after = tabAfter(before, event);
    if (after === before) return;
    this.#store.amend(event.tab, after);
    if (event.type === "committed" || event.type === "title") this.#remember(after);
    if (event.type === "finished") this.#restoreScroll(after);
  }

  /** A page is shown from another place on. `from`: where it was scrolled to. */
  movedWithin(id: TabId, fragment: string, from: ScrollPosition | undefined): void {
    const tab = this.#store.find(id);
    if (tab?.page.kind !== "document") return;
    const url = `${bareUrl(tab.page.url)}${fragment}`;
    if (url === tab.page.url) return;
    const { index } = tab.history;
    const left = amended(tab.history, { scroll: from }, { index, url: tab.page.url });
    this.#store.amend(id, movedWithin({ ...tab, history: left }, url, PUSH));
  }

  #traverse(by: number): void {
    const { tab } = this.#store;
    const { history } = tab;
    // Who presses twice means it twice, though nothing is shown yet of where the first led.
    const index = indexOf(tab);
    const to = neighbour({ ...history, index }, by);
    if (index !== history.index && index + by === history.index) this.stop();
    else if (to !== undefined)
      this.#navigate(tab, { url: to.url, placement: { kind: "at", index: to.index } });
  }

  #navigate(tab: Tab, { url, placement, insecure }: Target): void {
    this.#keepScroll(tab);
    if (tab.load !== undefined) this.#engine.stop(tab.id);
    const own = ownPage(url);
    if (own !== undefined) {
      const history = placed(tab.history, url, placement);
      const gone = { load: undefined, view: undefined, settled: tab.newest };
      this.#store.amend(tab.id, { page: { kind: "own", page: own }, history, ...gone });
      return;
    }
    if (isWithin(tab, url)) {
      this.#goWithin(tab, url, placement);
      return;
    }
    const load: Load = { navigation: undefined, url, sentence: "Starting", placement, byPerson: true };
    this.#store.amend(tab.id, { load });
    void this.#request(tab.id, load, insecure ?? false);
  }

  #goWithin(tab: Tab, url: string, placement: Placement): void {
    const moved = movedWithin(tab, url, placement);
    this.#store.amend(tab.id, moved);
    this.#view.goWithin(tab.id, new URL(url).hash);
    this.#restoreScroll(moved);
  }

  async #request(id: TabId, load: Load, insecure: boolean): Promise<void> {
    const current = (): Tab | undefined => {
      const tab = this.#store.find(id);
      return tab?.load === load ? tab : undefined;
    };
    try {
      const address = await this.#engine.viewUrl(id, { url: load.url, insecure });
      const tab = current();
      if (tab !== undefined) this.#store.amend(id, told(tab, address));
    } catch (thrown) {
      const tab = current();
      if (tab === undefined) return;
      const error = toTaborError(thrown, "here", "opening the page");
      const { url, placement } = load;
      const page = { kind: "failed", navigation: undefined, url, error, circuit: undefined } as const;
      this.#store.amend(id, { page, load: undefined, history: placed(tab.history, url, placement) });
    }
  }

  #remember({ page }: Tab): void {
    if (page.kind !== "document") return;
    const visit = { url: page.url, title: page.title };
    this.#store.change({ visits: visited(this.#store.value.visits, visit) });
  }

  /** The frame still shows the page that is being left. */
  #keepScroll({ id, page, history: { index } }: Tab): void {
    if (page.kind !== "document") return;
    void this.#view.scrollPosition(id).then(
      (scroll) => {
        const tab = this.#store.find(id);
        if (tab !== undefined && scroll !== undefined)
          this.#store.amend(id, { history: amended(tab.history, { scroll }, { index, url: page.url }) });
      },
      () => undefined,
    );
  }

  #restoreScroll({ id, history: { entries, index } }: Tab): void {
    const scroll = entries[index]?.scroll;
    if (scroll !== undefined) this.#view.scrollTo(id, scroll);
  }
}

/** Where in its history a tab is about to be: what is to be pushed lies after what is shown. */
function indexOf({ history, load }: Tab): number {
  if (load?.byPerson !== true) return history.index;
  return load.placement.kind === "at" ? load.placement.index : history.index + 1;
}
