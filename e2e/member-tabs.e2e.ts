/** Tabs in a network that lets its members in alone: by an invitation's link, or by a key that its operator adds (SPEC §9.6). */
import { type BrowserContext, expect, test } from "@playwright/test";
import { App } from "./fixtures/app.ts";
import { type RunningDirectory, startDirectory } from "./fixtures/directory.ts";
import { members } from "./fixtures/members.ts";
import { linkedWith } from "./fixtures/network.ts";
import { Program } from "./fixtures/program.ts";
import { type Site, startSite } from "./fixtures/site.ts";

let directory: RunningDirectory;
let relays: readonly Program[];
let site: Site;
let link: string;
let invited: BrowserContext;
let ada: App;
let late: App;

test.describe.configure({ mode: "serial" });

test.beforeAll(async ({ browser }) => {
  [directory, site] = await Promise.all([startDirectory(undefined, "invite"), startSite()]);
  const codes = (await members(directory, "invite", "--count", "3")).trim().split("\n");
  const common = ["--directory", directory.url, "--authority", directory.authority, "--log-level", "debug"];
  relays = codes.map((code, i) => {
    const args = [...common, "--invite", code];
    const [kind, more] = i === 0 ? ["exit", ["--policy", "accept 127.0.0.0/8:*"]] : ["relay", []];
    const script = `apps/node/dist/${kind}.js`;
    return new Program({ name: `${kind} ${i}`, script, args: [...args, ...more], ipc: true });
  });
  await Promise.all(relays.map((relay) => relay.message(linkedWith(2))));
  const app = `http://app.tabor.localhost:${new URL(directory.url).port}`;
  link = (await members(directory, "invite", "--app", app)).trim();
  invited = await browser.newContext();
});
test.afterAll(async ({ browser }) => {
  for (const context of browser.contexts()) await context.close();
  await Promise.all(relays.map((relay) => relay.stop()));
  await Promise.all([directory.stop(), site.close()]);
});

/** How the tab says that it stands with the network. */
const standing = (app: App) => app.page.getByTestId("membership");

/** The whole history of the tab, as the browser has it. */
async function addressesOf({ page }: App): Promise<string> {
  const session = await page.context().newCDPSession(page);
  const { entries } = await session.send("Page.getNavigationHistory");
  return entries.map(({ url }) => url).join(" ");
}

test("an invitation's link leaves no trace of its code, asks first, and makes the browser a member", async () => {
  ada = await App.open(invited, link);
  await ada.shows("membership");
  await expect(ada.page.getByTestId("invitation")).toContainText("You are invited to app.tabor.localhost");
  expect(await addressesOf(ada)).not.toContain("invite");
  const before = (await members(directory, "list")).split("\n");

  await ada.page.getByTestId("accept").click();
  await expect(standing(ada)).toHaveAttribute("data-state", "member");
  await ada.ready();
  await ada.goPlain(`${site.origin}/page`);
  await ada.shows("document");
  expect((await members(directory, "list")).split("\n")).toHaveLength(before.length + 1);
  expect(ada.complaints).toEqual([]);
});

test("the link is good once: whoever uses it after that is refused, and told why", async ({ browser }) => {
  late = await App.open(await browser.newContext(), new URL(link).origin);
  await late.shows("start");
  // In a tab that has the app already, another fragment loads nothing anew.
  await late.page.goto(link);
  await late.shows("membership");
  expect(await addressesOf(late)).not.toContain("invite");
  await late.page.getByTestId("accept").click();
  await expect(late.page.getByTestId("invitation")).toHaveAttribute("data-state", "refused");
  await expect(late.page.getByTestId("invitation")).toContainText("It was used already");
  await late.page.getByTestId("decline").click();
  await expect(standing(late)).toHaveAttribute("data-state", "outside");
});

test("who gives the operator its key is let in", async () => {
  await late.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await late.page.getByTestId("copy-key").click();
  await expect(late.page.getByText("Copied.")).toBeVisible();
  const key = await late.page.evaluate(() => navigator.clipboard.readText());
  await members(directory, "add", key, "--name", "late");
  await late.page.getByTestId("try-again").click();
  await expect(standing(late)).toHaveAttribute("data-state", "member");
  await late.ready();
  await late.page.context().close();
});

test("a member's tab volunteers: its relay is vouched for", async () => {
  await ada.volunteer(relays.length);
});

test("who is revoked is out at once, as a client and as a relay, and is told so", async () => {
  const volunteer = ada.page.getByTestId("volunteer-state");
  await ada.page.keyboard.press("Alt+t");
  await ada.go("tabor:membership");
  const key = (await ada.page.getByTestId("member-key").textContent()) ?? "";
  await members(directory, "revoke", key.trim());
  await expect(standing(ada)).toHaveAttribute("data-state", "revoked");
  await ada.go("tabor:volunteer");
  await expect(volunteer).toContainText("This network is for its members");
});
