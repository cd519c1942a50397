import type { TabId } from "@tabor/browsing";
import { expect, test } from "vitest";
import { suggest, visited, type Visit } from "./visits.ts";

const visit = (url: string, title = ""): Visit => ({ url, title });
const VISITS = [
  visit("https://news.test/onions", "News of onions"),
  visit("https://www.onions.test/", "All about bulbs"),
  visit("https://garlic.test/", "Garlic and onions"),
  visit("https://leek.test/", "Leek"),
];
const found = (typed: string) => suggest(typed, VISITS, []).map(({ url }) => new URL(url).host);

test("what begins with it, then what has it within, then titles", () => {
  expect(found("onion")).toEqual(["www.onions.test", "news.test", "garlic.test"]);
  expect(found("https://www.onions")[0]).toBe("www.onions.test");
  expect(found("LEEK")).toEqual(["leek.test"]);
  expect(found("celery")).toEqual([]);
});

test("what is open in another tab is said to be", () => {
  const open = [{ tab: "tab-2" as TabId, url: "https://leek.test/", title: "Leek" }];
  expect(suggest("leek", VISITS, open)).toMatchObject([{ tab: "tab-2" }]);
});

test("each address once, the newest first, and not more than some hundreds", () => {
  let visits: readonly Visit[] = [];
  for (let page = 0; page < 600; page++) visits = visited(visits, visit(`https://a.test/${String(page)}`));
  visits = visited(visits, visit("https://a.test/599", "titled"));
  expect(visits).toHaveLength(500);
  expect(visits[0]).toEqual(visit("https://a.test/599", "titled"));
  expect(suggest("a.test", visits, [])).toHaveLength(6);
});
