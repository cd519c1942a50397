import type { TabId } from "@tabor/browsing";
import type { Cancel } from "@tabor/onion-core";

/**
 * What the frame asks of the boot page, which is of the pages' origin and reaches into the frames beside it
 * (docs/decisions/0008). The frame of a tab is the `iframe[data-tab]` with the tab's name: a child of the app's document, outside of any
 * shadow root, so that it is among `parent.frames`.
 */
export interface ViewAgent {
  /** Marks what is found and scrolls to it, beginning anew when the query changes. An empty query takes the marks away. */
  find(tab: TabId, query: string, direction: FindDirection): Promise<FindResult>;
  /** From now on, also for the next documents of this tab. @param factor 1 is 100 %. */
  zoom(tab: TabId, factor: number): void;
  /** undefined: there is no document to ask. */
  scrollPosition(tab: TabId): Promise<ScrollPosition | undefined>;
  scrollTo(tab: TabId, position: ScrollPosition): void;
  /** To another place in the document shown. @param fragment with its number sign; empty: to none. */
  goWithin(tab: TabId, fragment: string): void;
  /**
   * Keys go to the document, whose frame has the focus. Where a frame gets it while its document is replaced by one of another process,
   * Chromium gives it to neither: `HTMLElement.focus` on the frame, which has it already, changes nothing.
   */
  focus(tab: TabId): void;
  subscribe(listener: (event: ViewEvent) => void): Cancel;
}

export type FindDirection = "forward" | "backward";

export interface FindResult {
  /** At most some thousands are counted. */
  readonly count: number;
  /** Counted from one; 0: nothing was found. */
  readonly current: number;
}

/** In CSS pixels of the document. */
export interface ScrollPosition {
  readonly x: number;
  readonly y: number;
}

export type ViewEvent =
  /** A new document has come into the tab's frame. */
  | { readonly type: "arrived"; readonly tab: TabId }
  /** A key with Alt, Control or Meta, or one that types nothing, was pressed in a page. The boot page keeps the browser from acting on it. */
  | { readonly type: "key"; readonly tab: TabId; readonly press: KeyPress }
  /** A link within the page was followed. `from`: where the page was scrolled to, if that is known. */
  | {
      readonly type: "fragment";
      readonly tab: TabId;
      readonly fragment: string;
      readonly from: ScrollPosition | undefined;
    }
  /** A link is pointed at or has the focus, by its address in the view; empty: none. */
  | { readonly type: "link"; readonly tab: TabId; readonly href: string }
  /** The person wants a link in a tab of its own. */
  | { readonly type: "open"; readonly tab: TabId; readonly href: string };

/** As in a `KeyboardEvent`. */
export type KeyPress = Readonly<
  Pick<KeyboardEvent, "key" | "code" | "altKey" | "ctrlKey" | "metaKey" | "shiftKey">
>;

/** Before there is a boot page: nothing is found, and nothing scrolls. */
export const noView: ViewAgent = {
  find: () => Promise.resolve({ count: 0, current: 0 }),
  zoom: () => undefined,
  scrollPosition: () => Promise.resolve(undefined),
  scrollTo: () => undefined,
  goWithin: () => undefined,
  focus: () => undefined,
  subscribe: () => () => undefined,
};
