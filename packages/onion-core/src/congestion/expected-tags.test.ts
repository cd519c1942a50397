import { describe, expect, it } from "vitest";
import { ExpectedTags } from "./expected-tags.ts";
import { content } from "../scenarios/support.ts";

describe("expected tags", () => {
  it("count once, in order", () => {
    const tags = new ExpectedTags();
    tags.expect(content(1, 16));
    tags.expect(content(2, 16));
    tags.check(content(1, 16));
    tags.check(content(2, 16));
    expect(() => {
      tags.check(content(2, 16));
    }).toThrow("wrong tag");
  });

  for (const [name, tag] of [
    ["another's", content(2, 16)],
    ["a short one", content(1, 16).subarray(1)],
    ["an empty one", new Uint8Array(0)],
  ] as const)
    it(`are not ${name}`, () => {
      const tags = new ExpectedTags();
      tags.expect(content(1, 16));
      expect(() => {
        tags.check(tag);
      }).toThrow("wrong tag");
    });
});
