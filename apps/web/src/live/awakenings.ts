import type { Awakenings } from "../services/awakenings.ts";

/** Of this page (Page Lifecycle, Page Visibility, Network Information). Timers alone are late: hidden pages have them seldom, frozen ones never. */
export function awakenings({ document, navigator }: Window): Awakenings {
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of [...listeners]) listener();
  };
  addEventListener("online", tell);
  document.addEventListener("resume", tell);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") tell();
  });
  (navigator as { readonly connection?: EventTarget }).connection?.addEventListener("change", tell);
  return (listener) => {
    const own = (): void => {
      listener();
    };
    listeners.add(own);
    return () => {
      listeners.delete(own);
    };
  };
}
