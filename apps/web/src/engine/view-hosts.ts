import type { TabId } from "@tabor/browsing";
import { pageLabelOf } from "@tabor/browsing/view";
import type { Clock } from "@tabor/onion-core";
import { forgetCookies } from "./forget-cookies.ts";
import { ViewHost, type BootPorts } from "./view-host.ts";

export interface ViewHostsInit {
  /** The one origin for Safest, which stays. */
  readonly viewOrigin: string;
  readonly clock: Clock;
  readonly connected: (origin: string, ports: BootPorts) => void;
}

/** Origins that no tab shows whose boot pages are kept, for going back to them. */
const MAX_IDLE = 8;

/** The boot pages of all origins that tabs show, and of those shown last. */
export class ViewHosts {
  readonly #init: ViewHostsInit;
  /** Least lately used first. */
  readonly #hosts = new Map<string, ViewHost>();
  readonly #shown = new Map<TabId, string>();
  /** Of this identity: the browser may keep something for each. */
  readonly #labels = new Set<string>();

  constructor(init: ViewHostsInit) {
    this.#init = init;
  }

  /** Resolves once a tab's frame may ask that origin for pages. @throws unreachable: this browser does not let the view work. */
  async show(tab: TabId, origin: string): Promise<void> {
    this.#shown.set(tab, origin);
    const host = this.#hostOf(origin);
    this.#letGo();
    await host.ready();
  }

  /** Resolves once frames within a page may ask that origin for pages, which was set aside for them. @throws unreachable. */
  async prepare(origin: string): Promise<void> {
    await this.#hostOf(origin).ready();
  }

  /** The view's one origin for Safest. @throws unreachable. */
  ready(): Promise<void> {
    return this.#hostOf(this.#init.viewOrigin).ready();
  }

  originOf(tab: TabId): string | undefined {
    return this.#shown.get(tab);
  }

  closed(tab: TabId): void {
    this.#shown.delete(tab);
  }

  /** Has the browser forget what it keeps for pages of this identity. @returns whether all of it was done. */
  async wipe(): Promise<boolean> {
    const labels = [...this.#labels];
    this.#labels.clear();
    this.#shown.clear();
    const hosts = labels.map((origin) => this.#hosts.get(origin) ?? this.#newHost(origin));
    for (const origin of labels) this.#hosts.delete(origin);
    let isDone = true;
    for (const host of hosts) isDone = (await host.wipe()) && isDone;
    // What a page makes the browser keep for names above its own, its boot page cannot find in all cases.
    const hasForgotten = labels.length === 0 || (await forgetCookies(this.#init));
    return isDone && hasForgotten;
  }

  #hostOf(origin: string): ViewHost {
    const host = this.#hosts.get(origin) ?? this.#newHost(origin);
    this.#hosts.delete(origin);
    this.#hosts.set(origin, host);
    if (origin !== this.#init.viewOrigin) this.#labels.add(origin);
    return host;
  }

  #newHost(viewOrigin: string): ViewHost {
    const { clock, connected } = this.#init;
    return new ViewHost({
      viewOrigin,
      clock,
      connected: (ports) => {
        connected(viewOrigin, ports);
      },
    });
  }

  /** Those of frames go with those of the pages that they are in. */
  #letGo(): void {
    const inUse = new Set([this.#init.viewOrigin, ...this.#shown.values()]);
    const idle = [...new Set([...this.#hosts.keys()].map(pageLabelOf))].filter(
      (origin) => !inUse.has(origin),
    );
    const gone = new Set(idle.slice(0, Math.max(0, idle.length - MAX_IDLE)));
    for (const [origin, host] of this.#hosts) {
      if (!gone.has(pageLabelOf(origin))) continue;
      host.close();
      this.#hosts.delete(origin);
    }
  }
}
