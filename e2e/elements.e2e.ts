/** The browser's frame over a scripted engine: accessible in every state, usable by keyboard, and honest. */
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sirv from "sirv";
import { build } from "vite";
import { MEMBERSHIPS } from "../apps/web/src/testing/scripted-membership.ts";

const web = new URL("../apps/web/", import.meta.url).pathname;
let folder: string;
let server: Server;
let origin: string;

test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tabor-elements-"));
  const rolldownOptions = { input: join(web, "demo/index.html") };
  await build({
    root: web,
    configFile: join(web, "vite.config.ts"),
    logLevel: "warn",
    build: { outDir: folder, emptyOutDir: true, rolldownOptions },
  });
  server = createServer(sirv(folder));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

test.afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

/** The gallery in one of its states. */
async function open(page: Page, state: string): Promise<void> {
  await page.goto(`${origin}demo/index.html#${state}`);
  await expect(page.getByTestId("status")).toBeVisible();
}

async function visit(page: Page, address: string, kind = "document"): Promise<void> {
  await page.getByTestId("address").fill(address);
  await page.getByTestId("address").press("Enter");
  await expect(page.getByTestId("page")).toHaveAttribute("data-kind", kind);
}

/** Asks for something by its name in the menu. */
async function choose(page: Page, name: string): Promise<void> {
  await page.getByTestId("menu").click();
  await page.getByTestId(`menu-${name}`).click();
}

/** The page of the tab that is shown. */
const shown = (page: Page): Locator => page.locator("iframe[data-shown]");

/** The frame is another process's: the focus is on its way there for a while, and a key pressed then is nobody's. */
async function pageHasKeys(page: Page): Promise<void> {
  const hasFocus = (): boolean => document.hasFocus();
  await expect.poll(() => shown(page).contentFrame().locator("html").evaluate(hasFocus)).toBe(true);
}

/** The frame's own document is left out: it is the site's, not ours. */
async function expectAccessible(page: Page): Promise<void> {
  const axe = new AxeBuilder({ page }).setLegacyMode(true).options({ iframes: false });
  const { violations } = await axe.analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
  const fits = (): boolean => document.documentElement.scrollWidth <= innerWidth;
  expect(await page.evaluate(fits)).toBe(true);
}

const WIDE = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
const LOOKS = [
  { colorScheme: "light", viewport: WIDE },
  { colorScheme: "dark", viewport: WIDE },
  { colorScheme: "light", viewport: PHONE },
  { colorScheme: "dark", viewport: PHONE },
] as const;

