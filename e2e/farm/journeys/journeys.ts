import { expect } from "@playwright/test";
import { bytesOf, sha256 } from "../../fixtures/content.ts";
import { media } from "../content/pictures.ts";
import { title } from "../content/text.ts";
import type { Farm } from "../network/farm.ts";
import { HOSTILE_CERTIFICATES } from "../network/hostile-certificates.ts";
import { SHOPPER } from "../sites/shop.ts";
import { LETTERED } from "../sites/wiki.ts";
import { imagesOf } from "./rendering.ts";
import type { Surface } from "./surface.ts";

/** What people do on the sites of the farm; the same on every surface. */
export type Journey = (surface: Surface, farm: Farm) => Promise<void>;

const readTheNews: Journey = async (surface) => {
  const { shown } = surface;
  await surface.open("https://news.test/");
  await expect(shown.locator("h1")).toHaveText("The Daily Farm");
  await expect.poll(() => surface.title()).toBe("The Daily Farm");
  if (surface.level === "safest") await expect(shown.locator("#noscript")).toBeVisible();
  await shown.getByRole("link", { name: title("news 4"), exact: true }).click();
  await expect(shown.locator("h1")).toHaveText(title("news 4"));
  await expect.poll(() => surface.address()).toBe("https://news.test/article/4");
  await shown.locator("#next").click();
  await expect(shown.locator("h1")).toHaveText(title("news 5"));
  await expect.poll(() => imagesOf(surface)).toEqual({ loaded: 1, failed: 0 });
  await surface.back();
  await expect(shown.locator("h1")).toHaveText(title("news 4"));
  await surface.forward();
  await expect(shown.locator("h1")).toHaveText(title("news 5"));
  await surface.reload();
  await expect(shown.locator("h1")).toHaveText(title("news 5"));
};

const buy: Journey = async (surface) => {
  const { shown } = surface;
  await surface.open("https://shop.test/");
  await shown.getByRole("link", { name: title("item 3") }).click();
  await shown.getByLabel("How many").fill("2");
  await shown.getByRole("button", { name: "Add to cart" }).click();
  await expect(shown.locator("#count")).toHaveText("2");
  await expect.poll(() => surface.address()).toBe("https://shop.test/cart");
  await shown.getByLabel("Count").fill("3");
  await shown.getByRole("button", { name: "Change" }).click();
  await expect(shown.locator("#count")).toHaveText("3");
  await shown.getByRole("link", { name: "To the checkout" }).click();
  await logIn(surface, "wrong");
  await expect(shown.getByRole("alert")).toHaveText("Wrong address or password.");
  await logIn(surface, SHOPPER.password);
  await shown.getByLabel("Address").fill('1 Farm Lane\nÜberlingen & "elsewhere"');
  await shown.getByLabel("Horse and cart").check();
  await shown.getByLabel("It is a gift").check();
  await shown.getByLabel("Note").selectOption("Leave at the door");
  await shown.getByRole("button", { name: "Order now" }).click();
  await expect(shown.locator("h1")).toHaveText("Thank you");
  await expect(shown.locator("li")).toHaveText(`3 × ${title("item 3")}`);
  // Forms send line breaks as CR LF (HTML, "constructing the entry list").
  await expect(shown.locator("#address")).toHaveText('1 Farm Lane\nÜberlingen & "elsewhere"');
  await expect(shown.locator("#delivery")).toHaveText("cart");
  await expect(shown.locator("#gift")).toHaveText("As a gift");
  await expect(shown.locator("#note")).toHaveText("Leave at the door");
  await shown.locator("#user").click();
  await shown.getByRole("button", { name: "Log out" }).click();
  await expect(shown.getByRole("link", { name: "Log in" })).toBeVisible();
};

async function logIn({ shown }: Surface, password: string): Promise<void> {
  await shown.getByLabel("E-mail").fill(SHOPPER.name);
  await shown.getByLabel("Password").fill(password);
  await shown.getByRole("button", { name: "Log in" }).click();
}

