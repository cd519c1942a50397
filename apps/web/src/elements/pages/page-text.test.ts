import type { NavigationId, TabId } from "@tabor/browsing";
import { TaborError } from "@tabor/onion-core";
import { expect, test } from "vitest";
import { emptyTab, NO_PARTS, type DocumentPage, type Tab } from "../../browsing/tab.ts";
import { PUSH } from "../../browsing/tab-history.ts";
import { circuitNumber } from "../../testing/fake-network.ts";
import { announcement, areaKind, waitText } from "./page-text.ts";

const empty = emptyTab("tab-1" as TabId, "safest");
const shown: DocumentPage = {
  kind: "document",
  navigation: 1 as NavigationId,
  url: "https://a.test/",
  status: 200,
  site: { site: "a.test", tls: undefined, circuit: circuitNumber(1, "a.test") },
  title: "A",
  icon: undefined,
  parts: NO_PARTS,
  complete: true,
  broken: undefined,
};
const load: Tab["load"] = {
  navigation: undefined,
  url: "https://b.test/x",
  sentence: "Choosing a circuit",
  placement: PUSH,
  byPerson: true,
};

test("the page before stays while the next one comes, and the wait is told over it", () => {
  const tab = { ...empty, page: shown, load };
  expect([areaKind(tab), waitText(tab), announcement(tab)]).toEqual([
    "document",
    "b.test: Choosing a circuit",
    "Loading b.test",
  ]);
});

test("without a page before, the wait has the area for itself", () => {
  expect(areaKind({ ...empty, load })).toBe("loading");
  const error = new TaborError("refused", "site", "refused");
  const page = {
    kind: "failed",
    navigation: undefined,
    url: "https://a.test/",
    error,
    circuit: undefined,
  } as const;
  expect(areaKind({ ...empty, page, load })).toBe("loading");
  expect(areaKind({ ...empty, page })).toBe("failed");
  expect(areaKind(empty)).toBe("start");
});

test("parts are counted until they have come or failed", () => {
  const parts = { asked: 40, loaded: 12, failed: 1, bytes: 264_000 };
  const tab = { ...empty, page: { ...shown, parts } };
  expect(waitText(tab)).toBe("13 of 40 parts, 258 KiB");
  expect(waitText({ ...tab, page: { ...shown, parts: { ...parts, loaded: 39 } } })).toBe("");
  expect(announcement(tab)).toBe("A is shown");
});
