import { afterEach, describe, expect, it } from "vitest";
import { nodeAead } from "./node-aead.ts";
import { content, failure, roundTrip, startNetwork, unheardFailures } from "./support.ts";
import { bytesToHex } from "../bytes/bytes.ts";
import { bytesToBase64Url } from "../bytes/base64url.ts";
import { TaborError } from "../errors.ts";
import type { Aead } from "../ports/aead.ts";
import type { Log } from "../ports/log.ts";
import { pickSeeds, withSeed } from "../testing/seeded-random.ts";

const [seed = 0] = pickSeeds(1, Math.random);
const unheard = unheardFailures(process);

afterEach(() => {
  expect(unheard.splice(0)).toEqual([]);
});

/** Notes each key, and each nonce that is used with it to seal. */
function watchedAead() {
  const keys = new Set<string>();
  const used = new Set<string>();
  const repeated: string[] = [];
  const aead: Aead = {
    importKey: async (bytes) => {
      const name = bytesToHex(bytes);
      keys.add(name);
      const key = await nodeAead.importKey(bytes);
      return {
        seal: (nonce, plaintext, into) => {
          const use = `${name} ${bytesToHex(nonce)}`;
          if (used.has(use)) repeated.push(use);
          used.add(use);
          return key.seal(nonce, plaintext, into);
        },
        open: (nonce, sealed, into) => key.open(nonce, sealed, into),
      };
    },
  };
  return { aead, keys, used, repeated };
}

/** Everything that is logged, at every level, as text. */
function watchedLog() {
  const lines: string[] = [];
  const scoped = (scope: string): Log => {
    const write = (message: string, fields?: object): void =>
      void lines.push(`${scope} ${message} ${JSON.stringify(fields ?? {})}`);
    return {
      error: write,
      warn: write,
      info: write,
      debug: write,
      scoped: (inner) => scoped(`${scope}/${inner}`),
    };
  };
  return { log: scoped(""), lines };
}

const SECRET_HOST = "very-private.test";
const PAYLOAD = "the payload that nobody may see";

/** A day in the life: streams, refusals, a cut, a new identity, a dead relay, a link that is tampered with. */
async function live(aead: Aead, log: Log): Promise<void> {
  let tampering = false;
  const { clock, network } = await startNetwork(
    seed,
    { guards: 2, middles: 2, exits: 2 },
    {
      aead,
      log,
      channels: (from) => ({
        tamper: (message) => {
          if (tampering && from === "client") message[1000] = (message[1000] ?? 0) ^ 1;
          return message;
        },
      }),
    },
  );
  const client = network.client();
  const payload = new TextEncoder().encode(PAYLOAD.repeat(3000));
  const echo = { host: "echo.test", port: 80 };
  for (const isolation of ["a", "b"]) {
    const stream = await clock.until(client.openStream(echo, { isolation }));
    await clock.until(roundTrip(stream, payload));
  }
  const secret = { host: SECRET_HOST, port: 4711 };
  await clock.until(failure(client.openStream(secret, { isolation: SECRET_HOST, early: payload })));
  await clock.until(client.resolve(SECRET_HOST, { isolation: SECRET_HOST }));
  client.newIdentity();
  const cut = await clock.until(client.openStream(echo, { isolation: "c" }));
  void cut.write(content(1, 500_000)).catch(() => undefined);
  await clock.settle();
  cut.abort(new TaborError("aborted", "here", "enough"));
  tampering = true;
  await clock.until(failure(client.openStream(echo, { isolation: "c" })));
  tampering = false;
  network.kill(cut.circuit.hops[1]?.relay ?? network.entries[0]?.descriptor.identity ?? ("" as never));
  await clock.advance(60_000);
  client.close();
  await clock.advance(60_000);
}

describe(withSeed("in a whole life of a network", seed), () => {
  it("no key seals two cells under one nonce", async () => {
    const { aead, keys, used, repeated } = watchedAead();
    await live(aead, watchedLog().log);
    expect(used.size).toBeGreaterThan(1000);
    expect(keys.size).toBeGreaterThan(20);
    expect(repeated).toEqual([]);
  });

  it("no key, target or payload is logged", async () => {
    const { aead, keys } = watchedAead();
    const { log, lines } = watchedLog();
    await live(aead, log);
    expect(lines.length).toBeGreaterThan(10);
    const text = lines.join("\n");
    const base64 = [...keys].map((key) => bytesToBase64Url(Uint8Array.from(Buffer.from(key, "hex"))));
    const secrets = [SECRET_HOST, "echo.test", "4711", "192.0.2.1", PAYLOAD.slice(0, 12), ...keys, ...base64];
    for (const secret of secrets) expect(text).not.toContain(secret);
  });
});
