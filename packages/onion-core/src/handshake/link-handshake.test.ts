import { beforeAll, describe, expect, test } from "vitest";
import {
  receiveHandshakeCell,
  startLinkHandshake,
  type HandshakeCell,
  type LinkEnd,
  type LinkHandshake,
} from "./link-handshake.ts";
import { OPEN_GATE, type LinkGate } from "./link-gate.ts";
import { decodeVersions, encodeVersions, padBody, type LinkRole } from "./link-messages.ts";
import { TaborError } from "../errors.ts";
import type { CellCommand } from "../cell/cell.ts";
import { generateSigningKey, type SigningKey } from "../crypto/ed25519.ts";

const protocol = { code: "protocol", where: "link" };
const notAuthentic = { code: "not-authentic", where: "link" };
const malformed = { code: "malformed", where: "link" };

let alice: SigningKey;
let bob: SigningKey;
let mallory: SigningKey;

beforeAll(async () => {
  [alice, bob, mallory] = (await Promise.all(
    [1, 2, 3].map(async () => (await generateSigningKey()).key),
  )) as [SigningKey, SigningKey, SigningKey];
});

const certificateA = new Uint8Array(32).fill(0xa1);
const certificateB = new Uint8Array(32).fill(0xb2);
const certificateM = new Uint8Array(32).fill(0x33);

let nonces = 0;

function endOf(options: Partial<LinkEnd> & Pick<LinkEnd, "fingerprints">): LinkEnd {
  nonces += 1;
  const nonce = new Uint8Array(32).fill(nonces);
  return { identity: undefined, expected: undefined, token: undefined, gate: OPEN_GATE, nonce, ...options };
}

const endA = (options: Partial<LinkEnd> = {}) =>
  endOf({ fingerprints: { local: certificateA, remote: certificateB }, ...options });
const endB = (options: Partial<LinkEnd> = {}) =>
  endOf({ fingerprints: { local: certificateB, remote: certificateA }, ...options });

/** One end, driven by hand: what it has sent, and where it stands. */
class Driven {
  readonly sent: HandshakeCell[] = [];
  state: LinkHandshake;
  #delivered = 0;

  constructor(end: LinkEnd) {
    const { send, next } = startLinkHandshake(end);
    this.sent.push(...send);
    this.state = next;
  }

  async receive(cell: HandshakeCell): Promise<void> {
    const { send, next } = await receiveHandshakeCell(this.state, cell);
    this.sent.push(...send);
    this.state = next;
  }

