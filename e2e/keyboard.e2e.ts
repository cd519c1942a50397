/** The whole app by keyboard, at both levels: what is typed goes to the page as soon as it has come, and shortcuts to the app. */
import { setTimeout } from "node:timers/promises";
import {
  type BrowserContext,
  expect,
  type FrameLocator,
  type Locator,
  type Page,
  test,
} from "@playwright/test";
import { html, page as document } from "./farm/content/replies.ts";
import { startNetworkTo } from "./farm/journeys/in-app.ts";
import { type Farm, startFarm } from "./farm/network/farm.ts";
import { type Exchange, web } from "./farm/network/host.ts";
import { App } from "./fixtures/app.ts";
import type { RunningNetwork } from "./fixtures/network.ts";

const ACKNOWLEDGED_WITHIN_MS = 10_000;

let farm: Farm;
let network: RunningNetwork;
test.beforeAll(async () => {
  farm = await startFarm([web("desk.test", desk), web("shelf.test", shelf)]);
  network = await startNetworkTo(farm);
});
test.afterAll(async () => {
  await network.stop();
  await farm.close();
});

function desk(exchange: Exchange): void {
  const { pathname, searchParams } = exchange.url;
  if (pathname === "/found") return html(exchange, document("Found", `<h1>${searchParams.get("q")}</h1>`));
  const body = `<h1>Desk</h1><p><a href="https://shelf.test/books">Shelf</a> <a href="#drawer">Drawer</a></p>
    <form action="/found"><input name="q" aria-label="Search"><button>Go</button></form>
    <p style="height:3000px">ink and more ink</p><h2 id="drawer">The drawer</h2><p><a href="#">Top</a></p>`;
  return html(exchange, document("Desk", body));
}

function shelf(exchange: Exchange): void {
  html(exchange, document("Shelf", `<h1>Shelf</h1><p><a href="/other">Other</a></p>`));
}

/** One person at a keyboard. */
class Person {
  readonly page: Page;
  readonly shown: FrameLocator;

  private constructor(page: Page) {
    this.page = page;
    this.shown = page.frameLocator("[data-testid=page-frame][data-shown]");
  }

  static async at(context: BrowserContext, level: "safest" | "standard"): Promise<Person> {
    const app = await App.open(context, network.directory.url);
    await app.ready();
    const person = new Person(app.page);
    if (level === "standard") await person.#allowScripts();
    return person;
  }

  async press(...keys: readonly string[]): Promise<void> {
    const { keyboard } = this.page;
    for (const key of keys) {
      if (await isAcknowledged(keyboard.press(key))) continue;
      for (const held of key.split("+").reverse()) await isAcknowledged(keyboard.up(held));
    }
  }

  /** Presses a key again that has had no effect: one that comes while the focus passes to a new page is lost. */
  async pressUntil(seen: (within: { timeout: number }) => Promise<void>, key: string): Promise<void> {
    await expect(async () => {
      await this.press(key);
      await seen({ timeout: 20_000 });
    }).toPass();
  }

  /** Goes back by its key to the page with this heading, which then has the keys. */
  async back(heading: string): Promise<void> {
    await this.pressUntil((within) => this.heading(heading, within), "Alt+ArrowLeft");
    await this.hasPage();
  }

  /** Waits for the next document, and not for the one that had the key. */
  async reload(): Promise<void> {
    const loaded = (): Promise<number> =>
      this.shown.locator("html").evaluate(() => performance.timeOrigin, undefined, { timeout: 5000 });
    const before = await loaded();
    await this.press("Control+r");
    await expect.poll(() => loaded().catch(() => before)).not.toBe(before);
  }

  type(text: string): Promise<void> {
    return this.page.keyboard.type(text);
  }

  async go(address: string): Promise<void> {
    await this.press("Control+l");
    await expect(this.page.getByRole("combobox", { name: "Address of a site" })).toBeFocused();
    await this.type(address);
    await this.press("Enter");
  }

  /** Presses Tab until the focus is there; in another document as well. */
  async tabTo(element: Locator, key = "Tab"): Promise<void> {
    for (let stops = 0; stops < 25 && !(await isFocused(element)); stops++) await this.press(key);
    expect(await isFocused(element)).toBe(true);
  }

  heading(text: string, within?: { timeout: number }): Promise<void> {
    return expect(this.shown.locator("h1")).toHaveText(text, within);
  }

  address(value: string | RegExp): Promise<void> {
    return expect(this.page.getByTestId("address")).toHaveValue(value);
  }

