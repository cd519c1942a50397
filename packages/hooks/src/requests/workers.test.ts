import { describe, expect, it } from "vitest";
import { dataBlob } from "./workers.ts";

describe("what a data: address carries", () => {
  it.each([
    ["data:,a%20b", "a b"],
    ["data:text/javascript,%E2%82%AC%zz%", "€%zz%"],
    ["data:text/javascript;base64,YSI=", 'a"'],
    ["data:;charset=x;base64,YSUzRA%3D%3D", "a%3D"],
    ["data:,a#b", "a"],
  ])("%s", async (url, expected) => {
    expect(await dataBlob(url).text()).toBe(expected);
  });

  it.each(["data:", "data:;base64,%%%"])("%s carries nothing", (url) => {
    expect(() => dataBlob(url)).toThrow();
  });
});
