import type { TabId } from "@tabor/browsing";
import type { ReactiveController, ReactiveControllerHost } from "lit";
import { tabTitle, type Tab } from "../../browsing/tab.ts";

interface ViewFrame {
  readonly iframe: HTMLIFrameElement;
  readonly turn: number;
  readonly address: string;
}

const SANDBOX = "allow-same-origin allow-forms allow-downloads";

/**
 * The frames that hold the tabs' pages: one for each tab, children of the host itself and not of its shadow root, for the boot page finds
 * them among the document's frames. Each is told once where to go; from there on it goes by itself.
 */
export class ViewFrames implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #tabs: () => readonly Tab[];
  readonly #frames = new Map<TabId, ViewFrame>();

  constructor(host: ReactiveControllerHost & HTMLElement, tabs: () => readonly Tab[]) {
    this.#host = host;
    this.#tabs = tabs;
    host.addController(this);
  }

  hostUpdated(): void {
    const tabs = this.#tabs();
    for (const [id, { iframe }] of this.#frames)
      if (!tabs.some((tab) => tab.id === id && tab.view !== undefined)) {
        iframe.remove();
        this.#frames.delete(id);
      }
    for (const tab of tabs) this.#follow(tab);
  }

  /** Shows the frame of one tab, or none, and hides the others. */
  show(id: TabId | undefined): void {
    for (const [other, { iframe }] of this.#frames) iframe.toggleAttribute("data-shown", other === id);
  }

  /** Keys go to the page. */
  focus(id: TabId): void {
    this.#frames.get(id)?.iframe.focus();
  }

  hasFocus(id: TabId): boolean {
    const iframe = this.#frames.get(id)?.iframe;
    return iframe !== undefined && iframe === document.activeElement;
  }

  #follow(tab: Tab): void {
    const { id, view } = tab;
    if (view === undefined) return;
    const before = this.#frames.get(id);
    const iframe = before?.turn === view.turn ? before.iframe : this.#tell(tab, view.address, before);
    this.#frames.set(id, { iframe, ...view });
    iframe.title = tabTitle(tab);
  }

  /**
   * Replaces what the frame shows, which leaves nothing in the browser's own history: ours has it. To the address it was told last,
   * only a new frame is sure to load, as a changed fragment does not.
   */
  #tell(tab: Tab, address: string, before: ViewFrame | undefined): HTMLIFrameElement {
    if (before !== undefined && withoutHash(before.address) !== withoutHash(address)) {
      before.iframe.contentWindow?.location.replace(address);
      return before.iframe;
    }
    const iframe = newFrame(tab, address);
    if (before === undefined) this.#host.append(iframe);
    else {
      const hadFocus = before.iframe === document.activeElement;
      iframe.toggleAttribute("data-shown", before.iframe.hasAttribute("data-shown"));
      before.iframe.replaceWith(iframe);
      if (hadFocus) iframe.focus();
    }
    return iframe;
  }
}

function newFrame({ id, level }: Tab, address: string): HTMLIFrameElement {
  const iframe = document.createElement("iframe");
  iframe.dataset["tab"] = id;
  iframe.dataset["testid"] = "page-frame";
  iframe.setAttribute("sandbox", level === "standard" ? `${SANDBOX} allow-scripts` : SANDBOX);
  iframe.setAttribute("allow", "");
  iframe.referrerPolicy = "no-referrer";
  iframe.src = address;
  return iframe;
}

function withoutHash(address: string): string {
  return address.split("#")[0] ?? "";
}
