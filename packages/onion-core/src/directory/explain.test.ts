import { expect, test } from "vitest";
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

test("why a relay has its flags and weight is what the votes say of it", async () => {
  const relay = await testRelay({ policy4: "accept 80,443" });
  const { consensus } = await testConsensus({ relays: [relay], signers: KEYS });
  const votes = KEYS.map(({ id }, i) =>
    castVote({
      ...{ authority: id, relays: i === 2 ? [] : [{ ...relay, measured: i === 0 ? 300 : undefined }] },
      ...{ previous: new Uint8Array(32), validAfter: TEST_NOW, now: TEST_NOW },
    }),
  );
  const why = explainRelay(consensus, votes, { relay: relay.key.id, authorities: 3 });
  const voters = KEYS.slice(0, 2).map(({ id }) => id);
  expect(why?.flags).toContainEqual({ flag: "Exit", isSet: true, for: voters });
  expect(why?.flags).toContainEqual({ flag: "BadExit", isSet: false, for: [] });
  expect(why?.weights).toEqual([
    { authority: voters[0], weight: 1000, measured: 300 },
    { authority: voters[1], weight: 1000, measured: undefined },
  ]);
  expect(why?.weightFrom).toBe("claimed");
  expect(
    explainRelay(consensus, votes, { relay: (await testRelay()).key.id, authorities: 3 }),
  ).toBeUndefined();
});
