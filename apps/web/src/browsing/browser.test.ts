import { TaborError, type Clock } from "@tabor/onion-core";
import { expect, test, describe } from "vitest";
import { documentOf } from "../clean/document-of.ts";
import type { PageCleaner } from "../clean/page-cleaner.ts";
import { answerOf, FakeNetwork, type Sites } from "../testing/fake-network.ts";
import { Browser } from "./browser.ts";
import { RECOVERED } from "./load-watch.ts";
import type { Page } from "./page.ts";

/** A clock that never comes to a deadline. */
const clock: Clock = {
  now: () => 0,
  monotonic: () => 0,
  after: () => () => undefined,
  soon: (fn) => void Promise.resolve().then(fn),
};
const cleaner: PageCleaner = { clean: (request) => Promise.resolve(documentOf(request)) };
const lost = new TaborError("closed", "relay", "relay #2 went away");

function browse(sites: Sites) {
  const network = new FakeNetwork(sites);
  const saved: { name: string; file: Blob }[] = [];
  const browser = new Browser({
    network,
    cleaner,
    clock,
    saveFile: (file, name) => saved.push({ file, name }),
  });
  return { network, browser, saved, page: () => browser.state.value.page };
}

/** Waits until the page is of that kind; other final kinds fail. */
function until<K extends Page["kind"]>(browser: Browser, kind: K): Promise<Extract<Page, { kind: K }>> {
  return new Promise((resolve, reject) => {
    const unsubscribe = browser.state.subscribe(check);
    function check(): void {
      const { page } = browser.state.value;
      if (page.kind === kind) {
        unsubscribe();
        resolve(page as Extract<Page, { kind: K }>);
      } else if (page.kind === "failed") {
        unsubscribe();
        reject(new Error(page.explanation.detail));
      }
    }
    check();
  });
}

const titled = (title: string) => answerOf("text/html", `<title>${title}</title><p>${title}`);

describe("opening an address", () => {
  test("shows the page, cleaned, with its title and circuit", async () => {
    const { browser, network } = browse({
      "http://a.test/": [answerOf("text/html", "<title>A</title><script>x</script>hi")],
    });
    expect(browser.go("a.test")).toMatchObject({ kind: "url" });
    const page = await until(browser, "document");
    expect(page).toMatchObject({ title: "A", status: 200, circuit: { id: 1 } });
    expect(page.html).toContain("<body>hi</body>");
    expect(network.requests[0]).toMatchObject({ target: { host: "a.test", port: 80 }, isolation: "a.test" });
  });

  test.each([
    ["two words", "spaces"],
    ["", "Type the address"],
    ["http://", "not an address"],
  ])("%j is no address, and nothing is sent", (typed, why) => {
    const { browser, network } = browse({});
    const address = browser.go(typed);
    expect(address.kind === "invalid" && address.why).toContain(why);
    expect(network.requests).toEqual([]);
  });

  test("https is explained; nothing is sent; http is offered", async () => {
    const { browser, network } = browse({});
    browser.go("https://a.test/x");
    const page = await until(browser, "needs-tls");
    expect(page.insecure?.href).toBe("http://a.test/x");
    expect(network.requests).toEqual([]);
  });

  test("a site that sends everybody to https is not offered over http again", async () => {
    const { browser } = browse({
      "http://a.test/": [["HTTP/1.1 301 x\nLocation: https://a.test/\nContent-Length: 0\n\n"]],
    });
    browser.go("a.test");
    expect((await until(browser, "needs-tls")).insecure).toBeUndefined();
  });

  test("other schemes are refused without sending anything", async () => {
    const { browser, network } = browse({});
    browser.go("ftp://a.test/");
    await until(browser, "unsupported");
    expect(network.requests).toEqual([]);
  });

  test("a redirect to another site gets that site's own isolation", async () => {
    const { browser, network } = browse({
      "http://a.test/": [["HTTP/1.1 302 x\nLocation: http://b.test/\nContent-Length: 0\n\n"]],
      "http://b.test/": [titled("B")],
    });
    browser.go("a.test");
    expect((await until(browser, "document")).url.href).toBe("http://b.test/");
    expect(network.requests.map(({ isolation }) => isolation)).toEqual(["a.test", "b.test"]);
  });

  test("plain text and images are shown, in their own documents", async () => {
    const { browser } = browse({
      "http://a.test/t": [answerOf("text/plain", "<b>not bold</b>")],
      "http://a.test/i": [
        [
          "HTTP/1.1 200 OK\nContent-Type: image/png\n\n",
          Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10),
        ],
      ],
    });
    browser.go("a.test/t");
    expect((await until(browser, "document")).html).toContain("&lt;b&gt;not bold&lt;/b&gt;");
    browser.go("a.test/i");
    const loading = browser.state.value.page.kind;
    expect(["loading", "document"]).toContain(loading);
    await expect
      .poll(() => (browser.state.value.page as { html?: string }).html)
      .toContain('src="data:image/png;base64,iVBORw0KGgo="');
  });

  test("an unknown host is explained: what, where, what to do", async () => {
    const { browser, page } = browse({});
    browser.go("nowhere.test");
    await expect.poll(() => page().kind).toBe("failed");
    expect(page()).toMatchObject({
      explanation: { title: "The site's name was not found", where: "at the exit, the last relay" },
    });
  });
});