for (const look of LOOKS) {
  test.describe(`${look.colorScheme}, ${look.viewport.width} px wide`, () => {
    test.use({ ...look, contextOptions: { reducedMotion: "reduce" } });

    for (const state of [
      ...["loading", "connecting", "authenticating", "lost", "offline", "not-a-member", "guard"],
      ...["no-exit", "ready"],
    ]) {
      test(`the way into the network is accessible: ${state}`, async ({ page }) => {
        await open(page, state);
        await expectAccessible(page);
      });
    }

    for (const [address, kind] of [
      ["onions.test", "document"],
      ["parts.test", "document"],
      ["slow.test", "loading"],
      ["http://plain.test", "consent"],
      ["expired.test", "failed"],
      ["nowhere.test", "failed"],
      ["tabor:network", "network"],
      ["tabor:about", "about"],
    ] as const) {
      test(`a page is accessible: ${kind} at ${address}`, async ({ page }) => {
        await open(page, "ready");
        await visit(page, address, kind);
        await expectAccessible(page);
      });
    }

    for (const sheet of ["site-information", "level", "downloads", "new-identity", "shortcuts"]) {
      test(`a sheet is accessible: ${sheet}`, async ({ page }) => {
        await open(page, "ready");
        await visit(page, "onions.test");
        await choose(page, sheet);
        await expect(page.getByTestId(`sheet-${sheet}`).getByRole("dialog")).toBeVisible();
        await expectAccessible(page);
      });
    }

    test("menu, suggestions, finding, and a file on offer are accessible", async ({ page }) => {
      await open(page, "ready");
      await visit(page, "onions.test");
      await page.getByTestId("menu").click();
      await expectAccessible(page);
      await page.getByTestId("menu-find").click();
      await page.getByTestId("find").fill("layer");
      await expect(page.getByTestId("found")).toHaveText("1 of 28");
      await expectAccessible(page);
      await page.getByTestId("new-tab").click();
      await page.getByTestId("address").pressSequentially("oni");
      await page.getByTestId("address").press("ArrowDown");
      await expect(page.getByRole("option", { selected: true })).toBeVisible();
      await expectAccessible(page);
      await page.getByTestId("address").fill("https://files.test/onions.zip");
      await page.getByTestId("go").click();
      await expect(page.getByTestId("download")).toHaveAttribute("data-state", "offered");
      await expectAccessible(page);
    });

    test("whom to believe in an ad-hoc network is accessible", async ({ page }) => {
      await open(page, "adhoc");
      await page.getByTestId("adhoc").locator("summary").click();
      await expect(page.getByTestId("adhoc").getByRole("listitem")).toHaveCount(2);
      await expectAccessible(page);
    });

    test("who signed is accessible, and why a relay is what it is", async ({ page }) => {
      await open(page, "ready");
      await choose(page, "network");
      await page.getByTestId("look").click();
      await page.getByTestId("relay").first().click();
      await expect(page.getByTestId("relay-why")).toBeVisible();
      await expectAccessible(page);
      await page.goto("about:blank");
      await open(page, "authorities-away");
      await choose(page, "network");
      await page.getByTestId("look").click();
      await expect(page.getByTestId("authorities")).toHaveAttribute("data-state", "failed");
      await expectAccessible(page);
    });

    test("membership is accessible", async ({ page }) => {
      for (const state of Object.keys(MEMBERSHIPS)) {
        await page.goto("about:blank");
        await open(page, `membership-${state}`);
        await visit(page, "tabor:membership", "membership");
        await expect(page.getByTestId("membership").or(page.getByTestId("invitation")).first()).toBeVisible();
        await expectAccessible(page);
      }
    });

    test("a newer version on offer is accessible", async ({ page }) => {
      await open(page, "update");
      await expect(page.getByTestId("update")).toBeVisible();
      await expectAccessible(page);
    });

    test("volunteering is accessible", async ({ page }) => {
      await open(page, "ready");
      await choose(page, "volunteer");
      await expectAccessible(page);
      await page.getByRole("switch", { name: "Relay for other people" }).click();
      await expect(page.getByTestId("consent")).toBeVisible();
      await expectAccessible(page);
      await page.getByTestId("consent-yes").click();
      await expect(page.getByTestId("counters")).toBeVisible();
      await expect(page.locator("tabor-traffic-graph canvas")).toBeVisible();
      await page.getByTestId("limit-hours").check();
      await expectAccessible(page);
      await page.getByRole("switch", { name: "Fetch for other people" }).click();
      await expect(page.getByTestId("fetch-consent")).toBeVisible();
      await expectAccessible(page);
    });

    test("the choice of exits that fetch is accessible", async ({ page }) => {
      await open(page, "no-exit");
      await choose(page, "network");
      await expect(page.getByTestId("allow-fetch-exits")).toBeVisible();
      await expectAccessible(page);
    });

    for (const [state, name] of [
      ["volunteer-elsewhere", "elsewhere"],
      ["volunteer-offline", "resting"],
      ["volunteer-failed", "failed"],
      ["volunteer-starting", "starting"],
      ["volunteer-metered", "resting"],
      ["volunteer-spent", "resting"],
      ["volunteer-idle", "on"],
      ["volunteer-full", "on"],
      ["volunteer-untested", "on"],
      ["volunteer-exit", "on"],
      ["volunteer-rules", "on"],
      ["volunteer-hard", "on"],
      ["volunteer-turn", "on"],
    ] as const)
      test(`a volunteer is accessible: ${state}`, async ({ page }) => {
        await open(page, state);
        await choose(page, "volunteer");
        await expect(page.getByTestId("volunteer-state")).toHaveAttribute("data-state", name);
        await expectAccessible(page);
      });
  });
}

