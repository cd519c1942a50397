import { base64UrlToBytes, bytesToBase64Url, randomBytes } from "@tabor/onion-core";
import { SeededRandom } from "@tabor/onion-core/testing";
import { aessiv } from "@noble/ciphers/aes.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PAGE_KEY_LENGTH, PAGE_TOKEN_PATH } from "./config.ts";
import { mintInPage, openMinted, type PageTokenContent, type PageUse } from "./tokens.ts";

const keyOf = (seed: number): string =>
  bytesToBase64Url(randomBytes(new SeededRandom(seed), PAGE_KEY_LENGTH));
const KEY = keyOf(1);
const USES: readonly PageUse[] = [
  ...(["document", "frame", "form", "image", "media", "track", "style", "font", "script"] as const),
  ...(["fetch", "worker"] as const),
];
const content: PageTokenContent = { page: 7, use: "fetch", url: "https://api.example/v1?x=1" };

function token(of: PageTokenContent, key = KEY): string {
  const path = mintInPage(key, of);
  if (path?.startsWith(PAGE_TOKEN_PATH) !== true) throw new Error("not minted");
  return path.slice(PAGE_TOKEN_PATH.length);
}

/** What a script with the key can make the engine read. */
const forged = (plain: Uint8Array): string => bytesToBase64Url(aessiv(base64UrlToBytes(KEY)).encrypt(plain));

describe("what a page mints", () => {
  it("is what the engine opens", () => {
    const any = fc.record({
      page: fc.nat({ max: 0xffff_ffff }),
      use: fc.constantFrom(...USES),
      url: fc
        .webUrl({ validSchemes: ["http", "https"], withQueryParameters: true })
        .map((text) => new URL(text).href),
    });
    fc.assert(
      fc.property(any, (what) => {
        expect(openMinted(KEY, token(what))).toEqual(what);
      }),
    );
  });

  it("says nothing but a rounded length, and is the same for the same", () => {
    expect(token(content)).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(token({ ...content, url: `${content.url}2` })).toHaveLength(token(content).length);
    expect(token(content)).toBe(token({ ...content }));
    expect(Buffer.from(token(content), "base64url").toString("latin1")).not.toContain("example");
  });

  it("means nothing under another label's key", () => {
    expect(openMinted(keyOf(2), token(content))).toBeUndefined();
  });

  it("is none when a bit was flipped, or something is missing or added", () => {
    const bytes = base64UrlToBytes(token(content));
    for (let bit = 0; bit < bytes.length * 8; bit += 5) {
      const changed = bytes.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(openMinted(KEY, bytesToBase64Url(changed))).toBeUndefined();
    }
    for (const text of ["", "-", "A", `${token(content)}A`, "\u{1f600}", "A".repeat(100_000)]) {
      expect(openMinted(KEY, text)).toBeUndefined();
    }
  });

  it.each([
    ["nothing", []],
    ["another version", [2, 0, 0, 0, 7, 0, 0, 0]],
    ["an unknown use", [1, 0, 0, 0, 7, 99, 0, 0]],
    ["an address cut short", [1, 0, 0, 0, 7, 0, 0, 9, 104]],
    ["no address", [1, 0, 0, 0, 7, 0, 0, 0]],
    ...[
      "file:///etc/passwd",
      "javascript:0",
      "https://u:p@a.example/",
      "https://a.example/#b",
      "https://A.example",
    ].map((url): [string, number[]] => [url, [1, 0, 0, 0, 7, 0, 0, url.length, ...Buffer.from(url)]]),
    ["more than the address", [1, 0, 0, 0, 7, 0, 0, 10, ...Buffer.from("http://a/b"), 0, 1]],
  ])("is none if a script forged it: %s", (_what, plain) => {
    expect(openMinted(KEY, forged(Uint8Array.from(plain)))).toBeUndefined();
  });

  it("is nothing for addresses that are too long", () => {
    expect(mintInPage(KEY, { ...content, url: `https://a.example/${"x".repeat(40_000)}` })).toBeUndefined();
  });
});
