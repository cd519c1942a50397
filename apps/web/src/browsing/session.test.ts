import type { EngineEvent, TabId } from "@tabor/browsing";
import { TaborError } from "@tabor/onion-core";
import { VirtualClock } from "@tabor/onion-core/testing";
import { describe, expect, test } from "vitest";
import type { ScrollPosition, ViewAgent, ViewEvent } from "../services/view-agent.ts";
import { noView } from "../services/view-agent.ts";
import { FakeEngine, type FakeAnswer } from "../testing/fake-engine.ts";
import { Session } from "./session.ts";
import { addressOf, isBusy, tabTitle } from "./tab.ts";

const page = (title: string): FakeAnswer => ({ kind: "page", title, html: `<p>${title}` });
const ANSWERS: Readonly<Record<string, FakeAnswer>> = {
  "https://a.test/": page("A"),
  "https://b.test/": page("B"),
  "https://c.test/": page("C"),
  "https://old.test/": { kind: "redirect", to: "https://a.test/" },
  "https://slow.test/": { kind: "never", after: ["Waiting for slow.test"] },
  "https://part.test/": { kind: "partial", title: "Part", html: "" },
  "https://bad.test/": {
    kind: "fails",
    error: new TaborError("not-authentic", "site", "the certificate has expired"),
  },
  "http://plain.test/": { kind: "consent", title: "Plain", html: "" },
  "https://file.test/": { kind: "file", name: "a.zip", type: "application/zip", total: 800 },
};

function browse() {
  const clock = new VirtualClock();
  const positions = new Map<TabId, ScrollPosition>();
  const scrolled: ScrollPosition[] = [];
  const zoomed: number[] = [];
  const within: string[] = [];
  let told: (event: ViewEvent) => void = () => undefined;
  const view: ViewAgent = {
    ...noView,
    goWithin: (_, fragment) => within.push(fragment),
    focus: () => undefined,
    subscribe: (listener) => {
      told = listener;
      return () => undefined;
    },
    zoom: (_, factor) => zoomed.push(factor),
    scrollPosition: (tab) => Promise.resolve(positions.get(tab)),
    scrollTo: (_, position) => scrolled.push(position),
  };
  const engine = new FakeEngine({ clock, answers: ANSWERS, show: (_, url) => `view:${url}` });
  const session = new Session({ engine, view });
  const settle = () => clock.advance(10_000);
  /** Goes there, and waits. */
  const go = async (typed: string) => {
    expect(session.travel.go(typed).kind).toBe("url");
    await settle();
  };
  const emit = (event: { type: EngineEvent["type"] } & Record<string, unknown>) => {
    engine.emit({ tab: session.tab.id, ...event } as EngineEvent);
  };
  const tell = (event: ViewEvent) => {
    told(event);
  };
  return { clock, engine, session, positions, scrolled, zoomed, within, told: tell, settle, go, emit };
}

const urls = ({ tab }: Session) => tab.history.entries.map(({ url }) => url);

