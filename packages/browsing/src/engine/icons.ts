import { readUpTo } from "@tabor/http";
import type { EngineEvent } from "../api.ts";
import type { FetchOutcome } from "../fetching/api.ts";
import { imageTypeOf } from "./image-type.ts";
import type { EngineInit } from "./ports.ts";
import type { Navigation, Tab } from "./tab.ts";

const MAX_ICON_BYTES = 128 << 10;
/** A page may name many that do not exist. */
const MAX_TRIES = 3;
const MAX_KEPT = 200;

interface IconWish {
  readonly tab: Tab;
  readonly navigation: Navigation;
  readonly firstParty: string;
  readonly page: URL;
  /** What the page names, best first. */
  readonly named: readonly URL[];
}

export interface IconDeps extends Pick<EngineInit, "fetcher"> {
  readonly emit: (event: EngineEvent) => void;
}

/** The small pictures of sites, fetched as their pages would and handed to the frame as `data:` URLs. */
export class Icons {
  readonly #deps: IconDeps;
  /** By first-party site and address; null: there is none. */
  readonly #kept = new Map<string, string | null>();

  constructor(deps: IconDeps) {
    this.#deps = deps;
  }

  /** Emits the icon when it is there; nothing if there is none. */
  show(wish: IconWish): void {
    void this.#find(wish).then((icon) => {
      const { tab, navigation } = wish;
      if (icon !== undefined) this.#deps.emit({ type: "icon", tab: tab.id, navigation: navigation.id, icon });
    });
  }

  async #find(wish: IconWish): Promise<string | undefined> {
    for (const url of [...wish.named, new URL("/favicon.ico", wish.page)].slice(0, MAX_TRIES)) {
      const key = `${wish.firstParty} ${url.href}`;
      const icon = this.#kept.get(key) ?? (this.#kept.has(key) ? undefined : await this.#fetch(url, wish));
      if (wish.navigation.ending.signal.aborted) return undefined;
      this.#keep(key, icon ?? null);
      if (icon !== undefined) return icon;
    }
    return undefined;
  }

  async #fetch(url: URL, { firstParty, page, navigation }: IconWish): Promise<string | undefined> {
    try {
      const common = {
        method: "GET",
        use: "image",
        via: [],
        insecureAllowed: page.protocol === "http:",
      } as const;
      const { signal } = navigation.ending;
      return await dataUrlOf(
        await this.#deps.fetcher.fetch({ ...common, url, firstParty, initiator: page, signal }),
      );
    } catch {
      return undefined;
    }
  }

  #keep(key: string, icon: string | null): void {
    this.#kept.set(key, icon);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }
}

async function dataUrlOf(outcome: FetchOutcome): Promise<string | undefined> {
  if (outcome.kind !== "response") return undefined;
  const { response } = outcome;
  const { bytes, complete } = await readUpTo(response.body, MAX_ICON_BYTES);
  const type = imageTypeOf(bytes);
  if (!complete || response.status !== 200 || type === undefined) return undefined;
  return `data:${type};base64,${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))}`;
}