test("a whole journey by keyboard", async ({ page }) => {
  await open(page, "ready");
  const { keyboard } = page;
  const address = page.getByRole("combobox", { name: "Address of a site" });
  await keyboard.press("Control+l");
  await expect(address).toBeFocused();
  await keyboard.type("onions.test");
  await keyboard.press("Enter");
  await expect(shown(page)).toBeFocused();
  await expect(page.getByRole("tab", { selected: true })).toHaveText(/On onions/);

  // Keys pressed in a page are for the frame, too.
  await keyboard.press("Alt+t");
  await expect(page.getByRole("tab")).toHaveCount(2);
  await expect(address).toBeFocused();
  await keyboard.type("leek.test");
  await keyboard.press("Enter");
  await expect(page.getByRole("tab", { selected: true })).toHaveText(/The leek/);

  await keyboard.press("Control+l");
  await keyboard.type("garlic.test");
  await keyboard.press("Enter");
  await expect(page.getByRole("tab", { selected: true })).toHaveText(/Garlic/);
  await keyboard.press("Alt+ArrowLeft");
  await expect(page.getByRole("tab", { selected: true })).toHaveText(/The leek/);
  await keyboard.press("Alt+ArrowRight");
  await expect(page.getByRole("tab", { selected: true })).toHaveText(/Garlic/);

  await keyboard.press("Alt+PageUp");
  await expect(page.getByRole("tab", { selected: true })).toHaveText(/On onions/);
  await keyboard.press("Alt+Shift+PageDown");
  await expect(page.getByRole("tab").nth(1)).toHaveText(/On onions/);
  await keyboard.press("Alt+w");
  await expect(page.getByRole("tab")).toHaveCount(1);
  await expect(page.getByRole("tab")).toHaveText(/Garlic/);
});

test("by keyboard in a page: its links, its form, finding, size, the site, another circuit, another identity", async ({
  page,
}) => {
  await open(page, "ready");
  const { keyboard } = page;
  const tab = page.getByRole("tab", { selected: true });
  await keyboard.press("Control+l");
  await keyboard.type("onions.test");
  await keyboard.press("Enter");
  await expect(shown(page)).toBeFocused();
  await expect(tab).toHaveText(/On onions/);
  await keyboard.press("Tab");
  await keyboard.press("Tab");
  await expect(page.getByTestId("pointed")).toHaveText("onions.test/second");
  await keyboard.press("Enter");
  await expect(tab).toHaveText(/Second page/);

  for (let stop = 0; stop < 4; stop++) await keyboard.press("Tab");
  await keyboard.type("red onions");
  await expect(shown(page).contentFrame().getByLabel("Search")).toHaveValue("red onions");
  await keyboard.press("Enter");
  await expect(tab).toHaveText(/Garlic/);

  await keyboard.press("Control+f");
  await keyboard.type("sweeter");
  await expect(page.getByTestId("found")).toHaveText("1 of 14");
  await keyboard.press("Enter");
  await expect(page.getByTestId("found")).toHaveText("2 of 14");
  await keyboard.press("Escape");
  await pageHasKeys(page);
  await keyboard.press("Control+=");
  const zoom = (root: Element): string => (root as HTMLElement).style.zoom;
  await expect.poll(() => shown(page).contentFrame().locator("html").evaluate(zoom)).toBe("1.1");

  await keyboard.press("Control+i");
  await expect(page.getByTestId("circuit")).toHaveAttribute("data-circuit", "2");
  await keyboard.press("Escape");
  await pageHasKeys(page);
  await keyboard.press("Control+Shift+l");
  await expect(tab).toHaveText(/Garlic/);
  await keyboard.press("Control+i");
  await expect(page.getByTestId("circuit")).toHaveAttribute("data-circuit", "3");
  await keyboard.press("Escape");

  await pageHasKeys(page);
  await keyboard.press("Control+Shift+u");
  await expect(page.getByTestId("sheet-new-identity")).toBeVisible();
  const confirm = page.getByTestId("confirm-identity");
  for (let stop = 0; stop < 4; stop++) {
    if (await confirm.evaluate((button) => button.matches(":focus"))) break;
    await keyboard.press("Tab");
  }
  await expect(confirm).toBeFocused();
  await keyboard.press("Enter");
  await expect(page.getByTestId("page")).toHaveAttribute("data-kind", "start");
  await expect(page.locator("iframe")).toHaveCount(0);
});

