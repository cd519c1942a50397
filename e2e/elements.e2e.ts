/** The app's elements over a scripted network: accessible in every state, usable by keyboard, and honest. */
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sirv from "sirv";
import { build } from "vite";

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

async function visit(page: Page, address: string, kind: string): Promise<void> {
  await page.getByTestId("address").fill(address);
  await page.getByTestId("address").press("Enter");
  await expect(page.getByTestId("page")).toHaveAttribute("data-kind", kind);
}

/** The frame's own document runs no script, so it is left out: it is the site's, not ours. */
async function expectAccessible(page: Page): Promise<void> {
  const axe = new AxeBuilder({ page }).setLegacyMode(true).options({ iframes: false });
  const { violations } = await axe.analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
  const fits = (): boolean => document.documentElement.scrollWidth <= innerWidth;
  expect(await page.evaluate(fits)).toBe(true);
}

const LOOKS = [
  { colorScheme: "light", viewport: { width: 1280, height: 800 } },
  { colorScheme: "dark", viewport: { width: 360, height: 740 } },
] as const;

for (const look of LOOKS) {
  test.describe(`${look.colorScheme}, ${look.viewport.width} px wide`, () => {
    test.use({ ...look, contextOptions: { reducedMotion: "reduce" } });

    for (const state of ["loading", "connecting", "authenticating", "lost", "guard", "no-exit", "ready"]) {
      test(`the way into the network is accessible: ${state}`, async ({ page }) => {
        await open(page, state);
        await expectAccessible(page);
      });
    }

    for (const [address, kind] of [
      ["onions.test", "document"],
      ["slow.test", "loading"],
      ["file.test", "offer"],
      ["https://secure.test/", "needs-tls"],
      ["ftp://x.test/", "unsupported"],
      ["nowhere.test", "failed"],
    ] as const) {
      test(`a page is accessible: ${kind}`, async ({ page }) => {
        await open(page, "ready");
        await visit(page, address, kind);
        await expectAccessible(page);
      });
    }

    test("volunteering and the about page are accessible", async ({ page }) => {
      await open(page, "ready");
      await page.getByRole("button", { name: "Volunteer" }).click();
      await expectAccessible(page);
      await page.getByRole("switch", { name: "Relay for other people" }).click();
      await expect(page.getByTestId("counters")).toBeVisible();
      await expectAccessible(page);
      await page.getByRole("button", { name: "About" }).click();
      await expectAccessible(page);
    });
  });
}

test("words are no address: it is said, and nothing is opened", async ({ page }) => {
  await open(page, "ready");
  const address = page.getByRole("textbox", { name: "Address of a site" });
  await address.fill("two words");
  await address.press("Enter");
  await expect(page.getByRole("alert")).toContainText("no search");
  await expect(address).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByTestId("page")).toHaveAttribute("data-kind", "blank");
});

test("links are followed by keyboard, within a page and beyond, and the browser knows no address", async ({
  page,
}) => {
  await open(page, "ready");
  await visit(page, "onions.test", "document");
  const frame = page.getByTestId("page-frame");
  await expect(frame).toHaveAttribute("sandbox", "allow-same-origin");
  const shown = frame.contentFrame();
  await expect(shown.locator("[href], [src], script, form")).toHaveCount(0);

  const end = shown.getByRole("heading", { name: "The end" });
  await expect(end).not.toBeInViewport();
  await shown.getByRole("link", { name: "the end" }).press("Enter");
  await expect(end).toBeInViewport();

  await shown.getByRole("link", { name: "A second page" }).press("Enter");
  await expect(shown.getByText("Second page")).toBeVisible();
  await expect(page.getByTestId("address")).toHaveValue("http://onions.test/second#end");
  await page.getByRole("button", { name: "Back" }).click();
  await expect(end).toBeAttached();
});

test("pointing at a link shows where it leads", async ({ page }) => {
  await open(page, "ready");
  await visit(page, "onions.test", "document");
  await page.getByTestId("page-frame").contentFrame().getByRole("link", { name: "a secure one" }).hover();
  await expect(page.getByText("https://secure.test/", { exact: true })).toBeVisible();
});