describe("going somewhere", () => {
  test("an address without a scheme is opened by https, and shown with its title", async () => {
    const { session, engine, go } = browse();
    await go("a.test");
    expect(engine.calls).toContain("view tab-1 https://a.test/");
    expect(session.tab.page).toMatchObject({ kind: "document", title: "A", site: { site: "a.test" } });
    expect(session.tab.view?.address).toBe("view:https://a.test/");
    expect([tabTitle(session.tab), isBusy(session.tab)]).toEqual(["A", false]);
  });

  test("what is no address is said, and nothing is asked for", () => {
    const { session, engine } = browse();
    expect(session.travel.go("two words")).toMatchObject({ kind: "invalid" });
    expect(session.travel.go("javascript:alert(1)")).toMatchObject({ kind: "invalid" });
    expect(engine.calls).toEqual(["open tab-1 safest"]);
  });

  test("the stages of the wait are told, and stopping leaves the page before", async () => {
    const { session, go } = browse();
    await go("a.test");
    await go("slow.test");
    expect(session.tab.load?.sentence).toBe("Waiting for slow.test");
    expect([addressOf(session.tab), session.tab.page.kind]).toEqual(["https://slow.test/", "document"]);
    session.travel.stop();
    expect([addressOf(session.tab), isBusy(session.tab)]).toEqual(["https://a.test/", false]);
    expect(urls(session)).toEqual(["tabor:start", "https://a.test/"]);
  });

  test("parts that do not come are waited for until the person stops it", async () => {
    const { session, go } = browse();
    await go("part.test");
    expect(isBusy(session.tab)).toBe(true);
    session.travel.stop();
    expect(isBusy(session.tab)).toBe(false);
  });

  test("a redirect takes the place of the address it came from", async () => {
    const { session, go } = browse();
    await go("old.test");
    expect(urls(session)).toEqual(["tabor:start", "https://a.test/"]);
  });

  test("an error is shown with its reason, and trying again asks again", async () => {
    const { session, engine, go } = browse();
    await go("bad.test");
    expect(session.tab.page).toMatchObject({ kind: "failed", error: { code: "not-authentic" } });
    session.travel.reload();
    expect(engine.calls.filter((call) => call.includes("bad.test"))).toHaveLength(2);
  });

  test("an engine that cannot say where to look is an error like any other", async () => {
    const { session, engine, settle } = browse();
    engine.viewUrl = () => Promise.reject(new TaborError("unreachable", "here", "no service worker"));
    session.travel.go("a.test");
    await settle();
    expect(session.tab.page).toMatchObject({ kind: "failed", error: { message: "no service worker" } });
    expect(isBusy(session.tab)).toBe(false);
  });

  test("plain http is asked for only when the person says so", async () => {
    const { session, engine, go, settle } = browse();
    await go("http://plain.test");
    expect(session.tab.page.kind).toBe("consent");
    expect(engine.calls).not.toContain("view tab-1 http://plain.test/ insecure");
    session.travel.allowInsecure();
    await settle();
    expect(session.tab.page).toMatchObject({ kind: "document", site: { tls: undefined } });
    expect(urls(session)).toEqual(["tabor:start", "http://plain.test/"]);
  });

  test("pages of the app ask nobody, and stand in the history", async () => {
    const { session, engine, go } = browse();
    await go("a.test");
    const before = engine.calls.length;
    await go("tabor:about");
    expect(session.tab.page).toEqual({ kind: "own", page: "about" });
    expect(session.tab.view).toBeUndefined();
    expect(engine.calls).toHaveLength(before);
    session.travel.back();
    expect(engine.calls.at(-1)).toBe("view tab-1 https://a.test/");
  });
});

