import { beforeAll, describe, expect, test } from "vitest";
import { concat } from "../bytes/bytes.ts";
import type { RelayId } from "../crypto/ids.ts";
import { testId, testIssuerKey, testRelay, TEST_NOW, type TestRelay } from "../testing/directory-fixtures.ts";
import { freshKeys } from "../testing/memory-authorities.ts";
import { alterations, inside, truncations } from "../testing/hostile-bytes.ts";
import { encodeSignatureMessage, encodeVoteMessage, decodeAuthorityMessage } from "./authority-message.ts";
import { castVote } from "./cast-vote.ts";
import { signDetached } from "./consensus-signatures.ts";
import { consensusFromVotes, selectRelays, type AcceptedVote } from "./tally.ts";
import { decodeVote, encodeVote, voteStatement, type Vote, type VotedRelay } from "./vote.ts";
import { VoteAgreement } from "./vote-agreement.ts";

const failure = (code: string): Error => expect.objectContaining({ name: "TaborError", code }) as Error;

let relays: readonly TestRelay[];
let vote: Vote;
const issuers = [testIssuerKey(TEST_NOW), testIssuerKey(TEST_NOW + 1)];
beforeAll(async () => {
  relays = await Promise.all([testRelay(), testRelay({ policy4: "accept 80,443" }), testRelay()]);
  vote = voteOf(testId(1), relays);
});

function voteOf(authority: RelayId, seen: readonly TestRelay[]): Vote {
  const previous = new Uint8Array(32).fill(9);
  return castVote({ authority, relays: seen, previous, issuers, validAfter: TEST_NOW, now: TEST_NOW });
}

/** The same vote of another authority, with each relay as `change` has it. */
function changed(authority: RelayId, change: (relay: VotedRelay) => Partial<VotedRelay>): Vote {
  return { ...vote, authority, relays: vote.relays.map((relay) => ({ ...relay, ...change(relay) })) };
}

describe("the bytes of a vote", () => {
  test("encode again exactly as they were, also from the middle of a buffer", () => {
    const [first, ...others] = vote.relays;
    const said = { ...vote, relays: [{ ...(first as VotedRelay), measured: 0 }, ...others] };
    const bytes = encodeVote(said);
    expect(decodeVote(inside(bytes))).toEqual(said);
    expect(encodeVote(decodeVote(bytes))).toEqual(bytes);
  });

  test("are refused at every truncation, and with an extra byte", () => {
    const bytes = encodeVote(vote);
    for (const cut of truncations(bytes)) expect(() => decodeVote(cut)).toThrow(failure("malformed"));
    expect(() => decodeVote(concat(bytes, Uint8Array.of(0)))).toThrow(failure("malformed"));
  });

  test("have one form for each content: what is altered is refused, or says something else", () => {
    for (const bytes of alterations(encodeVote(vote))) {
      try {
        expect(encodeVote(decodeVote(bytes))).toEqual(bytes);
      } catch (error) {
        expect(error).toEqual(failure("malformed"));
      }
    }
  });

  test("list a relay once", () => {
    const [first] = vote.relays as [VotedRelay];
    expect(() => encodeVote({ ...vote, relays: [first, first] })).toThrow(failure("usage"));
    expect(() => encodeVote({ ...vote, relays: [...vote.relays].reverse() })).toThrow(failure("usage"));
  });
});

describe("messages of authorities", () => {
  test("are read as they were written, and refused when cut, extended, or of an unknown kind", async () => {
    const [key] = await freshKeys(1);
    if (key === undefined) throw new Error("no key");
    const name = { validAfter: TEST_NOW, digest: new Uint8Array(32).fill(3) };
    const signature = await signDetached(name, key);
    const signed = encodeSignatureMessage(name, signature);
    expect(decodeAuthorityMessage(signed)).toEqual({ kind: "signature", ...name, signature });
    const voted = encodeVoteMessage(encodeVote(vote), [signature]);
    expect(decodeAuthorityMessage(voted)).toMatchObject({ kind: "vote", vote, signatures: [signature] });
    for (const bytes of [signed, voted]) {
      for (const cut of truncations(bytes)) {
        expect(() => decodeAuthorityMessage(cut)).toThrow(failure("malformed"));
      }
      expect(() => decodeAuthorityMessage(concat(bytes, Uint8Array.of(0)))).toThrow(failure("malformed"));
      expect(() => decodeAuthorityMessage(bytes.with(0, 3))).toThrow(failure("malformed"));
    }
  });
});

