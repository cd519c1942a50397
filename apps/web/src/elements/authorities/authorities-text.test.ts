import { explainRelay } from "@tabor/onion-core";
import { expect, test } from "vitest";
import { fakeEntry, fakeLook } from "../../testing/fake-authorities.ts";
import { changeText, entryText, flagText, gaveText, signaturesText, weightText } from "./authorities-text.ts";

const look = fakeLook(0);

test("says how many have signed, and how many must; one that is alone is said to be", () => {
  expect(signaturesText(look)).toBe("Signed by 2 of 3 authorities; 2 are needed.");
  const alone = { ...look, authorities: look.authorities.slice(0, 1) };
  expect(signaturesText(alone)).toContain("believed alone");
});

test("what changed of a relay is what differs", () => {
  const before = fakeEntry("Relay", 400, "Fast");
  expect(changeText(before, fakeEntry("Relay", 80))).toBe("no longer Fast; weight 400 → 80 KiB/s");
  expect(changeText(before, fakeEntry("Relay", 400, "Fast", "Guard"))).toBe("now Guard");
  expect(changeText(before, fakeEntry("Relay", 400, "Fast"))).toBe("published anew");
});

test("why a relay has its flags and its weight is said by votes", () => {
  const [entry] = look.consensus.relays;
  if (entry === undefined) expect.fail("no relay");
  expect(entryText(entry)).toBe("Node · 4000 KiB/s · Guard · Stable · Fast");
  const relay = entry.descriptor.identity;
  const why =
    explainRelay(look.consensus, look.votes, { relay, authorities: 3 }) ?? expect.fail("not listed");
  const flag = (name: string) => why.flags.find((one) => one.flag === name) ?? expect.fail(name);
  expect(flagText(flag("Guard"), look.votes.length)).toBe("set, by 2 of 2 votes at hand");
  expect(flagText(flag("Exit"), look.votes.length)).toBe("not set; 0 of 2 votes at hand for it");
  expect(weightText(why)).toContain("4000 KiB/s: the median of what the voters gave");
  expect(why.weights.map(gaveText)).toEqual([
    "FirstAut gave 4000 KiB/s, measured 4000",
    "SecondAu gave 4010 KiB/s, has not measured it",
  ]);
});
