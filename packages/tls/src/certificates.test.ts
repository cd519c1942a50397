import { inspect } from "node:util";
import { TaborError } from "@tabor/onion-core";
import { describe, expect, test } from "vitest";
import { attempt } from "./testing/attempt.ts";
import { certificateCases, issuers, siteOf } from "./testing/certificate-cases.ts";
import {
  certificate,
  derOf,
  generateKeys,
  type CertificateOptions,
  type Identity,
} from "./testing/certificates.ts";

/** From the side of a person who must not be deceived; `e2e/tls.e2e.ts` has the same in Chromium. */

const all = await issuers();
const { trusted, intermediate } = all;
const { holds, doesNotHold } = certificateCases(all);

const site = (options?: CertificateOptions): Promise<Identity> => siteOf(intermediate, options);
const offer = (chain: readonly Identity[], serverName = "a.example"): ReturnType<typeof attempt> =>
  attempt({ chain, roots: [trusted], serverName });

describe("holds", () => {
  test.each(Object.entries(holds))("%s", async (_, make) => {
    const [chain, serverName] = await make();
    const info = await offer(chain, serverName);
    expect(info).toMatchObject({ version: "TLS 1.3" });
    expect("certificates" in info && info.certificates.map((one) => [...one])).toEqual(
      chain.map((one) => [...derOf(one)]),
    );
  });
});

describe("does not hold", () => {
  test.each(Object.entries(doesNotHold))("%s", async (_, [reason, make]) => {
    const [chain, serverName] = await make();
    expect(await offer(chain, serverName)).toMatchObject({
      name: "TaborError",
      code: "not-authentic",
      where: "site",
      message: expect.stringMatching(reason) as string,
    });
  });
});

test("issuers that lead in circles are given up soon", async () => {
  // Every one has the same name, so that each could have issued each: a path builder without bounds tries them all.
  const keys = await generateKeys();
  const crowd = await Promise.all(
    Array.from({ length: 20 }, () => certificate({ commonName: "Crowd", ca: {}, keys })),
  );
  const [any] = crowd;
  const leaf = await site({ ...(any === undefined ? {} : { issuer: any }) });
  expect(await offer([leaf, ...crowd])).toMatchObject({ code: "not-authentic" });
});

test("the same certificate holds or not as the clock says", async () => {
  const chain = [await site(), intermediate];
  const at = (now: number): ReturnType<typeof attempt> => attempt({ chain, roots: [trusted], now });
  expect(await at(Date.UTC(2026, 0, 2))).toHaveProperty("version");
  expect(await at(Date.UTC(2025, 11, 30))).toMatchObject({ code: "not-authentic" });
  expect(await at(Date.UTC(2027, 0, 2))).toMatchObject({ code: "not-authentic" });
});

test("without roots nothing holds", async () => {
  expect(await attempt({ chain: [await site(), intermediate], roots: [] })).toMatchObject({
    code: "not-authentic",
  });
});

test("errors name neither site nor certificate", async () => {
  const error = await offer([await site({ names: ["secret.example"] }), intermediate], "sought.example");
  expect(error).toBeInstanceOf(TaborError);
  expect(inspect(error)).not.toMatch(/secret|sought|Intermediate/);
});
