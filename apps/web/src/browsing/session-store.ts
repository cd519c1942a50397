import type { Download, TabId } from "@tabor/browsing";
import { Store } from "../services/store.ts";
import type { Tab } from "./tab.ts";
import type { Visit } from "./visits.ts";

export interface SessionState {
  /** At least one. */
  readonly tabs: readonly Tab[];
  readonly active: TabId;
  readonly downloads: readonly Download[];
  /** What was shown, newest first. */
  readonly visits: readonly Visit[];
  /** The browser may still have what pages of an identity before had it keep. */
  readonly notForgotten: boolean;
}

/** What a session is just now. */
export class SessionStore extends Store<SessionState> {
  /** The tab that is shown. */
  get tab(): Tab {
    const { tabs, active } = this.value;
    const tab = tabs.find(({ id }) => id === active) ?? tabs[0];
    if (tab === undefined) throw new Error("a session without a tab");
    return tab;
  }

  find(id: TabId): Tab | undefined {
    return this.value.tabs.find((tab) => tab.id === id);
  }

  amend(id: TabId, change: Partial<Tab>): void {
    this.change({ tabs: this.value.tabs.map((tab) => (tab.id === id ? { ...tab, ...change } : tab)) });
  }

  change(change: Partial<SessionState>): void {
    this.value = { ...this.value, ...change };
  }
}
