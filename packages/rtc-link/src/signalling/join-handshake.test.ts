import { generateSigningKey, type SigningKey, verifySignature } from "@tabor/onion-core";
import { SeededRandom } from "@tabor/onion-core/testing";
import {
  type AdmissionMode,
  type Challenge,
  clientAddress,
  type JoinFields,
  joinTranscript,
  relayAddress,
  type Role,
  welcomeTranscript,
} from "@tabor/signal-protocol";
import { beforeAll, describe, expect, it } from "vitest";
import { answerChallenge } from "./join-handshake.ts";

const CONNECTION = "connection-1";
let directory: SigningKey;
let relay: SigningKey;
let stranger: SigningKey;

beforeAll(async () => {
  [directory, relay, stranger] = (await Promise.all(
    [1, 2, 3].map(async () => (await generateSigningKey()).key),
  )) as [SigningKey, SigningKey, SigningKey];
});

async function handshake(role: Role = "relay", admission: AdmissionMode = "members") {
  const challenge: Challenge = {
    directory: directory.publicKey,
    nonce: new Uint8Array(32).fill(5),
    expires: 1_800_000_000_000,
    admission,
  };
  const context = { authorities: [directory.id], connectionId: CONNECTION, random: new SeededRandom(1) };
  const joining = await answerChallenge(challenge, { role, key: relay }, context);
  const fields: JoinFields = {
    directory: directory.publicKey,
    directoryNonce: challenge.nonce,
    expires: challenge.expires,
    admission: challenge.admission,
    role,
    key: relay.publicKey,
    peerNonce: joining.request.nonce,
    connectionId: CONNECTION,
  };
  return { ...joining, challenge, context, fields };
}

describe("joining", () => {
  it("signs the challenge for this directory and connection", async () => {
    const { request, fields } = await handshake();
    expect(await verifySignature(relay.publicKey, request.signature, joinTranscript(fields))).toBe(true);
  });

  it.each(["relay", "client"] as const)("accepts the welcome of a %s", async (role) => {
    const { complete, fields } = await handshake(role);
    const address = role === "relay" ? relayAddress(relay.id) : clientAddress(new Uint8Array(16));
    const signature = await directory.sign(welcomeTranscript(fields));
    expect(await complete({ ok: true, address, signature })).toBe(address);
  });

  it("refuses a directory that is none of the authorities, before it signs anything for it", async () => {
    const { challenge, context } = await handshake();
    await expect(
      answerChallenge(
        { ...challenge, directory: stranger.publicKey },
        { role: "relay", key: relay },
        context,
      ),
    ).rejects.toMatchObject({ code: "not-authentic", where: "directory" });
  });

  it("refuses a welcome signed by another, for another transcript, or with another's address", async () => {
    const { complete, fields, request } = await handshake();
    const address = relayAddress(relay.id);
    const good = await directory.sign(welcomeTranscript(fields));
    const answers = [
      { address, signature: await stranger.sign(welcomeTranscript(fields)) },
      { address, signature: await directory.sign(joinTranscript(fields)) },
      { address, signature: request.signature },
      { address, signature: await directory.sign(welcomeTranscript({ ...fields, connectionId: "other" })) },
      {
        address,
        signature: await directory.sign(welcomeTranscript({ ...fields, peerNonce: stranger.publicKey })),
      },
      { address: relayAddress(stranger.id), signature: good },
      { address: clientAddress(new Uint8Array(16)), signature: good },
    ];
    for (const answer of answers) {
      await expect(complete({ ok: true, ...answer })).rejects.toMatchObject({ code: "not-authentic" });
    }
    expect(await complete({ ok: true, address, signature: good })).toBe(address);
  });

  it("tells why it was refused", async () => {
    const { complete } = await handshake();
    await expect(complete({ ok: false, error: "expired" })).rejects.toMatchObject({ code: "expired" });
    await expect(complete({ ok: false, error: "rate-limited" })).rejects.toMatchObject({
      code: "resource-limit",
    });
  });

  it.each([
    ["members", "member", "not-a-member"],
    ["invite", "relay", "not-a-member"],
    ["members", "client", "not-authentic"],
    ["open", "relay", "not-authentic"],
  ] as const)(
    "a refusal says that one is no member only where a key was shown (%s, %s)",
    async (...given) => {
      const [admission, role, code] = given;
      const { complete } = await handshake(role, admission);
      await expect(complete({ ok: false, error: "not-authentic" })).rejects.toMatchObject({ code });
    },
  );
});
