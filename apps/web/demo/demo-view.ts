import type { TabId } from "@tabor/browsing";
import type { Cancel, Clock } from "@tabor/onion-core";
import type {
  FindDirection,
  FindResult,
  ScrollPosition,
  ViewAgent,
  ViewEvent,
} from "../src/services/view-agent.ts";
import { FakeEngine } from "../src/testing/fake-engine.ts";
import { answers } from "./sites.ts";

/**
 * Scripted pages as `blob:` documents in the tabs' frames. They are of the app's own origin here, so that what the boot page does is done
 * from without: links are followed, text is found, pages are zoomed and scrolled.
 */
export class DemoView implements ViewAgent {
  readonly engine: FakeEngine;
  readonly #listeners = new Set<(event: ViewEvent) => void>();
  readonly #zooms = new Map<TabId, number>();
  readonly #addresses = new Map<string, string>();
  #found: { readonly query: string; readonly current: number } = { query: "", current: 0 };

  constructor(clock: Clock) {
    this.engine = new FakeEngine({
      clock,
      answers: answers(),
      show: (html, url) => this.#addressOf(html, url),
    });
    // Frames come and go: each that loads is looked after. Their load does not reach the window.
    document.addEventListener("load", this.#loaded, { capture: true });
  }

  find(tab: TabId, query: string, direction: FindDirection): Promise<FindResult> {
    const text = frameOf(tab)?.contentDocument?.body.innerText.toLowerCase() ?? "";
    const count = query === "" ? 0 : text.split(query.toLowerCase()).length - 1;
    const step = direction === "forward" ? 1 : -1;
    const before = this.#found.query === query ? this.#found.current + step : 1;
    const current = count === 0 ? 0 : ((before - 1 + count) % count) + 1;
    this.#found = { query, current };
    return Promise.resolve({ count, current });
  }

  zoom(tab: TabId, factor: number): void {
    this.#zooms.set(tab, factor);
    const root = frameOf(tab)?.contentDocument?.documentElement;
    root?.style.setProperty("zoom", String(factor));
  }

  scrollPosition(tab: TabId): Promise<ScrollPosition | undefined> {
    const inner = frameOf(tab)?.contentWindow ?? undefined;
    return Promise.resolve(inner === undefined ? undefined : { x: inner.scrollX, y: inner.scrollY });
  }

  scrollTo(tab: TabId, { x, y }: ScrollPosition): void {
    frameOf(tab)?.contentWindow?.scrollTo(x, y);
  }

  goWithin(tab: TabId, fragment: string): void {
    const inner = frameOf(tab)?.contentWindow;
    if (inner !== null && inner !== undefined) inner.location.hash = fragment;
  }

  focus(tab: TabId): void {
    frameOf(tab)?.contentWindow?.focus();
  }

  subscribe(listener: (event: ViewEvent) => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #addressOf(html: string, url: string): string {
    const address =
      this.#addresses.get(url) ?? URL.createObjectURL(new Blob([html], { type: "text/html;charset=utf-8" }));
    this.#addresses.set(url, address);
    return address;
  }

  #tell(event: ViewEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  readonly #loaded = ({ target }: Event): void => {
    if (!(target instanceof HTMLIFrameElement)) return;
    const tab = target.dataset["tab"] as TabId | undefined;
    const inner = target.contentDocument;
    if (tab === undefined || inner === null) return;
    this.zoom(tab, this.#zooms.get(tab) ?? 1);
    inner.addEventListener("click", (event) => {
      const link = (event.target as Element).closest("a")?.getAttribute("href") ?? "#";
      if (link.startsWith("#")) return;
      event.preventDefault();
      this.engine.follow(tab, link);
    });
    inner.addEventListener("submit", (event) => {
      event.preventDefault();
      this.engine.follow(tab, "https://garlic.test/");
    });
    inner.addEventListener("keydown", (event) => {
      if (!(event.altKey || event.ctrlKey || event.metaKey || event.key.length > 1)) return;
      this.#tell({ type: "key", tab, press: event });
    });
    for (const type of ["pointerover", "focusin"])
      inner.addEventListener(type, (event) => {
        const href = (event.target as Element).closest("a")?.getAttribute("href") ?? "";
        this.#tell({ type: "link", tab, href });
      });
  };
}

function frameOf(tab: TabId): HTMLIFrameElement | null {
  return document.querySelector(`iframe[data-tab="${CSS.escape(tab)}"]`);
}