  /** Keys are the page's, as far as it knows. */
  async hasPage(): Promise<void> {
    const hasFocus = (): boolean => window.document.hasFocus();
    await expect.poll(() => this.shown.locator("html").evaluate(hasFocus)).toBe(true);
  }

  async #allowScripts(): Promise<void> {
    await this.press("Control+l");
    await this.tabTo(this.page.getByTestId("level"));
    await this.press("Enter");
    await expect(this.page.getByTestId("level-standard")).toBeEnabled();
    await this.tabTo(this.page.getByTestId("level-safest"));
    await this.press("ArrowDown", "Escape");
    await expect(this.page.getByTestId("level")).toHaveAccessibleName(/Standard/);
  }
}

/** A key may be lost with the document that had it, as by a link or by *back*: Chromium then never acknowledges it. */
async function isAcknowledged(key: Promise<void>): Promise<boolean> {
  const told = key.then(
    () => true,
    () => false,
  );
  return Promise.race([told, setTimeout(ACKNOWLEDGED_WITHIN_MS, false, { ref: false })]);
}

function isFocused(element: Locator): Promise<boolean> {
  return element.evaluate(
    (one) => (one.getRootNode() as Document).activeElement === one && one.ownerDocument.hasFocus(),
  );
}

for (const level of ["safest", "standard"] as const) {
  test(`${level}: keys go to the first page of a tab, and to the next of another site`, async ({
    browser,
  }) => {
    for (let time = 0; time < 4; time++) {
      const context = await browser.newContext();
      const person = await Person.at(context, level);
      for (const [address, name] of [
        ["desk.test", "Desk"],
        ["shelf.test", "Shelf"],
      ] as const) {
        await person.go(address);
        await person.heading(name);
        await person.hasPage();
        await person.tabTo(person.shown.locator("a").first());
        await person.press("Control+Shift+U");
        await expect(person.page.getByTestId("confirm-identity")).toBeVisible();
        await person.press("Escape");
      }
      await person.reload();
      await person.heading("Shelf");
      await person.hasPage();
      await context.close();
    }
  });

  test(`${level}: a journey without a pointer`, async ({ context }) => {
    const person = await Person.at(context, level);
    const { page, shown } = person;
    await person.go("desk.test");
    await person.heading("Desk");
    await person.hasPage();

    await person.tabTo(shown.getByRole("link", { name: "Shelf" }));
    await expect(page.getByTestId("pointed")).toHaveText("shelf.test/books");
    await person.press("Enter");
    await person.heading("Shelf");
    await person.address("shelf.test/books");
    await person.hasPage();
    await person.back("Desk");

    await person.tabTo(shown.getByRole("link", { name: "Drawer" }));
    await expect(page.getByTestId("pointed")).toHaveText("desk.test/#drawer");
    await person.press("Enter");
    await expect(shown.locator("#drawer")).toBeInViewport();
    await person.address("desk.test/#drawer");
    await person.press("Alt+ArrowLeft");
    await person.address("desk.test");

    await person.tabTo(shown.getByLabel("Search"));
    await person.type("blue ink");
    await person.press("Enter");
    await person.heading("blue ink");
    await person.hasPage();
    await person.back("Desk");

    // The key goes from the page to the app by messages; letters at once would still be the page's.
    await person.pressUntil(
      (within) => expect(page.locator("tabor-find-bar input")).toBeFocused(within),
      "Control+f",
    );
    await person.type("ink");
    await expect(page.getByTestId("found")).toHaveText("1 of 2");
    await person.press("Enter");
    await expect(page.getByTestId("found")).toHaveText("2 of 2");
    await person.press("Escape");
    await person.hasPage();

    await person.press("Alt+t");
    await expect(page.getByRole("tab")).toHaveCount(2);
    await expect(page.getByTestId("address")).toBeFocused();
    await person.type("shelf.test");
    await person.press("Enter");
    await expect(page.getByRole("tab", { selected: true })).toHaveText(/Shelf/);
    await person.heading("Shelf");
    await person.hasPage();
    await person.press("Alt+w");
    await expect(page.getByRole("tab", { selected: true })).toHaveText(/Desk/);

    await person.press("Control+i");
    await expect(page.getByTestId("hop")).toHaveCount(3);
    await person.press("Escape");
    // A sheet says that it has closed a moment after it has.
    await expect(page.getByTestId("hop")).toHaveCount(0);
    await person.press("Control+Shift+U");
    await person.tabTo(page.getByTestId("confirm-identity"));
    await person.press("Enter");
    await expect(page.getByTestId("page")).toHaveAttribute("data-kind", "start");
    await expect(page.locator("iframe[data-tab]")).toHaveCount(0);
  });
}