test("the row of tabs is one stop, with arrows along it", async ({ page }) => {
  await open(page, "ready");
  await visit(page, "onions.test");
  await page.getByTestId("new-tab").click();
  await visit(page, "leek.test");
  const tabs = page.getByRole("tab");
  await tabs.nth(1).focus();
  await page.keyboard.press("ArrowLeft");
  await expect(tabs.nth(0)).toBeFocused();
  await expect(tabs.nth(0)).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Control+Shift+ArrowRight");
  await expect(tabs.nth(1)).toHaveText(/On onions/);
  await expect(tabs.nth(1)).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(tabs).not.toHaveCount(0);
  await expect(page.getByRole("button", { name: "New tab" })).toBeFocused();
  await tabs.nth(1).focus();
  await page.keyboard.press("Delete");
  await expect(tabs).toHaveCount(1);
  await expect(tabs).toBeFocused();
});

test("suggestions come from this session alone, and are chosen by arrows", async ({ page }) => {
  await open(page, "ready");
  const address = page.getByTestId("address");
  await address.pressSequentially("le");
  await expect(page.getByTestId("suggestion")).toHaveCount(0);
  await visit(page, "leek.test");
  await visit(page, "onions.test");
  await address.fill("le");
  await address.press("ArrowDown");
  await expect(address).toHaveAttribute("aria-expanded", "true");
  await expect(page.getByRole("option", { selected: true })).toContainText("The leek");
  await address.press("Escape");
  await expect(address).toHaveAttribute("aria-expanded", "false");
  await expect(address).toHaveValue("le");
  await address.press("Escape");
  await expect(address).toHaveValue("onions.test");
  await address.fill("le");
  await address.press("ArrowDown");
  await address.press("Enter");
  await expect(page.getByRole("tab", { selected: true })).toHaveText(/The leek/);
});

test("words are no address: it is said, and nothing is opened", async ({ page }) => {
  await open(page, "ready");
  const address = page.getByTestId("address");
  await address.fill("two words");
  await address.press("Enter");
  await expect(page.getByRole("alert")).toContainText("no search");
  await expect(address).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByTestId("page")).toHaveAttribute("data-kind", "start");
});

test("links of a page lead on in its tab, and back again to where it was scrolled to", async ({ page }) => {
  await open(page, "ready");
  await visit(page, "onions.test");
  const inner = shown(page).contentFrame();
  await expect(shown(page)).toHaveAttribute("sandbox", "allow-same-origin allow-forms allow-downloads");
  await inner.locator("html").evaluate((root) => {
    root.scrollTo(0, 300);
  });
  await inner.getByRole("link", { name: "Second page" }).dispatchEvent("click");
  await expect(page.getByTestId("address")).toHaveValue("onions.test/second");
  await page.getByRole("button", { name: "Back" }).click();
  await expect(page.getByTestId("address")).toHaveValue("onions.test");
  await expect.poll(() => inner.locator("html").evaluate((root) => root.scrollTop)).toBe(300);
});

test("the browser's own back and forward are the tab's, and leave the app only from its first page", async ({
  page,
}) => {
  const was = (): Promise<string> => page.getByTestId("address").inputValue();
  const back = (): Promise<void> => page.evaluate(() => history.back());
  await page.goto(`${origin}favicon.svg`);
  await open(page, "ready");
  await visit(page, "onions.test");
  await shown(page).contentFrame().getByRole("link", { name: "Second page" }).click();
  await expect.poll(was).toBe("onions.test/second");
  await page.getByTestId("new-tab").click();
  await visit(page, "leek.test");
  const length = await page.evaluate(() => history.length);
  await back();
  await expect(page.getByTestId("page")).toHaveAttribute("data-kind", "start");
  await page.getByRole("tab", { name: "Second page" }).click();
  await back();
  await expect.poll(was).toBe("onions.test");
  await page.evaluate(() => history.forward());
  await expect.poll(was).toBe("onions.test/second");
  await back();
  await expect.poll(was).toBe("onions.test");
  await back();
  await expect(page.getByTestId("page")).toHaveAttribute("data-kind", "start");
  expect(await page.evaluate(() => history.length)).toBe(length);
  await page.getByTestId("close-tab").first().click();
  await back();
  await page.waitForURL(`${origin}favicon.svg`);
});

test("a link that is pointed at is named at the foot of the page", async ({ page }) => {
  await open(page, "ready");
  await visit(page, "onions.test");
  const inner = shown(page).contentFrame();
  await inner.getByRole("link", { name: "Second page" }).hover();
  await expect(page.getByTestId("pointed")).toHaveText("onions.test/second");
  await expectAccessible(page);
  await inner.getByRole("heading").first().hover();
  await expect(page.getByTestId("pointed")).toHaveCount(0);
});

