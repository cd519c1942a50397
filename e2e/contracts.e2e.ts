/** What ports promise, in Chromium: the contract suites that run in Node, case by case. */
import { expect, test } from "@playwright/test";
import { type ServedPage, servePage } from "./fixtures/pages.ts";
import type { ContractName } from "./pages/contracts.ts";

const CONTRACTS: readonly ContractName[] = [
  "AES-GCM",
  "the handshake's primitives",
  "the handshake's primitives, with ML-KEM by the library",
  "ML-KEM of the browser and of the library",
  "spent tokens",
];

let served: ServedPage;
test.beforeAll(async () => {
  served = await servePage("contracts.html");
});
test.afterAll(async () => {
  await served.close();
});

test.beforeEach(async ({ page }) => {
  await page.goto(served.url);
});

for (const name of CONTRACTS) {
  test(`Chromium keeps what is promised of ${name}`, async ({ page }) => {
    const { broken, cases } = await page.evaluate((contract) => window.runContract(contract), name);
    expect(broken).toEqual([]);
    expect(cases).toBeGreaterThan(1);
  });
}

test("ML-KEM is Chromium's own, so that it runs beside the page's thread", async ({ page }) => {
  expect(await page.evaluate(() => window.hasOwnMlKem)).toBe(true);
});
