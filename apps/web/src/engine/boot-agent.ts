import type { EngineEvent, TabId } from "@tabor/browsing";
import { frameLabelsOf, parseAgentReport, type AgentCommand, type AgentReport } from "@tabor/browsing/view";
import type { Cancel, Clock } from "@tabor/onion-core";
import type {
  FindDirection,
  FindResult,
  ScrollPosition,
  ViewAgent,
  ViewEvent,
} from "../services/view-agent.ts";
import { TabFinder, type PlaceFinder } from "./tab-finder.ts";

type TabCommand = Exclude<AgentCommand, { type: "probe" }>;

/** Milliseconds: a page may keep the boot page of its origin from answering for as long as it likes. */
const ANSWER_WITHIN = 5000;

/** The boot pages, as the frame sees them: each is asked about the tabs that show pages of its origin. */
export class BootAgent implements ViewAgent {
  readonly #listeners = new Set<(event: ViewEvent) => void>();
  readonly #waiting = new Map<number, (report: AgentReport | undefined) => void>();
  /** Of a boot page that comes again, it is to know what the one before did. */
  readonly #zooms = new Map<TabId, number>();
  readonly #ports = new Map<string, MessagePort>();
  readonly #finder = new TabFinder((tab) => this.#findersOf(tab));
  readonly #originOf: (tab: TabId) => string | undefined;
  readonly #clock: Clock;
  #lastId = 0;

  /** @param originOf the origin of the view that a tab shows pages of. */
  constructor(originOf: (tab: TabId) => string | undefined, clock: Clock) {
    this.#originOf = originOf;
    this.#clock = clock;
  }

  connect(origin: string, port: MessagePort): void {
    this.#ports.get(origin)?.close();
    for (const settle of this.#waiting.values()) settle(undefined);
    this.#waiting.clear();
    this.#ports.set(origin, port);
    port.onmessage = ({ data }: MessageEvent<unknown>) => {
      this.#hear(parseAgentReport(data), origin);
    };
    for (const [tab, factor] of this.#zooms) if (this.#originOf(tab) === origin) this.zoom(tab, factor);
  }

  /** Whether this browser enforces `Connection-Allowlist`, as the boot page of that origin finds. */
  async probe(origin: string): Promise<boolean> {
    const id = ++this.#lastId;
    const report = await new Promise<AgentReport | undefined>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#ports.get(origin)?.postMessage({ type: "probe", id } satisfies AgentCommand);
    });
    return report?.type === "probed" && report.enforced;
  }

  /** The boot page is told of new documents. */
  follow(event: EngineEvent): void {
    if (event.type !== "committed" && event.type !== "failed") return;
    this.#finder.forget(event.tab);
    this.attend(event.tab);
  }

  attend(tab: TabId): void {
    // The boot page of another origin does not know yet.
    const factor = this.#zooms.get(tab);
    if (factor !== undefined) this.zoom(tab, factor);
    this.#tell({ type: "attend", frame: frameOf(tab), tab });
  }

  find(tab: TabId, query: string, direction: FindDirection): Promise<FindResult> {
    return this.#finder.find(tab, query, direction);
  }

  zoom(tab: TabId, factor: number): void {
    this.#zooms.set(tab, factor);
    this.#tell({ type: "zoom", frame: frameOf(tab), tab, factor });
  }

  async scrollPosition(tab: TabId): Promise<ScrollPosition | undefined> {
    const report = await this.#ask((id) => ({ type: "where", id, frame: frameOf(tab), tab }));
    return report?.type === "scrolled" ? report.position : undefined;
  }

  scrollTo(tab: TabId, { x, y }: ScrollPosition): void {
    this.#tell({ type: "scroll", frame: frameOf(tab), tab, x, y });
  }

  goWithin(tab: TabId, fragment: string): void {
    this.#tell({ type: "fragment", frame: frameOf(tab), tab, fragment });
  }

  focus(tab: TabId): void {
    this.#tell({ type: "focus", frame: frameOf(tab), tab });
  }

  subscribe(listener: (event: ViewEvent) => void): Cancel {
    const own = (event: ViewEvent): void => {
      listener(event);
    };
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /** In the page and, where frames within it are of other origins, in each of these. */
  #findersOf(tab: TabId): readonly PlaceFinder[] {
    const own = this.#originOf(tab) ?? "";
    const frame = frameOf(tab);
    return [own, ...frameLabelsOf(own)]
      .filter((origin) => this.#ports.has(origin))
      .map((origin) => ({
        count: async (query) => {
          const report = await this.#ask((id) => ({ type: "find", id, frame, tab, query }), origin);
          return report?.type === "found" ? report.count : 0;
        },
        show: (place) => {
          this.#tell({ type: "show", frame, tab, ...(place === undefined ? {} : { place }) }, origin);
        },
      }));
  }

  /** @returns undefined if nobody answers. */
  #ask(command: (id: number) => TabCommand, origin?: string): Promise<AgentReport | undefined> {
    const id = ++this.#lastId;
    const cancel = this.#clock.after(ANSWER_WITHIN, () => {
      this.#settle(id, undefined);
    });
    return new Promise((resolve) => {
      this.#waiting.set(id, (report) => {
        cancel();
        resolve(report);
      });
      if (!this.#tell(command(id), origin)) this.#settle(id, undefined);
    });
  }

  /** @param origin of the boot page; else that of the tab's page. @returns whether there is a boot page to ask. */
  #tell(command: TabCommand, origin = this.#originOf(command.tab as TabId) ?? ""): boolean {
    const port = this.#ports.get(origin);
    port?.postMessage(command);
    return port !== undefined;
  }

  #settle(id: number, report: AgentReport | undefined): void {
    this.#waiting.get(id)?.(report);
    this.#waiting.delete(id);
  }

  /** Scripts of pages reach into boot pages of their origin: they speak of their own tabs alone. */
  #hear(report: AgentReport, origin: string): void {
    if ("tab" in report && this.#originOf(report.tab as TabId) !== origin) return;
    switch (report.type) {
      case "found":
      case "scrolled":
      case "probed":
        this.#settle(report.id, report);
        return;
      case "attended":
        this.#emit({ type: "arrived", tab: report.tab as TabId });
        return;
      case "key":
        this.#emit({ type: "key", tab: report.tab as TabId, press: report.press });
        return;
      case "fragment":
        this.#emit({ ...report, tab: report.tab as TabId, from: report.from });
        return;
      case "link":
      case "open":
        this.#emit({ ...report, tab: report.tab as TabId });
        return;
    }
  }

  #emit(event: ViewEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

/** Where the frame of a tab is among this window's frames; past all of them: there is none. */
function frameOf(tab: TabId): number {
  const element = document.querySelector<HTMLIFrameElement>(`iframe[data-tab="${CSS.escape(tab)}"]`);
  const frames = Array.from({ length: window.length }, (_, index) => window[index]);
  const index = element === null ? -1 : frames.findIndex((frame) => frame === element.contentWindow);
  return index < 0 ? frames.length : index;
}
