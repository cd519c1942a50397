/** The app stays in the browser: it can be installed, opens without a network, and is another only when its person says so (docs/decisions/0022). */
import { appendFile, cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { relayId, silentLog } from "@tabor/onion-core";
import { requestListener } from "../apps/signal/src/web/request-listener.ts";
import type { RequestListener } from "../apps/signal/src/web/static-site.ts";
import { App } from "./fixtures/app.ts";
import { BUILT_WEB_APP } from "./fixtures/directory.ts";
import { openThrottlingBrowser } from "./fixtures/hidden-browser.ts";
import { buildKeeper } from "./fixtures/keeper.ts";
import { startNetwork } from "./fixtures/network.ts";
import { ROOT } from "./fixtures/program.ts";
import { startSite } from "./fixtures/site.ts";

/** Builds of the app, each with its name in the page, and a file that no other has. */
type Name = "one" | "two" | "torn";
let folder: string;

/** What a directory serves, without the directory: the build that was deployed last. */
let server: Server;
let origin: string;
let serve: RequestListener;

const listenerFor = (name: Name): RequestListener =>
  requestListener({
    info: () => ({ authorities: [relayId(new Uint8Array(32).fill(3))], servers: [], iceServers: [] }),
    servers: [],
    webFolder: join(folder, name),
    site: "tabor.localhost",
    allowedOrigins: new Set(),
    log: silentLog,
  });

async function makeBuild(name: Name): Promise<void> {
  const own = join(folder, name);
  await cp(join(ROOT, BUILT_WEB_APP), own, { recursive: true });
  const page = join(own, "app/index.html");
  const text = await readFile(page, "utf8");
  await writeFile(page, text.replace("<title>", `<meta name="build" content="${name}" /><title>`));
  await writeFile(join(own, `app/assets/only-${name}.txt`), name);
  await buildKeeper(own);
  // Its files were exchanged while they were fetched, or somebody has changed one.
  if (name === "torn") await appendFile(join(own, "app/assets/only-torn.txt"), "!");
}

test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tabor-builds-"));
  for (const name of ["one", "two", "torn"] as const) await makeBuild(name);
});
test.afterAll(async () => {
  await rm(folder, { recursive: true });
});
test.beforeEach(async () => {
  serve = listenerFor("one");
  server = createServer((request, response) => {
    serve(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://app.tabor.localhost:${(server.address() as AddressInfo).port}`;
});
test.afterEach(() => {
  stopServer();
});

function stopServer(): void {
  server.close();
  server.closeAllConnections();
}

/** Opens the app. Resolves when this browser keeps it. */
async function openKept(context: BrowserContext): Promise<Page> {
  const page = await context.newPage();
  await page.goto(origin);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  return page;
}

async function isBuild(page: Page, name: Name): Promise<void> {
  await expect(page.locator("meta[name=build]")).toHaveAttribute("content", name);
  await expect(page.getByTestId("connection")).toBeVisible();
}

test("browsers offer to install it", async () => {
  const { window, close } = await openThrottlingBrowser();
  try {
    const page = await openKept(window);
    const session = await window.newCDPSession(page);
    const { data = "", errors } = await session.send("Page.getAppManifest");
    expect(errors).toEqual([]);
    const manifest = JSON.parse(data) as {
      display: string;
      icons: { src: string; sizes: string; type: string }[];
    };
    expect(manifest).toMatchObject({
      name: "Tabor, the tab onion router",
      start_url: "/",
      display: "standalone",
    });
    for (const { src, sizes } of manifest.icons.filter(({ type }) => type === "image/png")) {
      const drawn = await page.evaluate(async (path) => {
        const { width, height } = await createImageBitmap(await (await fetch(path)).blob());
        return `${width}x${height}`;
      }, src);
      expect(drawn).toBe(sizes);
    }
    const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
    expect(installabilityErrors).toEqual([]);
  } finally {
    await close();
  }
});

test("opens when its server does not answer, and says so", async ({ context }) => {
  const page = await openKept(context);
  stopServer();
  await page.reload();
  await isBuild(page, "one");
  await expect(page.getByTestId("connection")).toContainText("The directory cannot be reached");
  await context.setOffline(true);
  const other = await context.newPage();
  await other.goto(origin);
  await isBuild(other, "one");
  await expect(other.getByTestId("connection")).toContainText("This device is offline");
});

test("a newer version waits until it is taken; other tabs go on as they are", async ({ context }) => {
  const page = await openKept(context);
  const other = await openKept(context);
  serve = listenerFor("two");
  await page.reload();
  await isBuild(page, "one");
  await expect(page.getByTestId("update")).toContainText("A new version is there");
  // Not even when the app was closed altogether.
  await page.goto("about:blank");
  await page.goto(`${origin}/index.html`);
  await isBuild(page, "one");
  await page.getByTestId("update-later").click();
  await expect(page.getByTestId("update")).toHaveCount(0);
  await page.reload();
  await page.getByTestId("update-accept").click();
  await isBuild(page, "two");
  await expect(page.getByTestId("update")).toHaveCount(0);

  const ofOld = await other.evaluate(() => fetch("/assets/only-one.txt").then((response) => response.text()));
  expect(ofOld).toBe("one");
  await isBuild(other, "one");
  await other.reload();
  await isBuild(other, "two");
});

test("a version that is not whole is not kept, nor offered", async ({ context }) => {
  const page = await openKept(context);
  serve = listenerFor("torn");
  const outcome = await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.ready;
    const found = new Promise<ServiceWorker>((resolve) => {
      registration.addEventListener("updatefound", () => {
        if (registration.installing) resolve(registration.installing);
      });
    });
    await registration.update();
    const worker = await found;
    return new Promise<string>((resolve) => {
      const look = (): void => {
        if (worker.state !== "installing") resolve(worker.state);
      };
      worker.addEventListener("statechange", look);
      look();
    });
  });
  expect(outcome).toBe("redundant");
  await page.reload();
  await isBuild(page, "one");
  stopServer();
  await page.reload();
  await isBuild(page, "one");
  await expect(page.getByTestId("update")).toHaveCount(0);
});

test("opened without a network it browses as soon as there is one", async ({ context }) => {
  const [network, site] = await Promise.all([startNetwork({ relays: 2, exits: 1 }), startSite()]);
  try {
    const app = await App.open(context, network.directory.url);
    await app.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await context.setOffline(true);
    await app.page.reload();
    await expect(app.page.getByTestId("connection")).toContainText("This device is offline");
    await context.setOffline(false);
    await app.ready();
    await app.goPlain(`${site.origin}/page`);
    await app.shows("document");
  } finally {
    await context.close();
    await network.stop();
    await site.close();
  }
});
