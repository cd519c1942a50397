import type {
  Download,
  DownloadId,
  Engine,
  EngineEvent,
  NavigationId,
  SecurityLevel,
  SiteInfo,
  TabId,
  TlsInfo,
} from "@tabor/browsing";
import { TaborError, type Cancel, type CircuitInfo, type Clock } from "@tabor/onion-core";
import { SITE_CERTIFICATES } from "./fake-certificates.ts";
import { circuitNumber } from "./fake-network.ts";

/** What a scripted site answers at one address. */
export type FakeAnswer =
  | {
      readonly kind: "page";
      readonly title: string;
      readonly html: string;
      readonly icon?: string;
      readonly parts?: number;
      readonly status?: number;
    }
  | { readonly kind: "redirect"; readonly to: string }
  /** `after`: what is said while it is waited for, for ever. */
  | { readonly kind: "never"; readonly after: readonly string[] }
  /** A document whose parts do not all come. */
  | { readonly kind: "partial"; readonly title: string; readonly html: string }
  | { readonly kind: "fails"; readonly error: TaborError }
  | { readonly kind: "consent"; readonly title: string; readonly html: string }
  | { readonly kind: "file"; readonly name: string; readonly type: string; readonly total: number }
  | { readonly kind: "file-that-breaks"; readonly name: string };

export interface FakeEngineDeps {
  readonly clock: Clock;
  readonly answers: Readonly<Record<string, FakeAnswer>>;
  /** Makes an address at which a frame shows this. */
  readonly show: (html: string, url: string) => string;
}

/** How long each step of a scripted load takes, in milliseconds. */
const STEP_MS = 60;
const CHUNKS = 8;

/** An engine whose sites follow a script, without a network. */
export class FakeEngine implements Engine {
  /** What it was asked, in order. */
  readonly calls: string[] = [];
  readonly #deps: FakeEngineDeps;
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  readonly #pending = new Map<TabId, Set<Cancel>>();
  readonly #files = new Map<DownloadId, Download>();
  readonly #circuits = new Map<string, CircuitInfo>();
  #navigations = 0;
  #downloads = 0;
  #circuitCount = 0;

  constructor(deps: FakeEngineDeps) {
    this.#deps = deps;
  }

  openTab(tab: TabId, level: SecurityLevel): void {
    this.calls.push(`open ${tab} ${level}`);
    this.#pending.set(tab, new Set());
  }

  closeTab(tab: TabId): void {
    this.calls.push(`close ${tab}`);
    this.#cancel(tab);
    this.#pending.delete(tab);
  }

  viewUrl(tab: TabId, { url, insecure }: { url: string; insecure?: boolean }): Promise<string> {
    this.calls.push(`view ${tab} ${url}${insecure === true ? " insecure" : ""}`);
    const address = this.#addressOf(url);
    // The frame asks for it once it has been told to.
    this.#soon(tab, () => {
      this.#load(tab, url, insecure === true);
    });
    return Promise.resolve(address);
  }

  /** A link of the page shown is followed. `traversed`: by the browser's own history. */
  follow(tab: TabId, url: string, traversed = false): void {
    this.emit({ type: "lead", tab, url, address: this.#addressOf(url), traversed });
    this.#soon(tab, () => {
      this.#load(tab, url, false);
    });
  }

  /** Scripted pages name their links as they are. */
  urlOf(_: TabId, address: string): Promise<string | undefined> {
    return Promise.resolve(this.#deps.answers[address] === undefined ? undefined : address);
  }

  stop(tab: TabId): void {
    this.calls.push(`stop ${tab}`);
    this.#cancel(tab);
  }

  newCircuitForSite(tab: TabId): void {
    this.calls.push(`circuit ${tab}`);
    this.#circuits.clear();
  }

  newIdentity(): void {
    this.calls.push("identity");
    for (const tab of this.#pending.keys()) this.#cancel(tab);
    this.#pending.clear();
    this.#circuits.clear();
  }

  download(id: DownloadId, action: "accept" | "cancel"): void {
    this.calls.push(`download ${String(id)} ${action}`);
    const file = this.#files.get(id);
    if (file === undefined) return;
    if (action === "accept") this.#send(file, 0);
    else this.#fileNow(file, { name: "failed", error: new TaborError("aborted", "here", "withdrawn") });
  }

  subscribe(listener: (event: EngineEvent) => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(event: EngineEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #addressOf(url: string): string {
    const answer = this.#deps.answers[url];
    return this.#deps.show(answer !== undefined && "html" in answer ? answer.html : "", url);
  }

  #load(tab: TabId, url: string, insecure: boolean): void {
    const navigation = ++this.#navigations as NavigationId;
    this.emit({ type: "started", tab, navigation, url, traversed: false });
    const answer = this.#deps.answers[url] ?? {
      kind: "fails",
      error: new TaborError("resolve-failed", "exit", "the name has no address"),
    };
    const script = new Script({ tab, navigation, url, circuit: this.#circuitOf(url), insecure }, answer);
    this.#play(tab, [...script.steps()], answer);
  }

  /** A step after the other; the last one may lead elsewhere. */
  #play(tab: TabId, [step, ...others]: readonly EngineEvent[], answer: FakeAnswer): void {
    if (step === undefined) {
      if (answer.kind === "redirect") this.#load(tab, answer.to, false);
      else if (answer.kind === "file" || answer.kind === "file-that-breaks") this.#offer(tab, answer);
      return;
    }
    this.#soon(tab, () => {
      this.emit(step);
      this.#play(tab, others, answer);
    });
  }

  #offer(tab: TabId, answer: FakeAnswer & { kind: "file" | "file-that-breaks" }): void {
    const id = ++this.#downloads as DownloadId;
    const url = Object.entries(this.#deps.answers).find(([, candidate]) => candidate === answer)?.[0] ?? "";
    const known = answer.kind === "file" ? answer : { type: "", total: undefined };
    const { type, total } = known;
    const file = { id, tab, url, fileName: answer.name, type, total, received: 0 };
    this.#fileNow(file, { name: "offered" });
  }

  #send(file: Download, chunk: number): void {
    const size = (file.total ?? 400_000) / CHUNKS;
    if (chunk === CHUNKS) {
      this.#fileNow({ ...file, received: size * chunk }, { name: "done" });
    } else if (file.total === undefined && chunk === 3) {
      const error = new TaborError("closed", "relay", "relay #2 went away");
      this.#fileNow(file, { name: "failed", error });
    } else {
      const next = { ...file, received: size * chunk };
      this.#fileNow(next, { name: "running" });
      this.#deps.clock.after(STEP_MS, () => {
        if (this.#files.get(file.id)?.state.name === "running") this.#send(next, chunk + 1);
      });
    }
  }

  #fileNow(file: Omit<Download, "state">, state: Download["state"]): void {
    const download = { ...file, state };
    this.#files.set(file.id, download);
    this.emit({ type: "download", download });
  }

  #circuitOf(url: string): CircuitInfo {
    const { host } = new URL(url);
    const circuit = this.#circuits.get(host) ?? circuitNumber(++this.#circuitCount, host);
    this.#circuits.set(host, circuit);
    return circuit;
  }

  #soon(tab: TabId, fn: () => void): void {
    const pending = this.#pending.get(tab);
    const cancel = this.#deps.clock.after(STEP_MS, () => {
      pending?.delete(cancel);
      fn();
    });
    pending?.add(cancel);
  }

  #cancel(tab: TabId): void {
    const pending = this.#pending.get(tab);
    for (const cancel of pending ?? []) cancel();
    pending?.clear();
  }
}