describe("history", () => {
  const sites = (): Sites => ({
    "http://a.test/1": [titled("one")],
    "http://a.test/2": [titled("two")],
    "http://a.test/3": [titled("three")],
  });
  const title = (browser: Browser) =>
    expect.poll(() => (browser.state.value.page as { title?: string }).title);

  test("goes back and forward without asking the site again", async () => {
    const { browser, network } = browse(sites());
    browser.go("a.test/1");
    await title(browser).toBe("one");
    browser.go("a.test/2");
    await title(browser).toBe("two");
    browser.back();
    await title(browser).toBe("one");
    expect(browser.state.value).toMatchObject({ canGoBack: false, canGoForward: true });
    browser.forward();
    await title(browser).toBe("two");
    expect(network.requests).toHaveLength(2);
  });

  test("a new address forgets what lay ahead", async () => {
    const { browser } = browse(sites());
    for (const [path, name] of [
      ["1", "one"],
      ["2", "two"],
    ] as const) {
      browser.go(`a.test/${path}`);
      await title(browser).toBe(name);
    }
    browser.back();
    browser.go("a.test/3");
    await title(browser).toBe("three");
    expect(browser.state.value.canGoForward).toBe(false);
    browser.back();
    await title(browser).toBe("one");
  });

  test("reload asks again", async () => {
    const { browser, network } = browse(sites());
    browser.go("a.test/1");
    await title(browser).toBe("one");
    browser.reload();
    await expect.poll(() => network.requests.length).toBe(2);
  });
});

describe("stopping", () => {
  test("ends the wait and says so", async () => {
    const never = new Promise<void>(() => undefined);
    const { browser, page } = browse({ "http://a.test/": [[never]] });
    browser.go("a.test");
    await until(browser, "loading");
    browser.stop();
    await expect.poll(() => page().kind).toBe("failed");
    expect(page()).toMatchObject({ explanation: { title: "Stopped" } });
  });

  test("by another address: the first one's outcome is never shown", async () => {
    let release: () => void = () => undefined;
    const later = new Promise<void>((resolve) => (release = resolve));
    const { browser, page } = browse({
      "http://a.test/": [[later, ...titled("slow")]],
      "http://b.test/": [titled("fast")],
    });
    browser.go("a.test");
    await until(browser, "loading");
    browser.go("b.test");
    await expect.poll(() => page().kind).toBe("document");
    release();
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(page()).toMatchObject({ kind: "document", title: "fast" });
  });
});