describe("history", () => {
  test("links in the frame are followed", async () => {
    const { session, engine, go, settle } = browse();
    await go("a.test");
    engine.follow(session.tab.id, "https://b.test/");
    expect(addressOf(session.tab)).toBe("https://a.test/");
    await settle();
    expect(addressOf(session.tab)).toBe("https://b.test/");
    session.travel.back();
    await settle();
    expect(session.tab.page).toMatchObject({ title: "A" });
    session.travel.forward();
    await settle();
    expect(session.tab.page).toMatchObject({ title: "B" });
    expect(urls(session)).toEqual(["tabor:start", "https://a.test/", "https://b.test/"]);
  });

  test("going elsewhere from the middle forgets what lay ahead", async () => {
    const { session, go, settle } = browse();
    for (const site of ["a.test", "b.test"]) await go(site);
    session.travel.back();
    await settle();
    await go("c.test");
    expect(urls(session)).toEqual(["tabor:start", "https://a.test/", "https://c.test/"]);
  });

  test("the browser's own way back is one of ours", async () => {
    const { session, engine, go, settle } = browse();
    await go("a.test");
    engine.follow(session.tab.id, "https://b.test/");
    await settle();
    engine.follow(session.tab.id, "https://a.test/", true);
    await settle();
    expect(session.tab.history).toMatchObject({ index: 1, entries: { length: 3 } });
  });

  test("what a page leads to is shown in its frame, and named only then", async () => {
    const { session, engine, go, settle } = browse();
    await go("a.test");
    engine.follow(session.tab.id, "https://b.test/");
    expect(session.tab.view).toMatchObject({ address: "view:https://b.test/" });
    expect([addressOf(session.tab), isBusy(session.tab)]).toEqual(["https://a.test/", true]);
    await settle();
    expect(addressOf(session.tab)).toBe("https://b.test/");
  });

  test("a link to the page itself, and reloading, add nothing", async () => {
    const { session, engine, go, settle } = browse();
    await go("a.test");
    engine.follow(session.tab.id, "https://a.test/");
    await settle();
    session.travel.reload();
    await settle();
    expect(urls(session)).toHaveLength(2);
  });

  test("going back from what is still on the way stays on the page shown", async () => {
    const { session, go } = browse();
    await go("a.test");
    await go("slow.test");
    session.travel.back();
    expect([addressOf(session.tab), isBusy(session.tab)]).toEqual(["https://a.test/", false]);
  });

  test("two steps at once are two steps, and one there and one back are none", async () => {
    const { session, engine, go, settle } = browse();
    for (const site of ["a.test", "b.test", "c.test"]) await go(site);
    session.travel.back();
    session.travel.back();
    await settle();
    expect(session.tab).toMatchObject({ page: { title: "A" }, history: { index: 1 } });
    const before = engine.calls.length;
    session.travel.forward();
    session.travel.back();
    expect([addressOf(session.tab), isBusy(session.tab)]).toEqual(["https://a.test/", false]);
    expect(engine.calls.slice(before).filter((call) => call.startsWith("view"))).toHaveLength(1);
  });

  test("is bounded", async () => {
    const { session, engine, settle, go } = browse();
    await go("a.test");
    for (let turn = 0; turn < 60; turn++)
      for (const url of ["https://b.test/", "https://c.test/"]) {
        engine.follow(session.tab.id, url);
        await settle();
      }
    expect(urls(session)).toHaveLength(100);
    session.travel.back();
    await settle();
    expect(session.tab.page).toMatchObject({ title: "B" });
  });

  test("a page is found again where it was scrolled to", async () => {
    const { session, positions, scrolled, go, settle } = browse();
    await go("a.test");
    positions.set(session.tab.id, { x: 0, y: 700 });
    await go("b.test");
    session.travel.back();
    await settle();
    expect(scrolled).toEqual([{ x: 0, y: 700 }]);
  });
});

describe("the address bar never lies", () => {
  const site = { site: "x.test", tls: undefined, circuit: {} };

  test("what was stopped too late is named when it is shown", async () => {
    const { session, emit, go } = browse();
    await go("slow.test");
    const navigation = session.tab.load?.navigation;
    session.travel.stop();
    emit({ type: "committed", navigation, url: "https://slow.test/", status: 200, site });
    expect(addressOf(session.tab)).toBe("https://slow.test/");
  });

  test("a page cannot put the name of another one above itself", async () => {
    const { session, emit, go } = browse();
    await go("a.test");
    emit({ type: "started", navigation: 50, url: "https://bank.test/", traversed: false });
    expect([addressOf(session.tab), tabTitle(session.tab)]).toEqual(["https://a.test/", "A"]);
  });

  test("late news of an earlier page changes nothing", async () => {
    const { session, emit, go } = browse();
    await go("a.test");
    const before = session.tab.page.kind === "document" ? session.tab.page.navigation : undefined;
    await go("b.test");
    const tab = session.tab;
    for (const type of ["title", "icon", "resources", "finished", "failed", "needs-consent"] as const)
      emit({ type, navigation: before, title: "late", icon: "data:,", url: "https://a.test/" });
    emit({ type: "committed", navigation: before, url: "https://a.test/", status: 200, site });
    expect(session.tab).toBe(tab);
  });

  test("a frame that is gone cannot put its page over one of the app", async () => {
    const { session, emit, go } = browse();
    await go("a.test");
    await go("tabor:volunteer");
    emit({ type: "started", navigation: 60, url: "https://x.test/", traversed: false });
    emit({ type: "committed", navigation: 60, url: "https://x.test/", status: 200, site });
    expect(session.tab.page).toEqual({ kind: "own", page: "volunteer" });
  });

  test("titles are cut at a length", async () => {
    const { session, emit, go } = browse();
    await go("a.test");
    const navigation = session.tab.page.kind === "document" ? session.tab.page.navigation : 0;
    emit({ type: "title", navigation, title: "x".repeat(100_000) });
    expect(tabTitle(session.tab)).toHaveLength(300);
  });
});

