const PREFIX = "#invite=";

/**
 * Takes an invitation out of the page's address and the tab's history as soon as it is there: now, or when the person opens a link in
 * a tab that has the app already. To be called before anything else looks at the history.
 */
export function takeInvites(window: Window, taken: (code: string) => void): void {
  const { location, history } = window;
  const look = (): void => {
    if (!location.hash.startsWith(PREFIX)) return;
    const code = location.hash.slice(PREFIX.length);
    history.replaceState(history.state, "", location.pathname + location.search);
    taken(code);
  };
  look();
  window.addEventListener("popstate", look);
}
