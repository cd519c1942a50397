import { describe, expect, test } from "vitest";
import { TEST_NOW, testConsensus, testRelay } from "../testing/directory-fixtures.ts";
import { freshKeys } from "../testing/memory-authorities.ts";
import { castVote } from "./cast-vote.ts";
import { changesBetween, explainRelay } from "./explain.ts";

const KEYS = await freshKeys(3);

test("what changed between two consensuses is who came, who left, and of whom something else is said", async () => {
  const [staying, leaving, coming] = await Promise.all([testRelay(), testRelay(), testRelay()]);
  const anew = await testRelay({ capacity: 500 }, staying.key);
  const before = (await testConsensus({ relays: [staying, leaving], signers: KEYS })).consensus;
  const after = (await testConsensus({ relays: [anew, coming], signers: KEYS })).consensus;
  const { came, left, changed } = changesBetween(before, after);
  expect(came.map(({ descriptor }) => descriptor.identity)).toEqual([coming.key.id]);
  expect(left.map(({ descriptor }) => descriptor.identity)).toEqual([leaving.key.id]);
  expect(changed.map((pair) => [pair.before.weight, pair.after.weight])).toEqual([[1000, 500]]);
  expect(changesBetween(after, after)).toEqual({ came: [], left: [], changed: [] });
});

describe("why a relay has its flags and weight", async () => {
  const [relay, ...others] = await Promise.all([
    testRelay({ policy4: "accept 80,443" }),
    ...Array.from({ length: 3 }, () => testRelay()),
  ]);
  const all = [relay, ...others];
  const { consensus } = await testConsensus({ relays: all, signers: KEYS });
  /** @param rates what each authority has measured of the relay. @param measuring how many have measured the others. */
  const why = (rates: readonly (number | undefined)[], measuring = 0, voters = 3) => {
    const votes = KEYS.slice(0, voters).map(({ id }, i) =>
      castVote({
        ...{ authority: id, previous: new Uint8Array(32), validAfter: TEST_NOW, now: TEST_NOW },
        relays: all.map((each) => ({
          ...each,
          standing: {
            answers: undefined,
            measured: each === relay ? rates[i] : i < measuring ? 500 : undefined,
          },
        })),
      }),
    );
    return explainRelay(consensus, votes, { relay: relay.key.id, authorities: 3 });
  };
  const ids = KEYS.map(({ id }) => id);

  test("is what the votes say of it", () => {
    expect(why([], 0, 2)?.flags).toContainEqual({ flag: "Exit", isSet: true, for: ids.slice(0, 2) });
    expect(why([], 0, 2)?.flags).toContainEqual({ flag: "BadExit", isSet: false, for: [] });
    const told = why([300, undefined], 1, 2);
    expect(told?.weights).toEqual([
      { authority: ids[0], weight: 1000, measured: 300 },
      { authority: ids[1], weight: 1000, measured: undefined },
    ]);
    expect([told?.weightFrom, told?.measuring]).toEqual(["claimed", ids.slice(0, 1)]);
  });

  test("is that it was measured, or that others were", () => {
    expect(why([300, 400], 2)?.weightFrom).toBe("measured");
    expect(why([300], 2)?.weightFrom).toBe("unmeasured");
    expect(why([], 1)?.weightFrom).toBe("claimed");
  });

  test("is nothing for one that is not listed", async () => {
    const { key } = await testRelay();
    expect(explainRelay(consensus, [], { relay: key.id, authorities: 3 })).toBeUndefined();
  });
});