describe("tabs", () => {
  test("each has its own page; closing one shows its neighbour", async () => {
    const { session, engine, go } = browse();
    await go("a.test");
    session.newTab();
    await go("b.test");
    expect(session.state.value.tabs.map(tabTitle)).toEqual(["A", "B"]);
    session.step(1);
    expect(tabTitle(session.tab)).toBe("A");
    session.closeTab(session.tab.id);
    expect(tabTitle(session.tab)).toBe("B");
    expect(engine.calls.at(-1)).toBe("close tab-1");
  });

  test("after the last one there is a new one", async () => {
    const { session, go } = browse();
    await go("a.test");
    session.closeTab(session.tab.id);
    expect(session.state.value.tabs.map(tabTitle)).toEqual(["Start"]);
    expect(session.tab.id).toBe("tab-2");
  });

  test("are moved along the row, at most to its ends", () => {
    const { session } = browse();
    session.newTab();
    session.newTab();
    const order = () => session.state.value.tabs.map(({ id }) => id);
    session.move("tab-1" as TabId, 1);
    expect(order()).toEqual(["tab-2", "tab-1", "tab-3"]);
    session.move("tab-1" as TabId, 5);
    expect(order()).toEqual(["tab-2", "tab-3", "tab-1"]);
    session.move("tab-1" as TabId, -9);
    expect(order()).toEqual(["tab-1", "tab-2", "tab-3"]);
  });

  test("a page of the app is opened once", () => {
    const { session } = browse();
    session.showOwn("volunteer");
    expect(session.state.value.tabs).toHaveLength(1);
    session.showOwn("about");
    session.showOwn("volunteer");
    expect(session.state.value.tabs).toHaveLength(2);
    expect(tabTitle(session.tab)).toBe("Volunteer");
  });

  test("another level is another frame, at the same page", async () => {
    const { session, engine, go, settle } = browse();
    await go("a.test");
    session.setLevel("standard");
    expect(session.tab).toMatchObject({ id: "tab-2", level: "standard", view: undefined });
    await settle();
    expect(session.tab.page).toMatchObject({ title: "A" });
    expect(engine.calls.slice(-3)).toEqual([
      "close tab-1",
      "open tab-2 standard",
      "view tab-2 https://a.test/",
    ]);
  });

  test("are zoomed one by one", () => {
    const { session, zoomed } = browse();
    session.zoom("in");
    session.zoom("in");
    session.zoom("out");
    expect(zoomed).toEqual([1.1, 1.25, 1.1]);
    session.newTab();
    expect(session.tab.zoom).toBe(1);
  });
});

test("a new circuit for a site asks for its page again", async () => {
  const { session, engine, go } = browse();
  await go("a.test");
  session.travel.newCircuit();
  expect(engine.calls.slice(-2)).toEqual(["circuit tab-1", "view tab-1 https://a.test/"]);
});

test("a new identity forgets tabs, addresses and downloads", async () => {
  const { session, engine, go, settle } = browse();
  await go("a.test");
  await go("file.test");
  expect(session.suggestions("a")).toHaveLength(1);
  session.newIdentity();
  await settle();
  expect(engine.calls.slice(-2)).toEqual(["identity", "open tab-2 safest"]);
  const { tabs, downloads, visits } = session.state.value;
  expect([tabs.map(tabTitle), downloads, visits]).toEqual([["Start"], [], []]);
  expect(session.suggestions("a")).toEqual([]);
});