  /** Hands everything that it has sent and not yet handed over to `peer`, as `alter` leaves it. */
  async deliverTo(peer: Driven, alter: Alter = (cell) => cell): Promise<boolean> {
    const cells = this.sent.slice(this.#delivered);
    this.#delivered = this.sent.length;
    for (const cell of cells) await peer.receive(alter(cell));
    return cells.length > 0;
  }
}

type Alter = (cell: HandshakeCell) => HandshakeCell;

/** Carries cells to and fro until neither end has more to say. `alter` sits on the way from a to b. */
async function converse(a: Driven, b: Driven, alter?: Alter): Promise<void> {
  while ([await a.deliverTo(b, alter), await b.deliverTo(a)].includes(true));
}

const on =
  (command: CellCommand, change: (body: Uint8Array) => Uint8Array): Alter =>
  (cell) =>
    cell.command === command ? { command, body: change(cell.body.slice()) } : cell;

const flip = (position: number) => (body: Uint8Array) => {
  body[position] = (body[position] ?? 0) ^ 1;
  return body;
};

describe("each pair of roles", () => {
  const roles: readonly LinkRole[] = ["client", "relay"];
  const pairs = roles
    .flatMap((a) => roles.map((b) => [a, b] as const))
    .filter((pair) => pair.includes("relay"));
  const orders = pairs.flatMap(([a, b]) => [
    [a, b, "a's cells first"] as const,
    [a, b, "b's cells first"] as const,
  ]);

  test.each(orders)("%s and %s, %s", async (roleA, roleB, order) => {
    const a = new Driven(endA({ identity: roleA === "relay" ? alice : undefined }));
    const b = new Driven(endB({ identity: roleB === "relay" ? bob : undefined }));
    await (order === "a's cells first" ? converse(a, b) : converse(b, a));
    const peerOf = (role: LinkRole, key: SigningKey) => (role === "relay" ? { role, id: key.id } : { role });
    expect(a.state).toEqual({ stage: "complete", version: 1, peer: peerOf(roleB, bob) });
    expect(b.state).toEqual({ stage: "complete", version: 1, peer: peerOf(roleA, alice) });
  });

  test("a client never sends AUTHENTICATE", async () => {
    const client = new Driven(endA());
    await converse(client, new Driven(endB({ identity: bob })));
    expect(client.sent.map(({ command }) => command)).toEqual(["VERSIONS"]);
  });

  test("two clients have no link", async () => {
    await expect(converse(new Driven(endA()), new Driven(endB()))).rejects.toMatchObject(protocol);
  });
});

describe("a relay of a network for members", () => {
  const good = new Uint8Array(354).fill(7);

  /** Lets in one token, once, and Alice as a relay. */
  function closedGate(): LinkGate {
    let isSpent = false;
    const refuse = () => Promise.reject(new TaborError("not-authentic", "link", "not here"));
    return {
      demandsTokens: () => Promise.resolve(true),
      admitClient: (token) => {
        if (isSpent || token.some((byte) => byte !== 7)) return refuse();
        isSpent = true;
        return Promise.resolve();
      },
      admitRelay: (id) => (id === alice.id ? Promise.resolve() : refuse()),
    };
  }

  test("takes a client with a token, shown only after the relay has proved who it is, and each token once", async () => {
    const gate = closedGate();
    const client = new Driven(endA({ token: good, expected: bob.id }));
    const guard = new Driven(endB({ identity: bob, gate }));
    await converse(client, guard);
    expect(client.sent.map(({ command }) => command)).toEqual(["VERSIONS", "AUTHORIZE"]);
    expect(guard.state).toMatchObject({ stage: "complete", peer: { role: "client" } });
    const again = converse(new Driven(endA({ token: good })), new Driven(endB({ identity: bob, gate })));
    await expect(again).rejects.toMatchObject(notAuthentic);
    const betrayed = new Driven(endA({ token: good, expected: bob.id }));
    await expect(converse(betrayed, new Driven(endB({ identity: mallory })))).rejects.toMatchObject(
      notAuthentic,
    );
    expect(betrayed.sent.map(({ command }) => command)).toEqual(["VERSIONS"]);
  });

  test("is not complete for a client that shows nothing, and takes no other cell in its place", async () => {
    const client = new Driven(endA());
    const guard = new Driven(endB({ identity: bob, gate: closedGate() }));
    await converse(client, guard);
    expect(guard.state.stage).toBe("authorize");
    await expect(guard.receive({ command: "CREATE2", body: padBody(good) })).rejects.toMatchObject(protocol);
  });

  test("refuses a token of no length, of too much, or with something after it", async () => {
    const bodies = [
      [0, 0],
      [4, 1],
      [0xff, 0xff],
      [0, 1, 7, 1],
    ];
    for (const body of bodies) {
      const client = new Driven(endA());
      const guard = new Driven(endB({ identity: bob, gate: closedGate() }));
      await converse(client, guard);
      const cell = { command: "AUTHORIZE", body: padBody(Uint8Array.from(body)) } as const;
      await expect(guard.receive(cell)).rejects.toMatchObject(malformed);
    }
  });

  test("takes no relay that is none of the network's, and asks none that it dialled", async () => {
    const ends = (key: SigningKey, options: Partial<LinkEnd>) =>
      [
        new Driven(endA({ identity: key })),
        new Driven(endB({ identity: bob, gate: closedGate(), ...options })),
      ] as const;
    const [known, first] = ends(alice, {});
    await converse(known, first);
    expect(first.state.stage).toBe("complete");
    await expect(converse(...ends(mallory, {}))).rejects.toMatchObject(notAuthentic);
    const [dialled, second] = ends(mallory, { expected: mallory.id });
    await converse(dialled, second);
    expect(second.state.stage).toBe("complete");
  });

  test("takes no token where none is asked for", async () => {
    const client = new Driven(endA({ token: good }));
    const guard = new Driven(endB({ identity: bob }));
    await expect(converse(client, guard)).rejects.toMatchObject(protocol);
  });
});

describe("who was dialled", () => {
  test("is accepted", async () => {
    const a = new Driven(endA({ expected: bob.id }));
    await converse(a, new Driven(endB({ identity: bob })));
    expect(a.state).toMatchObject({ stage: "complete", peer: { role: "relay", id: bob.id } });
  });

  test("is no other relay", async () => {
    const a = new Driven(endA({ expected: bob.id }));
    await expect(converse(a, new Driven(endB({ identity: mallory })))).rejects.toMatchObject(notAuthentic);
  });

  test("is no client", async () => {
    const a = new Driven(endA({ identity: alice, expected: bob.id }));
    await expect(converse(a, new Driven(endB()))).rejects.toMatchObject(notAuthentic);
  });

  test("is not who merely names it", async () => {
    const impostor: SigningKey = { ...mallory, id: bob.id, publicKey: bob.publicKey };
    const a = new Driven(endA({ expected: bob.id }));
    await expect(converse(a, new Driven(endB({ identity: impostor })))).rejects.toMatchObject(notAuthentic);
  });
});

describe("the signature binds", () => {
  test("both certificates: someone between the peers is noticed", async () => {
    const toM = { local: certificateA, remote: certificateM };
    const fromM = { local: certificateB, remote: certificateM };
    const a = new Driven(endA({ fingerprints: toM, expected: bob.id }));
    const b = new Driven(endB({ fingerprints: fromM, identity: bob }));
    await expect(converse(a, b)).rejects.toMatchObject(notAuthentic);
  });

  test.each([
    ["the other's certificate", { local: certificateA, remote: certificateM }],
    ["one's own certificate", { local: certificateM, remote: certificateB }],
    ["the certificates' direction", { local: certificateB, remote: certificateA }],
  ])("%s", async (_name, fingerprints) => {
    const a = new Driven(endA({ fingerprints }));
    await expect(converse(a, new Driven(endB({ identity: bob })))).rejects.toMatchObject(notAuthentic);
  });

  test("the signer's nonce, and the other's", async () => {
    const changeNonce = on("VERSIONS", flip(20));
    for (const identities of [
      [alice, undefined],
      [undefined, bob],
    ] as const) {
      const a = new Driven(endA({ identity: identities[0] }));
      const b = new Driven(endB({ identity: identities[1] }));
      await expect(converse(a, b, changeNonce)).rejects.toMatchObject(notAuthentic);
    }
  });

  test.each(["relay", "client"] as const)("the role of a %s", async (role) => {
    const a = new Driven(endA({ identity: role === "relay" ? alice : undefined }));
    const b = new Driven(endB({ identity: bob }));
    await expect(converse(a, b, on("VERSIONS", flip(3)))).rejects.toMatchObject(notAuthentic);
  });

  test("the versions on offer", async () => {
    const offerMore = on("VERSIONS", (body) =>
      padBody(encodeVersions({ ...decodeVersions(body), versions: [1, 2] })),
    );
    const a = new Driven(endA({ identity: alice }));
    await expect(converse(a, new Driven(endB()), offerMore)).rejects.toMatchObject(notAuthentic);
  });

  test("every byte of AUTHENTICATE", async () => {
    for (let position = 0; position < 96; position++) {
      const a = new Driven(endA({ identity: alice }));
      const b = new Driven(endB());
      await expect(converse(a, b, on("AUTHENTICATE", flip(position)))).rejects.toMatchObject(notAuthentic);
    }
  });

  test("this one link: a proof from another is refused", async () => {
    const earlier = new Driven(endA({ identity: alice }));
    await converse(earlier, new Driven(endB()));
    const proof = earlier.sent[1];
    expect(proof?.command).toBe("AUTHENTICATE");
    const replayed = on("AUTHENTICATE", () => proof?.body ?? new Uint8Array());
    const again = converse(new Driven(endA({ identity: alice })), new Driven(endB()), replayed);
    await expect(again).rejects.toMatchObject(notAuthentic);
  });

  test("its direction: one's own cells thrown back are refused", async () => {
    const a = new Driven(endA({ identity: alice }));
    await expect(converse(a, a)).rejects.toMatchObject(notAuthentic);
  });
});

describe("the order of cells", () => {
  const others: readonly CellCommand[] = [
    "PADDING",
    "RELAY",
    "DESTROY",
    "CREATE2",
    "CREATED2",
    "AUTHENTICATE",
  ];

  test.each(others)("%s does not come first", async (command) => {
    const a = new Driven(endA({ identity: alice }));
    await expect(a.receive({ command, body: padBody(new Uint8Array()) })).rejects.toMatchObject(protocol);
  });

  test.each(["PADDING", "RELAY", "DESTROY", "CREATE2", "CREATED2", "VERSIONS"] as const)(
    "%s does not come in place of AUTHENTICATE",
    async (command) => {
      const a = new Driven(endA());
      await new Driven(endB({ identity: bob })).deliverTo(a);
      expect(a.state.stage).toBe("authenticate");
      await expect(a.receive({ command, body: padBody(new Uint8Array()) })).rejects.toMatchObject(protocol);
    },
  );

  test.each(["VERSIONS", "AUTHENTICATE"] as const)("%s does not come after completion", async (command) => {
    const a = new Driven(endA({ identity: alice }));
    const b = new Driven(endB({ identity: bob }));
    await converse(a, b);
    const again = b.sent.find((cell) => cell.command === command);
    await expect(a.receive(again ?? { command, body: padBody(new Uint8Array()) })).rejects.toMatchObject(
      protocol,
    );
  });

  test("a client that proves an identity is refused", async () => {
    const relay = new Driven(endA({ identity: alice }));
    await new Driven(endB()).deliverTo(relay);
    const proof = { command: "AUTHENTICATE", body: padBody(new Uint8Array(96)) } as const;
    await expect(relay.receive(proof)).rejects.toMatchObject(protocol);
  });
});

describe("versions", () => {
  const offering = (...versions: number[]) => ({
    command: "VERSIONS" as const,
    body: padBody(encodeVersions({ versions, role: "client", nonce: new Uint8Array(32) })),
  });

  test("the highest that both list is taken", async () => {
    const a = new Driven(endA({ identity: alice }));
    await a.receive(offering(0, 1, 7));
    expect(a.state).toEqual({ stage: "complete", version: 1, peer: { role: "client" } });
  });

  test.each([[[0]], [[2]], [[0, 2, 65535]]])("%j have nothing in common with ours", async (versions) => {
    const a = new Driven(endA({ identity: alice }));
    await expect(a.receive(offering(...versions))).rejects.toMatchObject(protocol);
  });

  test.each([[[1, 1]], [[2, 1]]])("%j are malformed", async (versions) => {
    const a = new Driven(endA({ identity: alice }));
    await expect(a.receive(offering(...versions))).rejects.toMatchObject(malformed);
  });
});
