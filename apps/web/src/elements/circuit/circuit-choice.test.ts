import { TaborError, type CircuitInfo } from "@tabor/onion-core";
import { expect, test } from "vitest";
import type { DocumentPage } from "../../browsing/page.ts";
import { circuitNumber } from "../../testing/fake-network.ts";
import { circuitFor } from "./circuit-choice.ts";

const spare: CircuitInfo = { ...circuitNumber(1, ""), isolation: undefined, streams: 0 };
const building: CircuitInfo = { ...spare, id: 2, state: { name: "building" } };
const used = circuitNumber(3, "a.test");

function pageOver(circuit: CircuitInfo | undefined): DocumentPage {
  return { kind: "document", url: new URL("http://a.test:81/"), title: "", html: "", status: 200, circuit };
}

test("before the first page: the circuit that is kept ready, else the one being built", () => {
  expect(circuitFor({ kind: "blank" }, [building, used, spare]).circuit).toBe(spare);
  expect(circuitFor({ kind: "blank" }, [used, building])).toMatchObject({
    circuit: building,
    caption: "Being built",
  });
  expect(circuitFor({ kind: "blank" }, [])).toMatchObject({ circuit: undefined, site: undefined });
});

test("a page's own circuit, as it is now, up to the site", () => {
  const now = { ...used, streams: 0 };
  expect(circuitFor(pageOver(used), [spare, now])).toMatchObject({ circuit: now, site: "a.test:81" });
});

test("a circuit that has ended is still the way the page came", () => {
  const reason = new TaborError("closed", "relay", "gone");
  const closed: CircuitInfo = { ...used, state: { name: "closed", reason } };
  for (const circuits of [[spare], [closed]]) {
    const shown = circuitFor(pageOver(used), circuits);
    expect(shown.circuit?.id).toBe(3);
    expect(shown.caption).toContain("closed since");
  }
});

test("a page for which nothing was sent has no circuit", () => {
  const url = new URL("https://a.test/");
  expect(circuitFor({ kind: "needs-tls", url, insecure: undefined }, [spare]).circuit).toBeUndefined();
});