const lookUp: Journey = async (surface) => {
  const { shown } = surface;
  await surface.open("https://wiki.test/");
  await expect(shown.locator("h1")).toHaveText(title("wiki 0"));
  await shown.locator("#contents a").nth(3).click();
  await expect(shown.locator("#s3")).toBeInViewport();
  await expect.poll(() => surface.address()).toMatch(/#s3$/);
  await expect(shown.locator("table")).toHaveCount(6);
  const word = title("wiki 0").split(" ")[0] ?? "";
  await shown.getByLabel("Search").fill(`${word} `.trim());
  await shown.getByRole("button", { name: "Search" }).click();
  await expect(shown.locator("#query")).toHaveText(word);
  await expect.poll(() => surface.address()).toBe(`https://wiki.test/search?q=${word}`);
  await shown
    .getByRole("link", { name: title("wiki 0") })
    .first()
    .click();
  await expect(shown.locator("h1")).toHaveText(title("wiki 0"));
};

const readLetters: Journey = async (surface) => {
  for (const [path, { text }] of Object.entries(LETTERED)) {
    await surface.open(`https://letters.test/${path}`);
    await expect(surface.shown.locator("#text"), path).toHaveText(text);
    await expect.poll(() => surface.title(), { message: path }).toBe(text);
  }
};

const sendLetters: Journey = async (surface) => {
  await surface.open("https://letters.test/form");
  await surface.shown.getByLabel("Word").fill("булка");
  await surface.shown.getByRole("button", { name: "Send" }).click();
  // The bytes of windows-1251, as `accept-charset` asks.
  await expect(surface.shown.locator("body")).toContainText("?word=%E1%F3%EB%EA%E0");
};

const upload: Journey = async (surface) => {
  const { shown } = surface;
  await surface.open("https://forum.test/");
  await shown.getByRole("link", { name: title("thread 7") }).click();
  await shown.getByLabel("Name").fill("Ada");
  await shown.getByLabel("Text").fill("A photo & a file, “quoted”");
  const photo = media("photo.jpg");
  const file = bytesOf(200_000);
  await shown.getByLabel("Files").setInputFiles([
    { name: "photo.jpg", mimeType: "image/jpeg", buffer: photo.bytes },
    { name: 'naïve "狐".bin', mimeType: "application/octet-stream", buffer: file },
  ]);
  await shown.getByRole("button", { name: "Reply" }).click();
  const reply = shown.locator(".reply").last();
  await expect(reply.locator(".text")).toHaveText("A photo & a file, “quoted”");
  await expect(reply.locator("code")).toHaveText([sha256(photo.bytes), sha256(file)]);
  await expect
    .poll(() => reply.locator("img").evaluate((image) => (image as HTMLImageElement).naturalWidth))
    .toBe(320);
  const { bytes } = await surface.download(() => reply.getByRole("link").last().click());
  expect(sha256(bytes)).toBe(sha256(file));
};

const download: Journey = async (surface) => {
  await surface.open("https://downloads.test/");
  const named = await surface.download(() => surface.shown.getByRole("link", { name: "utf8" }).click());
  expect(named).toEqual({ fileName: "naïve 狐.bin", bytes: bytesOf(4096) });
  const outside = await surface.download(() => surface.shown.getByRole("link", { name: "path" }).click());
  expect(outside.fileName).not.toMatch(/[/\\]/);
  const large = await surface.download(() => surface.shown.getByRole("link", { name: "Large" }).click());
  expect(sha256(large.bytes)).toBe(sha256(bytesOf(16 * 1024 * 1024)));
};

const watch: Journey = async (surface, farm) => {
  const { shown } = surface;
  await surface.open("https://video.test/");
  const film = shown.locator("#film");
  await expect.poll(() => film.evaluate((video) => Math.round((video as HTMLVideoElement).duration))).toBe(6);
  await film.evaluate((video) => ((video as HTMLVideoElement).currentTime = 5));
  await expect
    .poll(() => film.evaluate((video) => (video as HTMLVideoElement).readyState))
    .toBeGreaterThanOrEqual(2);
  expect(await film.evaluate((video) => (video as HTMLVideoElement).seeking)).toBe(false);
  const asked = farm.visitsTo("media.video.test").map(({ headers }) => headers["range"]);
  expect(asked[0]).toBe("bytes=0-");
};

const oddHosts: Journey = async (surface) => {
  const whole = ["http10", "chunked", "closing", "early-hints", "encoded.test/gzip", "encoded.test/br"];
  const more = [
    "encoded.test/deflate",
    "encoded.test/deflate-raw",
    "encoded.test/identity",
    "slow.test/drip/10?every=20",
  ];
  for (const host of [...whole, ...more, "loop.test/count/5", "closing"]) {
    await surface.open(`https://${host.includes(".test") ? host : `${host}.test/`}`);
    await expect(surface.shown.locator("#text"), host).toHaveText("It came whole.");
  }
};

const failingHosts: Journey = async (surface) => {
  for (const host of [
    "unknown-root.bad.test",
    "hangs-up.test",
    "endless-head.test",
    "loop.test/self",
    "nobody.test",
  ])
    expect(await surface.openInVain(`https://${host}`), host).not.toBe("");
};

const falseHosts: Journey = async (surface, farm) => {
  for (const host of [...Object.keys(HOSTILE_CERTIFICATES), "tls11"].map((fault) => `${fault}.bad.test`)) {
    expect(await surface.openInVain(`https://${host}/`), host).not.toBe("");
    expect(farm.visitsTo(host)).toEqual([]);
  }
};

/** Every check of the application, by its name. */
const CHECKS =
  `module dynamic fetch fetch-post fetch-cross fetch-cross-refused fetch-preflight xhr websocket websocket-binary
  local-storage session-storage cookie indexed-db worker blob-image location`.split(/\s+/);

const useTheApplication: Journey = async (surface) => {
  const { shown } = surface;
  await surface.open("https://app.test/");
  for (const check of CHECKS) await expect(shown.locator(`#${check}`), check).toHaveText("ok");
  await expect(shown.locator("#results li")).toHaveCount(CHECKS.length);
  await shown.getByRole("link", { name: "Barn" }).click();
  await expect(shown.locator("#route")).toHaveText("You are at /barn");
  await expect.poll(() => surface.address()).toBe("https://app.test/barn");
  await surface.back();
  await expect(shown.locator("#route")).toHaveText("You are at /");
};

export const JOURNEYS: readonly { readonly name: string; readonly journey: Journey }[] = [
  { name: "reads the news: links, back, forward, reload", journey: readTheNews },
  { name: "buys: cart, login, checkout", journey: buy },
  { name: "looks things up: anchors, tables, search", journey: lookUp },
  { name: "reads pages in twelve character sets", journey: readLetters },
  { name: "sends a form in windows-1251", journey: sendLetters },
  { name: "uploads files to a forum and gets them back", journey: upload },
  { name: "downloads files", journey: download },
  { name: "watches a film, and seeks in it", journey: watch },
  { name: "reads from servers that are old, slow or odd", journey: oddHosts },
  { name: "is told of servers that fail", journey: failingHosts },
  { name: "is told of servers that are not who they say", journey: falseHosts },
];

export const JOURNEYS_WITH_SCRIPTS: typeof JOURNEYS = [
  { name: "uses an application of one page", journey: useTheApplication },
];
