/** Pages with scripts, used in the web app through three hops; and what keeps them apart from each other and from the app. */
import { chromium, expect, type FrameLocator, test } from "@playwright/test";
import { AppSurface, startNetworkTo } from "./farm/journeys/in-app.ts";
import { JOURNEYS } from "./farm/journeys/journeys.ts";
import { type Farm, startFarm } from "./farm/network/farm.ts";
import { html } from "./farm/content/replies.ts";
import { type Host, web } from "./farm/network/host.ts";
import { allSites } from "./farm/sites/all.ts";
import { CHROMIUM_FLAGS, chromiumPath } from "./fixtures/chromium.ts";
import type { RunningNetwork } from "./fixtures/network.ts";

let farm: Farm;
let network: RunningNetwork;
test.beforeAll(async () => {
  const room = web("room.test", (exchange) => html(exchange, "<!doctype html><title>Room</title><h1>Room"));
  farm = await startFarm([...allSites(), room, ...framing()]);
  network = await startNetworkTo(farm);
});
test.afterAll(async () => {
  await network.stop();
  await farm.close();
});

/** A page with a widget of another site in it: they talk, and each has its own. */
function framing(): readonly Host[] {
  const page = web("host.test", (exchange) => {
    const cookie = { "set-cookie": "own=1; Secure; SameSite=None" };
    const text = `<!doctype html><title>Host</title><h1>Host</h1><p id="heard"></p>
      <iframe id="widget" src="https://widget.test/start"></iframe>
      <script>
        localStorage.setItem("of", "host");
        const widget = document.getElementById("widget");
        addEventListener("message", (event) => {
          const isWidget = event.source === widget.contentWindow;
          document.getElementById("heard").textContent = [event.origin, event.data, isWidget].join(" ");
          widget.contentWindow.postMessage("to nobody", "https://host.test");
          event.source.postMessage("to the widget", "https://widget.test");
        });
      </script>`;
    html(exchange, text, { headers: cookie });
  });
  const widget = web("widget.test", (exchange) => {
    const { pathname } = exchange.url;
    if (pathname === "/start") {
      exchange.response.writeHead(302, {
        location: "/widget",
        "set-cookie": ["widget=1; Secure; SameSite=None", "strict=1; Secure; SameSite=Strict"],
      });
      exchange.response.end();
      return;
    }
    if (pathname === "/data") {
      exchange.response.end(exchange.visit.headers["cookie"] ?? "");
      return;
    }
    const text = `<!doctype html><title>Widget</title><p id="said">${exchange.visit.headers["cookie"] ?? ""}</p><p id="heard"></p>
      <script>
        localStorage.setItem("of", (localStorage.getItem("of") ?? "") + "widget");
        addEventListener("message", (event) => {
          document.getElementById("heard").textContent += [event.origin, event.data, event.source === parent].join(" ");
        });
        parent.postMessage("hello", "https://elsewhere.test");
        fetch("/data").then((answer) => answer.text()).then((text) => parent.postMessage(text, "https://host.test"));
      </script>`;
    html(exchange, text, pathname === "/closed" ? { headers: { "x-frame-options": "DENY" } } : {});
  });
  return [page, widget];
}

/** The farm's application has done all of its checks. */
async function checked(shown: Pick<FrameLocator, "locator">): Promise<Record<string, string>> {
  const items = shown.locator("#results li");
  await expect(items).toHaveCount(17);
  await expect(items.filter({ hasText: /^$/ })).toHaveCount(0);
  const results = await items.evaluateAll((all) => all.map((item) => [item.id, item.textContent] as const));
  return Object.fromEntries(results);
}

/** What a script of the page finds. */
function within<T>(app: AppSurface, find: () => T | Promise<T>): Promise<T> {
  return app.shown.locator("html").evaluate(find);
}

test("an application of one page works: modules, requests, sockets, storage, workers", async ({
  context,
}) => {
  const app = await AppSurface.open(context, network, "standard");
  await app.open("https://app.test/");
  const results = await checked(app.shown);
  expect(Object.entries(results).filter(([, result]) => result !== "ok")).toEqual([]);
  // The site's cookies are the engine's: the browser keeps none.
  expect(await context.cookies()).toEqual([]);
  await app.shown.getByRole("link", { name: "Barn" }).click();
  await expect(app.shown.locator("#route")).toHaveText("You are at /barn");
  await expect.poll(() => app.address()).toBe("https://app.test/barn");
  await app.reload();
  await expect(app.shown.locator("#route")).toHaveText("You are at /barn");
  await expect.poll(() => within(app, () => localStorage.getItem("visits"))).toBe("2");
  for (const { headers, path } of farm.visitsTo("app.test"))
    expect([path, headers["user-agent"]]).toEqual([path, expect.stringContaining("Firefox/153")]);
});

