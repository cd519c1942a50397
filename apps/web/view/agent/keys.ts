import type { AgentReport } from "@tabor/browsing/view";
import { commandOf } from "../../src/browsing/shortcuts.ts";

const ON_A_MAC = navigator.platform.startsWith("Mac");

/** Tells of keys that are the app's rather than the page's, and keeps the browser from acting on them. */
export function listenForKeys(page: Window, tab: string, tell: (report: AgentReport) => void): void {
  page.addEventListener("keydown", (event) => {
    const { key, code, altKey, ctrlKey, metaKey, shiftKey } = event;
    const press = { key, code, altKey, ctrlKey, metaKey, shiftKey };
    // What a page's script made up is no person's key.
    if (!event.isTrusted) return;
    if (event.defaultPrevented || event.isComposing || commandOf(press, ON_A_MAC) === undefined) return;
    event.preventDefault();
    tell({ type: "key", tab, press });
  });
}