test("a page's window has a size in steps, whatever the person's", async ({ page }) => {
  await open(page, "ready");
  await visit(page, "onions.test");
  const body = shown(page).contentFrame().locator("body");
  const is = (_: Element, [width, height]: readonly number[]): boolean =>
    matchMedia(`(width: ${width}px) and (height: ${height}px)`).matches;
  for (const [width, height, ...size] of [
    [1280, 800, 1200, 700],
    [1311, 850, 1200, 700],
    [1920, 1080, 1800, 900],
    [390, 844, 350, 700],
    [360, 740, 350, 600],
  ] as const) {
    await page.setViewportSize({ width, height });
    await expect.poll(() => body.evaluate(is, size), { message: `${width} × ${height}` }).toBe(true);
    const box = await shown(page).boundingBox();
    expect([box?.width, box?.height]).toEqual(size);
    expect(box?.x).toBe((width - size[0]) / 2);
  }
});

test("each tab keeps its page while another is shown", async ({ page }) => {
  await open(page, "ready");
  await visit(page, "onions.test");
  await shown(page).contentFrame().getByLabel("Search").fill("red onions");
  await page.getByTestId("new-tab").click();
  await visit(page, "leek.test");
  await page.getByRole("tab", { name: "On onions" }).click();
  await expect(shown(page)).toHaveCount(1);
  await expect(shown(page).contentFrame().getByLabel("Search")).toHaveValue("red onions");
});

test("waiting says what for, counts the parts, and can be stopped", async ({ page }) => {
  await open(page, "ready");
  await visit(page, "slow.test", "loading");
  await expect(page.getByTestId("progress")).toHaveText("Waiting for slow.test to answer");
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("page")).toHaveAttribute("data-kind", "start");
  await visit(page, "parts.test");
  await expect(page.getByTestId("progress")).toHaveText("12 of 40 parts, 252 KiB");
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.getByTestId("progress")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Reload" })).toBeEnabled();
});

test("an error says what, where and what to do, takes the focus there, and offers another circuit", async ({
  page,
}) => {
  await open(page, "ready");
  await visit(page, "lost.test", "failed");
  await expect(page.getByTestId("page-title")).toBeFocused();
  await expect(page.getByTestId("error-where")).toHaveText("at a relay of the circuit");
  await expect(page.getByTestId("way-tried")).toHaveAttribute("data-circuit", "1");
  await expect(page.getByTestId("way-tried").getByTestId("hop")).toHaveCount(3);
  await choose(page, "site-information");
  await expect(page.getByTestId("circuit")).toHaveAttribute("data-circuit", "1");
  await page.getByRole("button", { name: "Close", exact: true }).click();
  await page.getByTestId("again-elsewhere").click();
  await expect(page.getByTestId("page-title")).toBeFocused();
  await choose(page, "site-information");
  await expect(page.getByTestId("circuit")).toHaveAttribute("data-circuit", "2");
});

test("an error names the relays that were tried, and where it failed", async ({ page }) => {
  await open(page, "ready");
  await visit(page, "nowhere.test", "failed");
  const failed = page.locator("[data-failed]");
  await expect(failed).toHaveAttribute("data-role", "exit");
  await expect(failed).toContainText("It failed here.");
  await visit(page, "refused.test", "failed");
  await expect(failed).toHaveText(/refused\.test/);
});

test("a bad certificate has no way around it", async ({ page }) => {
  await open(page, "ready");
  await visit(page, "expired.test", "failed");
  await expect(page.getByTestId("page")).toContainText("The certificate expired on 1 November 2026", {
    ignoreCase: true,
  });
  const names = await page.getByTestId("page").getByRole("button").allTextContents();
  expect(names.map((name) => name.trim())).toEqual(["Try again", "Try another circuit"]);
});

test("plain http is opened only when the person says so, and is marked", async ({ page }) => {
  await open(page, "ready");
  await visit(page, "http://plain.test", "consent");
  await expect(page.getByTestId("page-title")).toBeFocused();
  await page.getByTestId("allow-http").click();
  await expect(page.getByTestId("page")).toHaveAttribute("data-kind", "document");
  await expect(page.getByTestId("address")).toHaveValue("http://plain.test");
  await page.getByRole("button", { name: "Not encrypted" }).click();
  await expect(page.getByTestId("not-encrypted")).toBeVisible();
});

