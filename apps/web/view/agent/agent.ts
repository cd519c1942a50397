import type { AgentCommand, AgentReport } from "@tabor/browsing/view";
import { enforcesAllowlist } from "../probe.ts";
import { levelOf } from "../walls.ts";
import { Finder } from "./finder.ts";
import { frameAt, pagesIn, showsOurs } from "./frames.ts";
import { listenForKeys } from "./keys.ts";
import { listenForLinks } from "./links.ts";
import { Places } from "./places.ts";

/** How often, and how many times, a frame is looked at that is about to show another document; in milliseconds. */
const LOOK_EVERY = 5;
const LOOKS = 1000;

/** Does in the frames of tabs what pages that run no scripts cannot do for themselves. */
export class Agent {
  readonly #port: MessagePort;
  readonly #app: Window;
  readonly #zoom = new Map<string, number>();
  readonly #found = new WeakMap<Document, Finder>();
  readonly #attended = new WeakSet<Document>();
  readonly #places = new Places(levelOf(location) === "standard");

  constructor(port: MessagePort, app: Window) {
    this.#port = port;
    this.#app = app;
    port.onmessage = ({ data }: MessageEvent<AgentCommand>) => {
      this.#obey(data);
    };
  }

  close(): void {
    this.#port.close();
  }

  #obey(command: AgentCommand): void {
    if (command.type === "probe") {
      void enforcesAllowlist().then((enforced) => {
        this.#say({ type: "probed", id: command.id, enforced });
      });
      return;
    }
    const page = frameAt(this.#app, command.frame);
    switch (command.type) {
      case "find": {
        const counts = this.#finders(command.frame).map((finder) => finder.find(command.query));
        this.#say({ type: "found", id: command.id, count: counts.reduce((sum, count) => sum + count, 0) });
        return;
      }
      case "show":
        this.#show(command.frame, command.place);
        return;
      case "where": {
        const position = page === undefined ? undefined : { x: page.scrollX, y: page.scrollY };
        this.#say({ type: "scrolled", id: command.id, ...(position === undefined ? {} : { position }) });
        return;
      }
      case "scroll":
      case "fragment":
      case "focus":
        if (page !== undefined) this.#act(page, command);
        return;
      case "zoom":
        this.#zoom.set(command.tab, command.factor);
        if (page !== undefined) this.#applyZoom(page, command.tab);
        return;
      case "attend": {
        const frame = this.#app[command.frame];
        if (frame !== undefined && frame !== window) this.#attend(frame, command.tab, LOOKS);
        return;
      }
    }
  }

  #act(page: Window, command: Extract<AgentCommand, { type: "scroll" | "fragment" | "focus" }>): void {
    switch (command.type) {
      case "scroll":
        page.scrollTo(command.x, command.y);
        return;
      case "fragment":
        this.#places.goTo(page, command.fragment);
        return;
      case "focus":
        page.focus();
        return;
    }
  }

  /** Nothing tells of a new document in a frame beside us: it is looked for until it is there. */
  #attend(page: Window, tab: string, looks: number): void {
    // While a document is being read it may have no body yet, whatever the types say.
    const isThere = showsOurs(page) && (page.document.body as HTMLElement | null) !== null;
    if (isThere && !this.#attended.has(page.document)) {
      this.#attended.add(page.document);
      this.#applyZoom(page, tab);
      const say = (report: AgentReport): void => {
        this.#say(report);
      };
      listenForKeys(page, tab, say);
      listenForLinks(page, tab, { places: this.#places, say });
      say({ type: "attended", tab });
    } else if (looks > 0) {
      setTimeout(() => {
        this.#attend(page, tab, looks - 1);
      }, LOOK_EVERY);
    }
  }

  #applyZoom(page: Window, tab: string): void {
    const factor = this.#zoom.get(tab);
    if (factor !== undefined) page.document.documentElement.style.zoom = String(factor);
  }

  /** Of the places of all pages in this frame, one after the other. */
  #show(frame: number, place: number | undefined): void {
    let before = 0;
    for (const finder of this.#finders(frame)) {
      const here = place === undefined ? -1 : place - before;
      finder.show(here >= 0 && here < finder.count ? here : undefined);
      before += finder.count;
    }
  }

  #finders(frame: number): readonly Finder[] {
    return pagesIn(this.#app, frame).map((page) => {
      const finder = this.#found.get(page.document) ?? new Finder(page);
      this.#found.set(page.document, finder);
      return finder;
    });
  }

  #say(report: AgentReport): void {
    this.#port.postMessage(report);
  }
}