test("https is explained, and http only tried when the person says so", async ({ page }) => {
  await open(page, "ready");
  await visit(page, "https://onions.test/", "needs-tls");
  await expect(page.getByTestId("page-title")).toBeFocused();
  await expect(page.getByText("Nothing was sent to this address")).toBeVisible();
  await page.getByRole("button", { name: "Try onions.test over http" }).click();
  await expect(page.getByTestId("page")).toHaveAttribute("data-kind", "document");
});

test("loading says how far it is, and can be stopped", async ({ page }) => {
  await open(page, "ready");
  await visit(page, "slow.test", "loading");
  await expect(page.getByTestId("progress")).toHaveText("117 KiB of 391 KiB received");
  await page.getByTestId("stop").click();
  await expect(page.getByTestId("page-title")).toHaveText("Stopped");
});

test("a file is saved under its name when the person asks for it", async ({ page }) => {
  await open(page, "ready");
  await visit(page, "file.test", "offer");
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save the file" }).click();
  expect((await download).suggestedFilename()).toBe("onions.zip");
  await expect(page.getByTestId("page-title")).toHaveText("Saved");
});

test("a lost circuit is recovered from and told of, until the person has seen it", async ({ page }) => {
  await open(page, "ready");
  await visit(page, "recover.test", "document");
  await expect(page.getByTestId("notice")).toContainText("over a new circuit");
  await expect(page.getByTestId("circuit")).toHaveAttribute("data-circuit", "2");
  await page.getByRole("button", { name: "Got it" }).click();
  await expect(page.getByTestId("notice")).toHaveCount(0);
});

test("an error says what, where and what to do, and takes the focus there", async ({ page }) => {
  await open(page, "ready");
  await visit(page, "broken.test", "failed");
  await expect(page.getByTestId("page-title")).toBeFocused();
  await expect(page.getByTestId("error-where")).toHaveText("at the site itself");
  await expect(page.getByRole("button", { name: "Try again" })).toBeVisible();
});

test("the circuit is shown hop by hop, and a new identity forgets the page", async ({ page }) => {
  await open(page, "ready");
  await visit(page, "onions.test", "document");
  const hops = page.getByTestId("hop");
  await expect(hops).toHaveCount(3);
  await expect(hops.nth(1)).toContainText(/Middle.*browser tab.*80 ms/s);
  await page.getByRole("button", { name: "New circuit for this site" }).click();
  await expect(page.getByTestId("circuit")).toHaveAttribute("data-circuit", "2");
  await page.getByRole("button", { name: "New identity" }).click();
  await expect(page.getByTestId("page")).toHaveAttribute("data-kind", "blank");
  await expect(page.getByTestId("address")).toHaveValue("");
});

test("on a phone the circuit is out of the way until it is asked for", async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await open(page, "ready");
  await expect(page.getByTestId("circuit")).toBeHidden();
  const toggle = page.getByRole("button", { name: "Circuit", exact: true });
  await expect(toggle).toHaveAttribute("aria-expanded", "false");
  await toggle.click();
  await expect(page.getByRole("heading", { name: "Circuit" })).toBeInViewport();
  await expect(toggle).toHaveAttribute("aria-expanded", "true");
});

test("the volunteer's switch starts and stops, by keyboard, with counters in between", async ({ page }) => {
  await open(page, "ready");
  await page.getByRole("button", { name: "Volunteer" }).click();
  const toggle = page.getByRole("switch", { name: "Relay for other people" });
  await toggle.press("Space");
  await expect(toggle).toHaveAttribute("aria-checked", "true");
  await expect(page.getByTestId("relay-circuits")).not.toHaveAttribute("data-value", "0");
  await toggle.press("Space");
  await expect(page.getByTestId("volunteer-state")).toHaveAttribute("data-state", "off");
  await expect(page.getByTestId("counters")).toHaveCount(0);
});
