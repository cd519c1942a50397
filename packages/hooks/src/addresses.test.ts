import { openMinted, PAGE_KEY_LENGTH, PAGE_TOKEN_PATH, type HookConfig } from "@tabor/browsing/page";
import { describe, expect, it } from "vitest";
import { PageAddresses } from "./addresses.ts";

const VIEW = "https://label.view.tabor.test";
const KEY = Buffer.alloc(PAGE_KEY_LENGTH, 3).toString("base64url");
const CONFIG: HookConfig = {
  url: "https://site.test/dir/page?q",
  page: 5,
  key: KEY,
  cookie: "",
  referrer: "",
  userAgent: "",
  languages: [],
  isFrame: false,
  met: [],
};
const addresses = new PageAddresses(CONFIG, VIEW);
const BASE = `${VIEW}/dir/page?q`;
const opened = (path: string) => openMinted(KEY, path.replace(VIEW, "").slice(PAGE_TOKEN_PATH.length));

describe("what a script asks for", () => {
  it.each([
    ["relative", "x?y#z", `${VIEW}/dir/x?y#z`],
    ["of the site", "https://site.test/x#y", `${VIEW}/x#y`],
    ["made of `location`", `${VIEW}/x`, `${VIEW}/x`],
    ["no web address", "data:,x", "data:,x"],
    ["none at all", "https://", "https://"],
  ])("%s stays in the label's origin, or as it is", (_what, written, expected) => {
    expect(addresses.request(written, "fetch", BASE)).toBe(expected);
  });

  it("of others is minted, without password and fragment", () => {
    const minted = addresses.request("//u:p@api.test/x#y", "fetch", BASE);
    expect(minted.startsWith(VIEW + PAGE_TOKEN_PATH)).toBe(true);
    expect(minted.endsWith("#y")).toBe(true);
    expect(opened(minted.replace("#y", ""))).toEqual({ page: 5, use: "fetch", url: "https://api.test/x" });
    expect(addresses.toReal(minted)).toBe("https://api.test/x#y");
  });

  it("at a path of the site that looks like ours is minted", () => {
    const minted = addresses.request("/~user/x", "fetch", BASE);
    expect(opened(minted)?.url).toBe("https://site.test/~user/x");
  });

  it("is not minted twice", () => {
    const minted = addresses.request("https://api.test/x", "fetch", BASE);
    expect(addresses.request(minted, "fetch", BASE)).toBe(minted);
    expect(addresses.request(minted.replace(VIEW, ""), "fetch", BASE)).toBe(minted);
  });

  it("is relative to the page where the document has no address of its own", () => {
    expect(addresses.request("x", "fetch", "about:blank")).toBe(`${VIEW}/dir/x`);
  });
});

describe("what a script reads", () => {
  const minted = addresses.request("https://api.test/x", "image", BASE);

  it.each([
    [BASE, "https://site.test/dir/page?q"],
    [minted, "https://api.test/x"],
    [`${VIEW}/~v/AAAA`, `${VIEW}/~v/AAAA`],
    [`${VIEW}/~p/AAAA`, `${VIEW}/~p/AAAA`],
    ["https://other.test/", "https://other.test/"],
    ["blob:https://label.view.tabor.test/1-2", "blob:https://label.view.tabor.test/1-2"],
  ])("%s means %s", (inView, real) => {
    expect(addresses.toReal(inView)).toBe(real);
  });

  it("in a text has what was minted as it is meant, and nothing else changed", () => {
    const path = minted.replace(VIEW, "");
    const around = ["<img src='", "'> url(", ") /~p/no https://x.test/~p/no"];
    expect(addresses.restored(`${around[0]}${path}${around[1]}${minted}${around[2]}`)).toBe(
      `${around[0]}https://api.test/x${around[1]}https://api.test/x${around[2]}`,
    );
  });
});

describe("a WebSocket", () => {
  it.each([
    ["wss://other.test/a?b", "wss://other.test/a?b"],
    ["https://other.test/", "wss://other.test/"],
    ["ws://other.test:81/", "ws://other.test:81/"],
    ["ws://label.view.tabor.test/a", "wss://site.test/a"],
    ["/a", "wss://site.test/a"],
    ["wss://other.test/#a", undefined],
    ["ftp://other.test/", undefined],
    ["wss://", undefined],
  ])("at %s is at %s", (written, expected) => {
    expect(addresses.socket(written, BASE)).toBe(expected);
  });
});