test("what crosses to another site is shown in an origin of its own, and the way back leads back", async ({
  context,
}) => {
  const app = await AppSurface.open(context, network, "standard");
  await app.open("https://room.test/one");
  const one = await within(app, () => location.origin);
  await within(app, () => {
    localStorage.setItem("secret", "of room");
    document.body.innerHTML = `<a id="away" href="https://wiki.test/">away</a>`;
  });
  await app.shown.locator("#away").click();
  await expect(app.shown.locator("#contents")).toBeVisible();
  await expect.poll(() => app.address()).toMatch(/^https:\/\/wiki\.test\/wiki\//);
  expect(await within(app, () => location.origin)).not.toBe(one);
  expect(await within(app, () => localStorage.getItem("secret"))).toBeNull();
  expect(farm.visitsTo("wiki.test")[0]?.headers["sec-fetch-site"]).toBe("cross-site");
  await app.back();
  await expect(app.shown.locator("h1")).toHaveText("Room");
  await expect.poll(() => app.address()).toBe("https://room.test/one");
  expect(await within(app, () => [location.origin, localStorage.getItem("secret")])).toEqual([
    one,
    "of room",
  ]);
});

test("a link that a script made is named where it is pointed at, and opened beside", async ({ context }) => {
  const app = await AppSurface.open(context, network, "standard");
  await app.open("https://room.test/");
  await within(app, () => {
    const link = document.body.appendChild(document.createElement("a"));
    link.href = "https://wiki.test/?made#here";
    link.textContent = "made";
  });
  const link = app.shown.getByText("made");
  await link.hover();
  await expect(app.window.getByTestId("pointed")).toHaveText("wiki.test/?made#here");
  await link.click({ modifiers: ["Control"] });
  await expect(app.window.getByRole("tab")).toHaveCount(2);
  await expect(app.window.getByRole("tab", { name: /wiki/i })).toBeVisible();
  await expect.poll(() => farm.visitsTo("wiki.test").some(({ path }) => path === "/?made")).toBe(true);
});

test("a frame of another site is shown in an origin of its own, and talks with the page around it", async ({
  context,
}) => {
  const app = await AppSurface.open(context, network, "standard");
  await app.open("https://host.test/");
  const widget = app.shown.frameLocator("#widget");
  await expect(app.shown.locator("#heard")).toHaveText("https://widget.test widget=1 true");
  await expect(widget.locator("#heard")).toHaveText("https://host.test to the widget true");
  const [outer, inner] = [app.shown, widget].map((frame) =>
    frame.locator("html").evaluate(() => ({
      origin: location.origin,
      of: localStorage.getItem("of"),
      cookie: document.cookie,
      reaches: [0, 1].map((way) => {
        try {
          return typeof (way === 0 ? parent : (window[0] ?? parent)).document.title;
        } catch {
          return "nothing";
        }
      }),
    })),
  );
  const [host, own] = [await outer, await inner];
  expect([host?.of, own?.of]).toEqual(["host", "widget"]);
  expect(own?.origin).toBe(host?.origin.replace(".view.", "-a.view."));
  expect([host?.cookie, own?.cookie]).toEqual(["own=1", "widget=1"]);
  expect([host?.reaches[1], own?.reaches]).toEqual(["nothing", ["nothing", "nothing"]]);
  expect(await context.cookies()).toEqual([]);
  // Names are written out: the browser looks up none that a page made.
  const allowed = await within(app, async () => (await fetch("/")).headers.get("connection-allowlist"));
  const names = Array.from("abcdefghijkl", (end) => `"${host?.origin.replace(".view.", `-${end}.view.`)}"`);
  expect(allowed).toBe(`(response-origin ${names.join(" ")});redirects=allow`);
  // The tab is the page's alone.
  expect(await app.address()).toBe("https://host.test/");
  expect(farm.visitsTo("widget.test")[0]?.headers).toMatchObject({
    "sec-fetch-site": "cross-site",
    "sec-fetch-dest": "iframe",
  });
});

test("text is found in the page and in the frames of other sites in it, and they are enlarged with it", async ({
  context,
}) => {
  const app = await AppSurface.open(context, network, "standard");
  await app.open("https://host.test/");
  const widget = app.shown.frameLocator("#widget");
  await expect(widget.locator("#heard")).toHaveText("https://host.test to the widget true");
  // The page has heard `https://widget.test`; the widget of `https://host.test` and of the widget.
  await app.window.keyboard.press("Control+f");
  await app.window.getByTestId("find").fill("widget");
  const found = app.window.getByTestId("found");
  await expect(found).toHaveText(/^1 of [4-9]$/);
  const count = Number(/\d+$/.exec((await found.textContent()) ?? "")?.[0]);
  const marked = (frame: Pick<FrameLocator, "locator">): Promise<readonly number[]> =>
    frame
      .locator("html")
      .evaluate(() => ["tabor-found", "tabor-current"].map((name) => CSS.highlights.get(name)?.size ?? 0));
  const [inPage = 0, inWidget = 0] = [(await marked(app.shown))[0], (await marked(widget))[0]];
  expect(inPage).toBeGreaterThan(0);
  expect(inWidget).toBeGreaterThan(0);
  expect(inPage + inWidget).toBe(count);
  expect([await marked(app.shown), await marked(widget)]).toEqual([
    [inPage, 1],
    [inWidget, 0],
  ]);
  await app.window.getByTestId("find").press("Shift+Enter");
  await expect(found).toHaveText(`${count} of ${count}`);
  await expect.poll(() => marked(widget)).toEqual([inWidget, 1]);
  expect(await marked(app.shown)).toEqual([inPage, 0]);
  await app.window.getByTestId("find").press("Escape");
  await expect.poll(() => marked(widget)).toEqual([0, 0]);

  const width = (): Promise<number> => widget.locator("html").evaluate(() => innerWidth * devicePixelRatio);
  const ratio = (): Promise<number> => widget.locator("html").evaluate(() => devicePixelRatio);
  const [wide, before] = [await width(), await ratio()];
  await app.window.keyboard.press("Control+=");
  await expect.poll(async () => (await ratio()) / before).toBeCloseTo(1.1);
  expect((await width()) / wide).toBeCloseTo(1.1, 1);
});

test("a link that is clicked with Alt held down is followed, and a page's own use of the key goes on", async ({
  context,
}) => {
  const app = await AppSurface.open(context, network, "standard");
  await app.open("https://room.test/");
  await within(app, () => {
    document.body.innerHTML = `<button type="button">Ring</button><p></p><a href="https://wiki.test/">Wiki</a>`;
    document.querySelector("button")?.addEventListener("click", ({ altKey, detail }) => {
      document.querySelector("p")?.append(`alt ${String(altKey)} ${String(detail)}`);
    });
  });
  await app.shown.getByRole("button").click({ modifiers: ["Alt"] });
  await expect(app.shown.locator("p")).toHaveText("alt true 1");
  await app.shown.getByRole("link", { name: "Wiki" }).click({ modifiers: ["Alt"] });
  await expect.poll(() => app.address()).toMatch(/^https:\/\/wiki\.test\//);
});

test("a frame is not shown whose site does not allow it", async ({ context }) => {
  const app = await AppSurface.open(context, network, "standard");
  await app.open("https://room.test/");
  await within(app, () => {
    document.body.innerHTML = `<iframe id="widget" src="https://widget.test/closed"></iframe>`;
  });
  await expect(app.shown.frameLocator("#widget").locator("h1")).toHaveText("Not shown here");
});

test("pages of two sites, and the app, reach nothing of each other", async ({ context }) => {
  const app = await AppSurface.open(context, network, "standard");
  await app.open("https://room.test/");
  await app.window.getByTestId("new-tab").first().click();
  await app.allowScripts();
  await app.open("https://wiki.test/");
  const reached = await within(app, () => {
    const found: string[] = [];
    const attempt = (name: string, reach: () => unknown): void => {
      try {
        if (reach() !== undefined) found.push(name);
      } catch {
        // As it should be.
      }
    };
    const app = top;
    if (app === null || app === window) throw new Error("not in the app");
    // For its scripts it is in no frame, but for what no script can replace.
    if (parent !== window) found.push("the window above");
    attempt("the app's document", () => app.document);
    attempt("the app's address", () => app.location.href);
    for (let index = 0; index < app.length; index++) {
      const frame = app[index];
      if (frame === undefined) continue;
      attempt(`frame ${index}`, () =>
        frame.location.origin === location.origin ? undefined : frame.document,
      );
    }
    return found;
  });
  expect(reached).toEqual([]);
});

test("a page reaches neither the app's origin nor its server's sockets", async ({ context }) => {
  const app = await AppSurface.open(context, network, "standard");
  await app.open("https://room.test/");
  const before = network.directory.program.text;
  const answers = await within(app, async () => {
    const host = location.host.replace(/^.*view\./, "app.");
    const plain = document.createElement("iframe");
    document.body.append(plain);
    const bare = plain.contentWindow as Window & typeof globalThis;
    const textOf = async (asked: Promise<Response>): Promise<string> => (await asked).text();
    const opened = (socket: WebSocket): Promise<string> =>
      new Promise((resolve, reject) => {
        socket.onopen = () => resolve("open");
        socket.onerror = socket.onclose = () => reject(new Error("closed"));
      });
    const path = "/socket.io/?EIO=4&transport=";
    const outcomes = await Promise.allSettled([
      textOf(fetch(`http://${host}/tabor.json`)),
      textOf(fetch(`http://${host}/tabor.json`, { credentials: "include" })),
      opened(new WebSocket(`ws://${host}${path}websocket`)),
      textOf(fetch(`${path}polling`)),
      // A realm without a service worker: the page's own asks for it.
      textOf(bare.fetch(`http://${host}/tabor.json`)),
      textOf(bare.fetch(`${path}polling`)),
      opened(new bare.WebSocket(`ws://${host}${path}websocket`)),
      opened(new bare.WebSocket(`ws://${location.host}${path}websocket`)),
    ]);
    return outcomes.map((outcome) => (outcome.status === "rejected" ? "failed" : outcome.value));
  });
  const nothing = "There is nothing at this address.\n";
  expect(answers.slice(0, 4)).toEqual(["failed", "failed", "failed", expect.stringContaining("<h1>Room")]);
  expect(answers[5]).toEqual(answers[3]);
  for (const answer of answers.slice(4)) expect(["failed", nothing, answers[3]]).toContain(answer);
  expect(network.directory.program.text.slice(before.length)).not.toMatch(/socket\.io|tabor\.json/);
});

test("with a new identity, nothing of a page is found again", async ({ context }) => {
  const app = await AppSurface.open(context, network, "standard");
  await app.open("https://app.test/");
  await checked(app.shown);
  const before = await within(app, () => location.origin);
  // As from a window that hooks have missed: at a path of its own, for all names of the site.
  const site = new URL(before).hostname.replace(/^.*view\./, "");
  await context.addCookies([
    { name: "missed", value: "1", domain: `.view.${site}`, path: "/deep/path" },
    { name: "above", value: "1", domain: `.${site}`, path: "/x" },
  ]);
  await app.newIdentity();
  await expect.poll(() => context.cookies(), { timeout: 60_000 }).toEqual([]);
  await expect(app.window.getByTestId("not-forgotten")).toHaveCount(0);
  await app.allowScripts();
  await app.open("https://app.test/");
  expect((await checked(app.shown))["local-storage"]).toBe("ok");
  expect(await within(app, () => [localStorage.getItem("visits"), document.cookie])).toEqual([
    "1",
    "fruit=apple",
  ]);
  expect(await within(app, () => location.origin)).not.toBe(before);
  // What the browser kept for the old one is gone, too.
  const old = await context.newPage();
  await old.goto(`${before}/~boot`);
  await expect
    .poll(() => old.evaluate(async () => [localStorage.length, (await indexedDB.databases()).length]))
    .toEqual([0, 0]);
});

test("a person is told if not everything could be forgotten", async ({ context }) => {
  const app = await AppSurface.open(context, network, "standard");
  await app.open("https://room.test/");
  await context.route("**/~forget", (route) => route.abort());
  await app.newIdentity();
  const notice = app.window.getByRole("alert").filter({ hasText: "Not everything could be forgotten" });
  await expect(notice).toBeVisible();
  await notice.getByRole("button").click();
  await expect(notice).toHaveCount(0);
});

test("Standard is refused where the browser does not enforce Connection-Allowlist", async () => {
  const executablePath = chromiumPath();
  const browser = await chromium.launch({
    args: [...CHROMIUM_FLAGS, "--disable-features=ConnectionAllowlists"],
    ...(executablePath === undefined ? {} : { executablePath }),
  });
  const app = await AppSurface.open(await browser.newContext(), network);
  await app.window.getByTestId("level").click();
  await expect(app.window.getByTestId("level-standard")).toBeDisabled();
  await expect(app.window.getByText("does not enforce Connection-Allowlist")).toBeVisible();
  await browser.close();
});

for (const { name, journey } of JOURNEYS) {
  test(`at Standard, a person ${name}`, async ({ context }) => {
    await journey(await AppSurface.open(context, network, "standard"), farm);
  });
}