describe("counting", () => {
  const select = (...votes: readonly Vote[]) => selectRelays(votes, 5);
  const others = () => [2, 3, 4, 5].map((n) => testId(n));

  test("a relay is listed if more than half of all authorities name one descriptor of it", () => {
    const [b, c, d, e] = others() as [RelayId, RelayId, RelayId, RelayId];
    const same = (id: RelayId): Vote => ({ ...vote, authority: id });
    const another = (id: RelayId): Vote => changed(id, () => ({ digest: new Uint8Array(32).fill(7) }));
    expect(select(vote, same(b), same(c))).toHaveLength(3);
    expect(select(vote, same(b))).toHaveLength(0);
    expect(select(vote, same(b), another(c), another(d))).toHaveLength(0);
    expect(select(vote, same(b), same(c), another(d), another(e))).toHaveLength(3);
  });

  test("a flag is set if more than half of all set it: neither two more nor two fewer change it", () => {
    const liars = others().slice(2);
    const honest = [
      vote,
      ...others()
        .slice(0, 2)
        .map((id) => ({ ...vote, authority: id })),
    ];
    for (const flags of [new Set<never>(), new Set(["BadExit", "Running"] as const)]) {
      const counted = select(...honest, ...liars.map((id) => changed(id, () => ({ flags }))));
      expect(counted.map((relay) => relay.flags)).toEqual(vote.relays.map((relay) => relay.flags));
    }
  });

  test("the weight is the median of what was measured if more than half measured, else of what was given", () => {
    const ids = [testId(1), ...others()];
    const counted = (measured: readonly (number | undefined)[]): readonly number[] =>
      select(
        ...ids.map((id, i) => changed(id, () => ({ weight: 100 * (i + 1), measured: measured[i] }))),
      ).map(({ weight }) => weight);
    expect(counted([])[0]).toBe(300);
    expect(counted([1, 2 ** 31])[0]).toBe(300);
    expect(counted([7, 9, 2 ** 31])[0]).toBe(9);
    expect(counted([0, 7, 8, 2 ** 31, 2 ** 31])[0]).toBe(8);
    expect(counted([7, 8, 9, 2 ** 31])[0]).toBe(8);
  });

  test("whoever has the same votes computes the same bytes, in whatever order they came", () => {
    const votes: readonly AcceptedVote[] = [testId(1), ...others()].map((authority) => ({
      authority,
      digest: new Uint8Array(32).fill(1),
      vote: changed(authority, () => ({ weight: authority.charCodeAt(3) })),
    }));
    const bodyOf = (ordered: readonly AcceptedVote[]): Uint8Array => {
      const selection = selectRelays(
        ordered.map((accepted) => accepted.vote),
        5,
      );
      const descriptorOf = (digest: Uint8Array): TestRelay | undefined =>
        relays.find((_, i) => vote.relays[i] !== undefined && digestsEqual(digest, i));
      return consensusFromVotes({ validAfter: TEST_NOW, votes: ordered, selection, descriptorOf }).body;
    };
    const digestsEqual = (digest: Uint8Array, i: number): boolean => {
      const listed = vote.relays.find(({ identity }) => identity === relays[i]?.descriptor.identity);
      return listed !== undefined && Buffer.compare(listed.digest, digest) === 0;
    };
    expect(bodyOf([...votes].reverse())).toEqual(bodyOf(votes));
  });
});

describe("agreeing on votes", () => {
  test("a vote needs as many signatures as rounds have begun, its voter's among them", async () => {
    const keys = await freshKeys(5);
    const [me, voter, friend] = keys as [(typeof keys)[0], (typeof keys)[0], (typeof keys)[0]];
    const authorities = keys.map(({ id }) => id);
    const voteBytes = encodeVote(voteOf(voter.id, relays));
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(voteBytes)));
    const statement = voteStatement({ authority: voter.id, validAfter: TEST_NOW, digest });
    const by = async (key: typeof me) => ({ authority: key.publicKey, signature: await key.sign(statement) });
    const receive = async (round: number, ...signers: readonly (typeof me)[]) => {
      const agreement = new VoteAgreement({ key: me, authorities, validAfter: TEST_NOW });
      const signatures = await Promise.all(signers.map(by));
      const message = decodeAuthorityMessage(encodeVoteMessage(voteBytes, signatures));
      if (message.kind !== "vote") throw new Error("no vote");
      const passedOn = await agreement.receive(message, round);
      return { passedOn: passedOn !== undefined, ...agreement.outcome() };
    };
    expect(await receive(1, voter)).toMatchObject({ passedOn: true, votes: [{ authority: voter.id }] });
    expect(await receive(2, voter)).toMatchObject({ passedOn: false, votes: [], late: [voter.id] });
    expect(await receive(2, voter, me)).toMatchObject({ votes: [], late: [voter.id] });
    expect(await receive(2, voter, friend)).toMatchObject({ passedOn: true, votes: [{ digest }] });
    expect(await receive(3, voter, friend)).toMatchObject({ votes: [] });
    expect(await receive(1, friend)).toMatchObject({ votes: [], late: [] });
  });
});