test("the site's certificate, TLS and circuit are shown, and another circuit is had", async ({ page }) => {
  await open(page, "ready");
  await visit(page, "onions.test");
  await page.getByRole("button", { name: "Encrypted" }).click();
  await expect(page.getByTestId("tls-version")).toHaveText("TLS 1.3, http/1.1");
  const certificate = page.getByTestId("certificate");
  await expect(certificate).toContainText("onions.test");
  await expect(certificate).toContainText("Onion Trust Root R1");
  await expect(certificate).toContainText("22 November 2026 to 30 September 2036");
  const hops = page.getByTestId("hop");
  await expect(hops).toHaveCount(3);
  await expect(hops.nth(1)).toContainText(/Middle.*browser tab.*80 ms/s);
  await page.getByRole("button", { name: "New circuit for this site" }).click();
  await expect(page.getByTestId("sheet-site-information")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Reload" })).toBeEnabled();
  await page.getByRole("button", { name: "Encrypted" }).click();
  await expect(page.getByTestId("circuit")).toHaveAttribute("data-circuit", "2");
});

test("a file is offered, and saved only when the person says so", async ({ page }) => {
  await open(page, "ready");
  await visit(page, "onions.test");
  await shown(page).contentFrame().getByRole("link", { name: "All onions" }).click();
  const download = page.getByTestId("download");
  await expect(download).toHaveAttribute("data-state", "offered");
  await expect(download).toContainText("4.6 MiB, application/zip");
  await page.getByTestId("accept").click();
  await expect(download).toHaveAttribute("data-state", "done");
  await page.getByTestId("sheet-close").click();
  await expect(page.getByTestId("address")).toHaveValue("onions.test");
});

test("a download is cancelled, or breaks off, and says so", async ({ page }) => {
  await open(page, "ready");
  for (const [address, act, says] of [
    ["https://files.test/onions.zip", "cancel", "Cancelled"],
    ["https://files.test/torn.bin", undefined, "The circuit was lost"],
  ] as const) {
    await page.getByTestId("address").fill(address);
    await page.getByTestId("go").click();
    await page.getByTestId("accept").click();
    if (act !== undefined) await page.getByTestId(act).click();
    await expect(page.getByTestId("download").first()).toContainText(says);
    await page.getByTestId("sheet-close").click();
  }
});

test("a new identity says what is lost, and then it is", async ({ page }) => {
  await open(page, "ready");
  await visit(page, "onions.test");
  await page.getByTestId("new-tab").click();
  await visit(page, "leek.test");
  await page.keyboard.press("Control+Shift+u");
  await expect(page.getByTestId("sheet-new-identity")).toContainText("all 2 tabs");
  await page.getByRole("button", { name: "Keep everything" }).click();
  await expect(page.getByRole("tab")).toHaveCount(2);
  await page.getByRole("button", { name: "New identity" }).click();
  await page.getByTestId("confirm-identity").click();
  await expect(page.getByRole("tab")).toHaveCount(1);
  await expect(page.locator("iframe")).toHaveCount(0);
  await expect(page.getByTestId("address")).toHaveValue("");
  await page.getByTestId("address").pressSequentially("onion");
  await expect(page.getByTestId("suggestion")).toHaveCount(0);
});

test("Standard is refused with the reason, unless the browser enforces it", async ({ page }) => {
  await open(page, "ready");
  await page.getByRole("button", { name: "Security level: Safest" }).click();
  await expect(page.getByTestId("level-standard")).toBeDisabled();
  await expect(page.getByTestId("sheet-level")).toContainText("does not enforce Connection-Allowlist");
  await page.goto("about:blank");
  await open(page, "standard");
  await visit(page, "onions.test");
  await page.getByRole("button", { name: "Security level: Safest" }).click();
  await page.getByTestId("level-standard").check();
  await page.getByTestId("sheet-close").click();
  await expect(page.getByRole("button", { name: "Security level: Standard" })).toBeVisible();
  await expect(shown(page)).toHaveAttribute("sandbox", /allow-scripts/);
});

test("text is found in the page, forwards and backwards; the page is enlarged", async ({ page }) => {
  await open(page, "ready");
  await visit(page, "onions.test");
  await page.keyboard.press("Control+f");
  await page.getByTestId("find").fill("sweeter");
  await expect(page.getByTestId("found")).toHaveText("1 of 14");
  await page.getByTestId("find").press("Enter");
  await expect(page.getByTestId("found")).toHaveText("2 of 14");
  await page.getByTestId("find").press("Shift+Enter");
  await expect(page.getByTestId("found")).toHaveText("1 of 14");
  await page.getByTestId("find").fill("cabbage");
  await expect(page.getByTestId("found")).toHaveText("Not found");
  await page.getByTestId("find").press("Escape");
  await expect(page.getByTestId("find")).toHaveCount(0);
  await page.keyboard.press("Control+=");
  await page.getByTestId("menu").click();
  await expect(page.getByTestId("zoom")).toHaveText("110 %");
});

test("a sheet gives the focus back where it was", async ({ page }) => {
  await open(page, "ready");
  const level = page.getByRole("button", { name: "Security level: Safest" });
  await level.press("Enter");
  await expect(page.getByRole("dialog")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(level).toBeFocused();
});

test("a shortcut in the instant in which a sheet closes is not lost, nor is what it opens", async ({
  page,
}) => {
  await open(page, "ready");
  await page.keyboard.press("Control+j");
  const dialog = page.getByTestId("sheet-downloads").getByRole("dialog");
  await expect(dialog).toBeVisible();
  // The browser says that a dialog was closed only in a task of its own: here nothing comes between.
  const closedLate = dialog.evaluate((element) => {
    const said = new Promise<void>((resolve) => {
      element.addEventListener("close", () => {
        resolve();
      });
    });
    (element as HTMLDialogElement).close();
    const press = { key: "/", code: "Slash", ctrlKey: true, bubbles: true, cancelable: true, composed: true };
    document.body.dispatchEvent(new KeyboardEvent("keydown", press));
    return said;
  });
  await closedLate;
  await expect(page.getByTestId("sheet-shortcuts").getByRole("dialog")).toBeVisible();
  await expect(page.getByTestId("sheet-downloads")).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
});

test("a sheet that was closed takes the focus from nobody who has gone on", async ({ page }) => {
  await open(page, "ready");
  await page.getByTestId("level").click();
  const sheet = page.getByTestId("sheet-level");
  const [close, address] = await Promise.all(
    [sheet.getByTestId("sheet-close"), page.getByTestId("address")].map((one) => one.elementHandle()),
  );
  // In one turn: the sheet says later that it is closed.
  await page.evaluate(
    ([first, second]) => {
      (first as HTMLElement).click();
      (second as HTMLElement).focus();
    },
    [close, address],
  );
  await expect(sheet).not.toBeAttached();
  await expect(page.getByTestId("address")).toBeFocused();
});

test("a sheet that another led to gives the focus back where the first was opened", async ({ page }) => {
  await open(page, "ready");
  await page.getByTestId("menu").press("Enter");
  await page.getByTestId("menu-shortcuts").click();
  await expect(page.getByTestId("sheet-shortcuts").getByRole("dialog")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByTestId("menu")).toBeFocused();
});

test("on a phone the tabs are a sheet, and the rest is at the bottom", async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await open(page, "ready");
  await visit(page, "onions.test");
  await page.getByRole("button", { name: "New tab" }).click();
  await visit(page, "leek.test");
  await page.getByRole("button", { name: "2 tabs" }).click();
  await expect(page.getByTestId("list-tab")).toHaveCount(2);
  await expectAccessible(page);
  await page.getByTestId("list-tab").filter({ hasText: "On onions" }).click();
  await expect(page.getByTestId("sheet-tabs")).toHaveCount(0);
  await expect(page.getByTestId("address")).toHaveValue("onions.test");
  await page.getByRole("button", { name: "2 tabs" }).click();
  await page.getByRole("button", { name: "Close On onions" }).click();
  await expect(page.getByTestId("list-tab")).toHaveCount(1);
});

test("becoming an exit by keyboard: consent of its own, then rules, and off again", async ({ page }) => {
  await open(page, "volunteer-idle");
  await page.getByRole("button", { name: "Volunteer", exact: true }).click();
  const { keyboard } = page;
  const toggle = page.getByRole("switch", { name: "Fetch for other people" });
  await toggle.press("Space");
  await expect(page.getByRole("heading", { name: "Before this browser becomes an exit" })).toBeFocused();
  await expect(toggle).toHaveAttribute("aria-checked", "false");
  await keyboard.press("Tab");
  await keyboard.press("Enter");
  await expect(toggle).toBeFocused();
  await expect(toggle).toHaveAttribute("aria-checked", "true");
  await expect(page.getByTestId("fetch-state")).toHaveAttribute("data-state", "on");
  await keyboard.press("Tab");
  await expect(page.getByTestId("fetch-rules")).toBeFocused();
  await toggle.press("Space");
  await expect(page.getByTestId("fetch-state")).toHaveAttribute("data-state", "off");
});

test("who is not let in is led to the membership page; by keyboard: the key, and an invitation", async ({
  page,
}) => {
  await open(page, "not-a-member");
  await page.getByTestId("to-membership").press("Enter");
  await expect(page.getByTestId("page")).toHaveAttribute("data-kind", "membership");
  for (const [state, id, standing] of [
    ["outside", "make-key", "outside"],
    ["invited", "accept", "member"],
  ] as const) {
    await page.goto("about:blank");
    await open(page, `membership-${state}`);
    await choose(page, "membership");
    await expect(page.getByTestId("member-key")).toHaveCount(0);
    await page.getByTestId(id).press("Enter");
    await expect(page.getByTestId("member-key")).toHaveText(/^[\w-]{43}$/);
    await expect(page.getByTestId("membership")).toHaveAttribute("data-state", standing);
  }
});

test("who signed, what changed, and why a relay has its flags and weight", async ({ page }) => {
  await open(page, "ready");
  await choose(page, "network");
  await page.getByTestId("look").press("Enter");
  await expect(page.getByTestId("signatures")).toHaveText("Signed by 2 of 3 authorities; 2 are needed.");
  await expect(page.locator("[data-testid=authority][data-signed=false]")).toContainText("ThirdAuthority");
  await expect(page.getByTestId("changes")).toHaveText("2 came, 1 went, 1 changed.");
  await expect(page.getByTestId("authorities")).toContainText("no longer Fast; weight 400 → 80 KiB/s");
  await page.getByTestId("wanted-relay").fill("Guard");
  await expect(page.getByTestId("relay")).toHaveCount(1);
  await page.getByTestId("relay").press("Enter");
  await expect(page.getByTestId("flag-Guard")).toContainText("set, by 2 of 2 votes");
  await expect(page.getByTestId("relay-weight")).toContainText("It claims 8000 KiB/s");
});

test("volunteering by keyboard: consent first, then counters, limits, the test, and off again", async ({
  page,
}) => {
  await open(page, "ready");
  await page.getByRole("button", { name: "Volunteer", exact: true }).click();
  const { keyboard } = page;
  const toggle = page.getByRole("switch", { name: "Relay for other people" });
  await toggle.press("Space");
  await expect(page.getByRole("heading", { name: "Before you switch it on" })).toBeFocused();
  await expect(toggle).toHaveAttribute("aria-checked", "false");
  await keyboard.press("Tab");
  await keyboard.press("Tab");
  await expect(page.getByTestId("consent-no")).toBeFocused();
  await keyboard.press("Enter");
  await expect(toggle).toBeFocused();
  await expect(page.getByTestId("volunteer-state")).toHaveAttribute("data-state", "off");

  await keyboard.press("Space");
  await keyboard.press("Tab");
  await expect(page.getByTestId("consent-yes")).toBeFocused();
  await keyboard.press("Enter");
  await expect(toggle).toHaveAttribute("aria-checked", "true");
  await expect(toggle).toBeFocused();
  await expect(page.getByTestId("relay-circuits")).not.toHaveAttribute("data-value", "0");
  await expect(page.getByTestId("self-test")).toHaveAttribute("data-state", "passed");
  await keyboard.press("Tab");
  await expect(page.getByTestId("self-test-again")).toBeFocused();
  await keyboard.press("Tab");
  await expect(page.getByTestId("limit-upload")).toBeFocused();
  await keyboard.press("ArrowUp");
  await expect(page.getByTestId("limit-upload")).toHaveValue("256");
  await toggle.press("Space");
  await expect(page.getByTestId("volunteer-state")).toHaveAttribute("data-state", "off");
  await expect(page.getByTestId("counters")).toHaveCount(0);
  // What was helped is remembered, and so is the consent.
  await expect(page.getByTestId("so-far")).toBeVisible();
  await toggle.press("Space");
  await expect(page.getByTestId("counters")).toBeVisible();
});
