import { base64UrlToBytes, bytesToBase64Url } from "@tabor/onion-core";
import { SeededRandom } from "@tabor/onion-core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Tokens, type TokenContent } from "./tokens.ts";
import { fitsDestination, VIEW_USES } from "./uses.ts";

const tokens = new Tokens(new SeededRandom(1));
const content: TokenContent = {
  tab: 3,
  use: "image",
  firstParty: "news.example",
  initiator: new URL("https://www.news.example/"),
  via: [],
  url: new URL("https://cdn.example/picture.png?size=2"),
  lead: 0,
};

const seal = (what: TokenContent): string => {
  const token = tokens.seal(what);
  if (token === undefined) throw new Error("not sealed");
  return token;
};

const url = fc
  .webUrl({ validSchemes: ["http", "https"], withQueryParameters: true })
  .map((text) => new URL(text));

describe("tokens", () => {
  it("stand for what they were made of", () => {
    const any = fc.record({
      tab: fc.nat({ max: 0xffff_ffff }),
      use: fc.constantFrom(...VIEW_USES),
      firstParty: fc.domain(),
      initiator: fc.option(url, { nil: undefined }),
      via: fc.array(url, { maxLength: 20 }),
      url,
      lead: fc.nat({ max: 0xffff_ffff }),
    });
    fc.assert(
      fc.property(any, (what) => {
        expect(tokens.open(seal(what))).toEqual(what);
      }),
    );
  });

  it("are the same for the same, and others for anything else", () => {
    expect(seal(content)).toBe(seal({ ...content }));
    const others = [
      { tab: 4 },
      { lead: 1 },
      { use: "media" as const },
      { firstParty: "b.example" },
      { url: new URL("https://cdn.example/") },
    ];
    for (const other of others) expect(seal({ ...content, ...other })).not.toBe(seal(content));
  });

  it("say nothing but a rounded length", () => {
    const token = seal(content);
    expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(atob(token.replaceAll("-", "+").replaceAll("_", "/"))).not.toMatch(/example|picture/);
    const longer = { ...content, url: new URL("https://cdn.example/picture.png?size=23") };
    expect(seal(longer)).toHaveLength(token.length);
  });

  it("mean nothing to another session", () => {
    expect(new Tokens(new SeededRandom(2)).open(seal(content))).toBeUndefined();
  });

  it("are none when a bit was flipped, or something is missing or added", () => {
    const bytes = base64UrlToBytes(seal(content));
    for (let bit = 0; bit < bytes.length * 8; bit += 5) {
      const changed = bytes.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(tokens.open(bytesToBase64Url(changed))).toBeUndefined();
    }
    expect(tokens.open(bytesToBase64Url(bytes.subarray(1)))).toBeUndefined();
    for (const text of ["", "-", "A", `${seal(content)}A`, "\u{1f600}", "A".repeat(100_000)]) {
      expect(tokens.open(text)).toBeUndefined();
    }
  });

  it("are not made of addresses that are too long", () => {
    expect(
      tokens.seal({ ...content, url: new URL(`https://a.example/${"x".repeat(40_000)}`) }),
    ).toBeUndefined();
  });
});

describe("a use", () => {
  it.each([
    ["image", "image"],
    ["media", "video"],
    ["style", "style"],
    ["document", "iframe"],
    ["form", "iframe"],
  ] as const)("%s is for %s", (use, destination) => {
    expect(fitsDestination(use, destination)).toBe(true);
  });

  it("is for nothing else", () => {
    for (const use of VIEW_USES) {
      for (const other of ["", "document", "worker", "serviceworker", "object", "embed", "xslt", "report"]) {
        expect(fitsDestination(use, other)).toBe(false);
      }
    }
    expect(fitsDestination("image", "iframe")).toBe(false);
    expect(fitsDestination("document", "image")).toBe(false);
  });
});