interface ScriptedLoad {
  readonly tab: TabId;
  readonly navigation: NavigationId;
  readonly url: string;
  readonly circuit: CircuitInfo;
  readonly insecure: boolean;
}

/** What is said of one load. */
class Script {
  readonly #load: ScriptedLoad;
  readonly #answer: FakeAnswer;

  constructor(load: ScriptedLoad, answer: FakeAnswer) {
    this.#load = load;
    this.#answer = answer;
  }

  *steps(): Generator<EngineEvent> {
    const { url, circuit, insecure, ...base } = this.#load;
    const answer = this.#answer;
    const said = (sentence: string): EngineEvent => ({ ...base, type: "progress", sentence });
    yield said("Choosing a circuit");
    yield said(`Asking the exit to connect to ${new URL(url).host}`);
    switch (answer.kind) {
      case "page":
        yield* this.#document(answer, answer.parts ?? 0, answer.parts ?? 0);
        return;
      case "partial":
        yield* this.#document(answer, 40, 12);
        return;
      case "never":
        yield* answer.after.map(said);
        return;
      case "fails":
        yield { ...base, type: "failed", url, error: answer.error, circuit };
        return;
      case "consent":
        if (insecure) yield* this.#document(answer, 0, 0);
        else yield { ...base, type: "needs-consent", url };
        return;
      case "redirect":
      case "file":
      case "file-that-breaks":
        return;
    }
  }

  *#document(
    { title, icon, status }: { title: string; icon?: string; status?: number },
    asked: number,
    loaded: number,
  ): Generator<EngineEvent> {
    const { url, circuit, tab, navigation } = this.#load;
    const base = { tab, navigation };
    yield { ...base, type: "committed", url, status: status ?? 200, site: siteOf(url, circuit) };
    yield { ...base, type: "title", title };
    if (icon !== undefined) yield { ...base, type: "icon", icon };
    yield { ...base, type: "finished" };
    for (let part = 1; part <= loaded; part++)
      yield { ...base, type: "resources", asked, loaded: part, failed: 0, bytes: part * 21_500 };
    if (asked > 0 && loaded === 0)
      yield { ...base, type: "resources", asked, loaded: 0, failed: 0, bytes: 0 };
  }
}

function siteOf(url: string, circuit: CircuitInfo): SiteInfo {
  const { protocol, hostname } = new URL(url);
  const tls: TlsInfo = {
    version: "TLS 1.3",
    cipherSuite: "TLS_AES_128_GCM_SHA256",
    alpn: "http/1.1",
    certificates: SITE_CERTIFICATES,
  };
  return { site: hostname.replace(/^www\./, ""), tls: protocol === "https:" ? tls : undefined, circuit };
}