describe("when a circuit is lost in the middle", () => {
  test("the page is fetched again over another one, and the person is told", async () => {
    const broken = ["HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 500\n\n<p>half", lost];
    const { browser, network } = browse({ "http://a.test/": [broken, titled("whole")] });
    browser.go("a.test");
    expect(await until(browser, "document")).toMatchObject({ title: "whole", circuit: { id: 2 } });
    expect(browser.state.value.notice).toBe(RECOVERED);
    expect(network.requests).toHaveLength(2);
  });

  test("again and again ends in an error that says where", async () => {
    const { browser, network, page } = browse({
      "http://a.test/": [["HTTP/1.1 200 OK\nContent-Length: 9\n\nx", lost]],
    });
    browser.go("a.test");
    await expect.poll(() => page().kind).toBe("failed");
    expect(page()).toMatchObject({
      explanation: { title: "The circuit was lost", where: "at a relay of the circuit" },
      circuit: { id: 4 },
    });
    expect(network.requests).toHaveLength(4);
  });

  test("what the site itself breaks is not asked for again", async () => {
    const { browser, network, page } = browse({
      "http://a.test/": [["HTTP/1.1 200 OK\nContent-Length: 9\n\nx"]],
    });
    browser.go("a.test");
    await expect.poll(() => page().kind).toBe("failed");
    expect(network.requests).toHaveLength(1);
  });
});

describe("files", () => {
  const head =
    "HTTP/1.1 200 OK\nContent-Type: application/zip\nContent-Disposition: attachment; filename=a.zip\nContent-Length: 6\n\n";

  test("are offered first, and saved when the person says so", async () => {
    const { browser, saved } = browse({ "http://a.test/f": [[head, "abc", "def"]] });
    browser.go("a.test/f");
    expect(await until(browser, "offer")).toMatchObject({
      fileName: "a.zip",
      type: "application/zip",
      length: 6,
    });
    expect(saved).toEqual([]);
    browser.save();
    expect(await until(browser, "saved")).toMatchObject({ length: 6 });
    expect(saved[0]?.name).toBe("a.zip");
    expect(await saved[0]?.file.text()).toBe("abcdef");
  });

  test("are fetched again from the start when the circuit is lost", async () => {
    const long = "HTTP/1.1 200 OK\nContent-Type: application/zip\nContent-Length: 4000\n\n";
    const half = "a".repeat(2000);
    const { browser, saved, network } = browse({
      "http://a.test/f": [
        [long, half, lost],
        [long, half, half],
      ],
    });
    browser.go("a.test/f");
    await until(browser, "offer");
    expect({ notice: browser.state.value.notice, requests: network.requests.length }).toEqual({
      notice: undefined,
      requests: 1,
    });
    browser.save();
    await until(browser, "saved");
    expect(await saved[0]?.file.text()).toBe(half + half);
    expect(browser.state.value.notice).toBe(RECOVERED);
  });

  test("that are not wanted are not read, and their connection is closed", async () => {
    const { browser, saved } = browse({
      "http://a.test/f": [[head, "abcdef"]],
      "http://a.test/": [titled("home")],
    });
    browser.go("a.test/f");
    await until(browser, "offer");
    browser.go("a.test");
    await until(browser, "document");
    browser.save();
    expect(saved).toEqual([]);
  });
});

test("a new circuit for the site asks the network for one and reloads", async () => {
  const { browser, network } = browse({ "http://a.test/": [titled("A")] });
  browser.go("a.test");
  await until(browser, "document");
  browser.newCircuit();
  expect(network.newCircuits).toEqual(["a.test"]);
  await expect.poll(() => network.requests.length).toBe(2);
});

test("a new identity forgets pages and history", async () => {
  const { browser, network } = browse({ "http://a.test/": [titled("A")], "http://b.test/": [titled("B")] });
  browser.go("a.test");
  await until(browser, "document");
  browser.newIdentity();
  expect(browser.state.value).toMatchObject({ page: { kind: "blank" }, canGoBack: false });
  expect(network.identities).toBe(2);
  browser.reload();
  expect(network.requests).toHaveLength(1);
});