describe("downloads", () => {
  test("are offered in the place of a page, and the page before stays", async () => {
    const { session, go, settle } = browse();
    await go("a.test");
    await go("file.test");
    expect([addressOf(session.tab), isBusy(session.tab)]).toEqual(["https://a.test/", false]);
    const [file] = session.state.value.downloads;
    expect(file).toMatchObject({ fileName: "a.zip", state: { name: "offered" } });
    if (file !== undefined) session.download(file.id, "accept");
    await settle();
    expect(session.state.value.downloads).toMatchObject([{ received: 800, state: { name: "done" } }]);
    session.clearDownloads();
    expect(session.state.value.downloads).toEqual([]);
  });

  test("that are declined leave the list", async () => {
    const { session, go } = browse();
    await go("file.test");
    const [file] = session.state.value.downloads;
    if (file !== undefined) session.download(file.id, "cancel");
    expect(session.state.value.downloads.filter(({ state }) => state.name === "offered")).toEqual([]);
  });

  test("the list is bounded, and never loses one that runs", async () => {
    const { session, go, engine } = browse();
    await go("file.test");
    const [file] = session.state.value.downloads;
    if (file === undefined) throw new Error("nothing is offered");
    for (let id = 1; id < 300; id++) {
      const state = { name: id === 1 ? "running" : "done" } as const;
      engine.emit({ type: "download", download: { ...file, id: id as typeof file.id, state } });
    }
    const { downloads } = session.state.value;
    expect(downloads).toHaveLength(100);
    expect(downloads.some(({ state }) => state.name === "running")).toBe(true);
  });
});

describe("places within a page", () => {
  test("have addresses and a history, and are gone to without asking for the page again", async () => {
    const { session, engine, go, told, within, scrolled } = browse();
    await go("a.test");
    const tab = session.tab.id;
    told({ type: "fragment", tab, fragment: "#one", from: { x: 0, y: 40 } });
    told({ type: "fragment", tab, fragment: "#one", from: undefined });
    expect(addressOf(session.tab)).toBe("https://a.test/#one");
    expect(urls(session)).toEqual(["tabor:start", "https://a.test/", "https://a.test/#one"]);
    const asked = engine.calls.length;
    session.travel.back();
    expect([addressOf(session.tab), within, scrolled]).toEqual(["https://a.test/", [""], [{ x: 0, y: 40 }]]);
    session.travel.forward();
    session.travel.go("a.test/#two");
    expect(within).toEqual(["", "#one", "#two"]);
    expect(urls(session).at(-1)).toBe("https://a.test/#two");
    expect([tabTitle(session.tab), engine.calls.length]).toEqual(["A", asked]);
  });
});

describe("links", () => {
  test("that are pointed at are named, as long as they are", async () => {
    const { session, go, told, settle } = browse();
    await go("a.test");
    const tab = session.tab.id;
    told({ type: "link", tab, href: "https://b.test/" });
    await settle();
    expect(session.tab.pointed).toBe("https://b.test/");
    told({ type: "link", tab, href: "" });
    await settle();
    expect(session.tab.pointed).toBeUndefined();
  });

  test("open in a tab beside, which is not shown, and only where they lead somewhere", async () => {
    const { session, go, told, settle } = browse();
    await go("a.test");
    const tab = session.tab.id;
    told({ type: "open", tab, href: "https://b.test/" });
    told({ type: "open", tab, href: "https://unknown.test/" });
    await settle();
    expect(session.tab.id).toBe(tab);
    expect(session.state.value.tabs.map(tabTitle)).toEqual(["A", "B"]);
    expect(session.state.value.tabs[1]?.history.entries.map(({ url }) => url)).toEqual(["https://b.test/"]);
  });
});

test("what the browser could not be had to forget is told, until the person has read it", () => {
  const { session, engine } = browse();
  session.newIdentity();
  expect(session.state.value.notForgotten).toBe(false);
  engine.emit({ type: "not-forgotten" });
  expect(session.state.value.notForgotten).toBe(true);
  session.acceptNotForgotten();
  expect(session.state.value.notForgotten).toBe(false);
});
