import { fileNameOf, mediaTypeOf } from "@tabor/http";
import { TaborError, toTaborError, type Cancel } from "@tabor/onion-core";
import type { Download, DownloadId, EngineEvent, TabId } from "../api.ts";
import type { FetchResponse } from "../fetching/api.ts";
import { counted } from "./bodies.ts";
import type { EngineInit } from "./ports.ts";

/** An offer holds a connection open: more of them at once would be a page's mischief. */
const MAX_OPEN = 32;
/** Milliseconds until an offer that nobody answers is withdrawn. */
const OFFER_LASTS = 600_000;
/** How often a person is told how far it is, in milliseconds. */
const TOLD_EVERY = 200;

interface Entry {
  readonly response: FetchResponse;
  download: Download;
  cancelTimer: Cancel;
  toldAt: number;
}

export interface DownloadDeps extends Pick<EngineInit, "saver" | "clock"> {
  readonly emit: (event: EngineEvent) => void;
}

/** What was offered for saving, and what is being saved. Nothing is read before the person has accepted. */
export class Downloads {
  readonly #deps: DownloadDeps;
  readonly #open = new Map<DownloadId, Entry>();
  #last = 0;

  constructor(deps: DownloadDeps) {
    this.#deps = deps;
  }

  /** @throws resource-limit if too many wait for an answer. */
  offer(tab: TabId, response: FetchResponse): void {
    if (this.#open.size >= MAX_OPEN) {
      response.close();
      throw new TaborError("resource-limit", "here", "too many downloads at once");
    }
    const { url, fields, length: total } = response;
    const id = ++this.#last as DownloadId;
    const type = mediaTypeOf(fields)?.essence ?? "";
    const fileName = fileNameOf(fields, url);
    const state = { name: "offered" } as const;
    const download = { id, tab, url: url.href, fileName, type, total, received: 0, state };
    const cancelTimer = this.#deps.clock.after(OFFER_LASTS, () => {
      this.act(id, "cancel");
    });
    const entry = { response, download, cancelTimer, toldAt: 0 };
    this.#open.set(id, entry);
    this.#tell(entry);
  }

  act(id: DownloadId, action: "accept" | "cancel"): void {
    const entry = this.#open.get(id);
    if (entry === undefined) return;
    if (action === "cancel") this.#cancel(entry);
    else if (entry.download.state.name === "offered") void this.#save(entry);
  }

  clear(): void {
    for (const entry of [...this.#open.values()]) this.#cancel(entry);
  }

  #cancel(entry: Entry): void {
    this.#settle(entry, {
      name: "failed",
      error: new TaborError("aborted", "here", "the download was cancelled"),
    });
  }

  async #save(entry: Entry): Promise<void> {
    entry.cancelTimer();
    this.#change(entry, { state: { name: "running" } });
    const bytes = counted(entry.response.body, (length) => {
      this.#received(entry, length);
    });
    try {
      await this.#deps.saver.save(entry.download, bytes);
      this.#settle(entry, { name: "done" });
    } catch (thrown) {
      this.#settle(entry, { name: "failed", error: toTaborError(thrown, "here", "saving a download") });
    }
  }

  #received(entry: Entry, length: number): void {
    entry.download = { ...entry.download, received: entry.download.received + length };
    if (this.#deps.clock.monotonic() - entry.toldAt >= TOLD_EVERY) this.#tell(entry);
  }

  /** The first outcome counts. */
  #settle(entry: Entry, state: Download["state"]): void {
    if (!this.#open.delete(entry.download.id)) return;
    entry.cancelTimer();
    entry.response.close();
    this.#change(entry, { state });
  }

  #change(entry: Entry, change: Pick<Download, "state">): void {
    entry.download = { ...entry.download, ...change };
    this.#tell(entry);
  }

  #tell(entry: Entry): void {
    entry.toldAt = this.#deps.clock.monotonic();
    this.#deps.emit({ type: "download", download: entry.download });
  }
}
