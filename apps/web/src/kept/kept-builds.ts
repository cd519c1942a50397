/** A build of the app. */
export interface Build {
  readonly id: string;
  /** By path, "/" for the page: what each has to be, as `integrity` of Fetch ("sha256-…"). */
  readonly files: Readonly<Record<string, string>>;
}

/** The page of every build. */
export const PAGE = "/";
/** Where all other builds' files may be, too: their names tell their content. */
export const HASHED = "/assets/";

const BUILD = "tabor-build ";
const MARKS = "tabor-builds";
/** Names of builds in that cache: the one that is opened, and the newest that was kept whole. */
type Mark = "/in-use" | "/offered";

/**
 * Builds of the app in this browser, each whole (docs/decisions/0022): the one in use, and perhaps a newer one that is offered. The app and its
 * service worker share them. All methods throw what the browser says where it keeps nothing.
 */
export class KeptBuilds {
  readonly #caches: CacheStorage;

  constructor(caches: CacheStorage) {
    this.#caches = caches;
  }

  /** Keeps all files of a build, or none, and offers it; the first is in use at once. @throws if one is not what the build says. */
  async keep({ id, files }: Build): Promise<void> {
    const cache = await this.#caches.open(BUILD + id);
    await cache.addAll(Object.entries(files).map(([path, integrity]) => requestFor(path, integrity)));
    await this.#mark("/offered", id);
    const inUse = await this.#marked("/in-use");
    if (inUse === undefined) await this.#mark("/in-use", id);
    await this.#dropAllBut(new Set([id, inUse]));
  }

  /** Whether there is a newer build than the one in use. */
  async hasOffer(): Promise<boolean> {
    return (await this.#marked("/offered")) !== (await this.#marked("/in-use"));
  }

  /** From now on what is offered is opened. */
  async accept(): Promise<void> {
    const offered = await this.#marked("/offered");
    if (offered !== undefined) await this.#mark("/in-use", offered);
  }

  /** A file of the build in use; one that is named by its content, of any: tabs stay open over an update. */
  async find(path: string): Promise<Response | undefined> {
    const inUse = await this.#marked("/in-use");
    if (inUse === undefined) return undefined;
    const cache = await this.#caches.open(BUILD + inUse);
    const found = await cache.match(path, { ignoreVary: true });
    if (found !== undefined || !path.startsWith(HASHED)) return found;
    return this.#caches.match(path, { ignoreVary: true });
  }

  /** The same page may come with other headers: its policy names the servers of the network. @throws if it can't be had, or is another. */
  async refreshPage({ id, files }: Build): Promise<void> {
    const integrity = files[PAGE];
    if (integrity === undefined || (await this.#marked("/in-use")) !== id) return;
    const cache = await this.#caches.open(BUILD + id);
    await cache.add(requestFor(PAGE, integrity));
  }

  async #marked(mark: Mark): Promise<string | undefined> {
    const cache = await this.#caches.open(MARKS);
    return (await cache.match(mark))?.text();
  }

  async #mark(mark: Mark, id: string): Promise<void> {
    const cache = await this.#caches.open(MARKS);
    await cache.put(mark, new Response(id));
  }

  async #dropAllBut(ids: ReadonlySet<string | undefined>): Promise<void> {
    const names = (await this.#caches.keys()).filter((name) => name.startsWith(BUILD));
    const old = names.filter((name) => !ids.has(name.slice(BUILD.length)));
    await Promise.all(old.map((name) => this.#caches.delete(name)));
  }
}

/** With the headers that it has now, whatever the browser has of it. */
function requestFor(path: string, integrity: string): Request {
  return new Request(path, { integrity, cache: "no-cache" });
}
