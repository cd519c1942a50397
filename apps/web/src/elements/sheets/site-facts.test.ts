import type { NavigationId, TabId } from "@tabor/browsing";
import { TaborError, type CircuitInfo } from "@tabor/onion-core";
import { expect, test } from "vitest";
import { emptyTab, NO_PARTS, type Tab } from "../../browsing/tab.ts";
import { circuitNumber } from "../../testing/fake-network.ts";
import { isFetched, siteFacts } from "./site-facts.ts";

const used = circuitNumber(3, "a.test");
const empty = emptyTab("tab-1" as TabId, "safest");
const shown: Tab = {
  ...empty,
  page: {
    kind: "document",
    navigation: 1 as NavigationId,
    url: "https://a.test:81/",
    status: 200,
    site: { site: "a.test", tls: undefined, circuit: used },
    title: "",
    icon: undefined,
    parts: NO_PARTS,
    complete: true,
    broken: undefined,
  },
};
const error = new TaborError("closed", "relay", "gone");

test("a page's own circuit, as it is now", () => {
  const now = { ...used, streams: 0 };
  expect(siteFacts(shown, [circuitNumber(1, "x"), now])).toMatchObject({
    kind: "page",
    circuit: now,
    caption: "The way this page came",
  });
});

test("a circuit that has ended is still the way the page came", () => {
  const closed: CircuitInfo = { ...used, state: { name: "closed", reason: error } };
  for (const circuits of [[], [closed]])
    expect(siteFacts(shown, circuits)).toMatchObject({
      circuit: { id: 3 },
      caption: expect.stringContaining("closed since") as string,
    });
});

test("a page that its exit fetched was read by it; one over an exit for streams was not", () => {
  const hops = used.hops.map((hop) => ({ ...hop, readsContent: hop.role === "exit" }));
  const site = { site: "a.test", tls: undefined, circuit: { ...used, hops } };
  expect(isFetched(site)).toBe(true);
  expect(isFetched({ ...site, circuit: used })).toBe(false);
  expect(siteFacts(shown, [used])).toMatchObject({ isReadByExit: false });
});

test("a page that failed has the circuit that was tried last, if one was", () => {
  const page = { kind: "failed", navigation: undefined, url: "https://a.test/", error } as const;
  expect(siteFacts({ ...empty, page: { ...page, circuit: used } }, [used])).toMatchObject({
    kind: "failed",
    circuit: used,
    caption: "The way that was tried last",
  });
  expect(siteFacts({ ...empty, page: { ...page, circuit: undefined } }, [used]).kind).toBe("none");
});

test("pages of the app, and those that wait for consent, have none", () => {
  const page = { kind: "consent", navigation: 1 as NavigationId, url: "http://a.test/" } as const;
  expect(siteFacts(empty, [used]).kind).toBe("none");
  expect(siteFacts({ ...empty, page }, [used]).kind).toBe("none");
});
