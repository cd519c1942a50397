/** Places in the pages of frames beside us, which take each other's place: the browser's own history has nothing of ours. */
export class Places {
  readonly #mayTraverse: boolean;
  /** With its number sign. */
  readonly #shown = new WeakMap<Document, string>();

  /** @param mayTraverse whether pages have entries of their own in the browser's history, as scripts make them. */
  constructor(mayTraverse: boolean) {
    this.#mayTraverse = mayTraverse;
  }

  /** Shows the page from a place in it; an empty fragment: leaves it where it is. */
  goTo(page: Window, fragment: string): void {
    if (fragment === "") page.history.replaceState(null, "", bare(page));
    else replace(page, bare(page) + fragment);
    this.#shown.set(page.document, page.location.hash);
  }

  /** As by a link. */
  follow(page: Window, fragment: string): void {
    replace(page, bare(page) + (fragment === "" ? "#" : fragment));
    this.#shown.set(page.document, page.location.hash);
  }

  /** Tells of places that the page, or the browser, goes to without us. */
  watch(page: Window, tell: (fragment: string) => void): void {
    let isTraversed = false;
    page.navigation.addEventListener("navigate", ({ navigationType }) => {
      isTraversed = navigationType === "traverse";
    });
    this.#shown.set(page.document, page.location.hash);
    page.addEventListener("hashchange", () => {
      const { hash } = page.location;
      const shown = this.#shown.get(page.document) ?? "";
      // It comes late: of our own moves the app has heard, and may have gone elsewhere since.
      if (hash === shown) return;
      // The app's step in the browser's history and our move in the page are of two processes: where they meet, Chromium notes the
      // move with the wrong entry, and undoes it at the app's next step.
      if (isTraversed && !this.#mayTraverse) {
        this.goTo(page, shown);
        return;
      }
      this.#shown.set(page.document, hash);
      tell(hash);
    });
  }
}

/** By the page itself: a sandboxed frame, as ours is, may navigate no other (HTML §7.4.2.1, "allowed by sandboxing to navigate"). */
function replace({ navigation }: Window, address: string): void {
  const { committed, finished } = navigation.navigate(address, { history: "replace" });
  // Where the page itself goes elsewhere meanwhile, that counts.
  for (const done of [committed, finished]) done?.catch(() => undefined);
}

/** Whole, as a relative address would be relative to our own. */
function bare({ location }: Window): string {
  return location.href.slice(0, location.href.length - location.hash.length).replace(/#$/, "");
}
