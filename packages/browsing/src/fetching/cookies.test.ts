import { describe, expect, test } from "vitest";
import type { FetchRequest } from "./api.ts";
import { browse, within } from "./testing/browse.ts";
import { bytesOf, page } from "./testing/memory-web.ts";

/** A web on which every host tells which cookies it got, and sets what was asked by `set`. */
function jar() {
  const all = browse();
  const setting = new Map<string, string[]>();
  const serve = ({ target, fields }: { target: string; fields: ReadonlyMap<string, string> }) =>
    page(
      fields.get("cookie") ?? "none",
      (setting.get(target) ?? []).map((value) => `Set-Cookie: ${value}`).join("\n"),
    );
  for (const host of ["shop.test", "www.shop.test", "ads.test", "a.github.io", "b.github.io", "localhost"]) {
    all.web.site(`${host}:443`, serve).site(`${host}:80`, serve);
  }
  const set = async (url: string, cookies: string | string[], more: Partial<FetchRequest> = {}) => {
    setting.set(new URL(url).pathname, [cookies].flat());
    await all.text(url, { cache: "no-store", ...more });
    setting.clear();
  };
  const sent = (url: string, more: Partial<FetchRequest> = {}) =>
    all.text(url, { cache: "no-store", ...more });
  return { ...all, set, sent };
}

const SHOP = "https://shop.test/";
const plain = { insecureAllowed: true } as const;

describe("cookies go back to whoever set them", () => {
  test.each([
    ["its host alone", "a=b", { "https://shop.test/x": "a=b", "https://www.shop.test/": "none" }],
    ["the hosts of its domain", "a=b; Domain=shop.test", { "https://www.shop.test/": "a=b" }],
    [
      "its path",
      "a=b; Path=/cart",
      { "https://shop.test/cart/1": "a=b", "https://shop.test/cartoon": "none" },
    ],
  ])("to %s", async (_, cookie, expected) => {
    const { set, sent } = jar();
    await set(SHOP, cookie);
    for (const [url, value] of Object.entries(expected))
      expect(await sent(url, { firstParty: "shop.test" })).toBe(value);
  });

  test("the longer path first, several in one field", async () => {
    const { set, sent } = jar();
    await set(SHOP, ["a=1; Path=/", "b=2; Path=/cart"]);
    expect(await sent("https://shop.test/cart/x")).toBe("b=2; a=1");
  });

  test("until they run out, by our clock; use does not prolong them", async () => {
    const { clock, set, sent } = jar();
    await set(SHOP, [
      "short=1; Max-Age=60",
      `dated=1; Expires=${new Date(clock.now() + 90_000).toUTCString()}`,
    ]);
    await clock.advance(59_000);
    expect(await sent(SHOP)).toBe("short=1; dated=1");
    await clock.advance(2_000);
    expect(await sent(SHOP)).toBe("dated=1");
    await clock.advance(30_000);
    expect(await sent(SHOP)).toBe("none");
  });

  test("until the site takes them back", async () => {
    const { set, sent } = jar();
    await set(SHOP, "a=b");
    await set(SHOP, "a=; Max-Age=0");
    expect(await sent(SHOP)).toBe("none");
  });
});

describe("each first-party site has a jar of its own", () => {
  test("an embedded site sees another person in every site that embeds it", async () => {
    const { set, sent } = jar();
    await set("https://ads.test/", "id=1; SameSite=None; Secure", within(SHOP));
    expect(await sent("https://ads.test/", within(SHOP))).toBe("id=1");
    expect(await sent("https://ads.test/", within("https://other.test/"))).toBe("none");
    expect(await sent("https://ads.test/")).toBe("none");
  });

  test("two customers of one public suffix are two sites", async () => {
    const { set, sent } = jar();
    await set("https://a.github.io/", "a=b");
    expect(await sent("https://b.github.io/", { firstParty: "a.github.io" })).toBe("none");
  });
});

describe("a cookie is not taken", () => {
  test.each([
    ["for another site's domain", SHOP, "a=b; Domain=ads.test", {}],
    ["for a public suffix", "https://a.github.io/", "a=b; Domain=github.io", {}],
    ["for a top-level domain", SHOP, "a=b; Domain=test", {}],
    ["as Secure over plain http", "http://shop.test/", "a=b; Secure", plain],
    ["as Secure over plain http, whatever the host is called", "http://localhost/", "a=b; Secure", plain],
    ["as __Secure- that is not", SHOP, "__Secure-a=b", {}],
    ["as __Host- with a domain", SHOP, "__Host-a=b; Secure; Path=/; Domain=shop.test", {}],
    ["as __Host- with a path", SHOP, "__Host-a=b; Secure; Path=/x", {}],
    ["as a prefix in other letters", SHOP, "__HoSt-a=b; Domain=shop.test", {}],
    ["as SameSite=None without Secure", SHOP, "a=b; SameSite=None", {}],
    ["when it is longer than 4096", SHOP, `a=${"b".repeat(4096)}`, {}],
    ["without name and value", SHOP, "=; Path=/", {}],
    ["as SameSite by a site in another's page", "https://ads.test/", "a=b; SameSite=Lax", within(SHOP)],
  ] as const)("%s", async (_, url, cookie, more) => {
    const { set, sent } = jar();
    await set(url, cookie, more);
    expect(await sent(url, more)).toBe("none");
  });

  test("by plain http in the place of a secure one", async () => {
    const { set, sent } = jar();
    await set(SHOP, "session=good; Secure; Domain=shop.test");
    await set(
      "http://shop.test/login",
      ["session=evil; Domain=shop.test", "session=evil; Path=/login"],
      plain,
    );
    expect(await sent(SHOP)).toBe("session=good");
    expect(await sent("https://shop.test/login")).toBe("session=good");
  });

  test("when there are hundreds: those used least go", async () => {
    const { clock, set, sent } = jar();
    await set(SHOP, "first=1; Path=/old");
    await clock.advance(1000);
    for (let batch = 0; batch < 5; batch++) {
      const many = Array.from({ length: 100 }, (_, i) => `c${String(batch)}-${String(i)}=1; Path=/many`);
      await set(SHOP, many);
      await clock.advance(1000);
    }
    expect((await sent("https://shop.test/many")).split("; ")).toHaveLength(400);
    expect(await sent("https://shop.test/old")).toBe("none");
  });
});

describe("SameSite", () => {
  const all = ["s=1; SameSite=Strict", "l=1; SameSite=Lax", "n=1; SameSite=None; Secure", "u=1"];
  const from = (url: string, more: Partial<FetchRequest> = {}): Partial<FetchRequest> => ({
    initiator: new URL(url),
    firstParty: "shop.test",
    use: "document",
    ...more,
  });

  test.each<[string, Partial<FetchRequest>, string]>([
    ["the address bar", {}, "s l n u"],
    ["a link on the site", from(SHOP), "s l n u"],
    ["a link on another host of it", from("https://www.shop.test/"), "s l n u"],
    ["a link elsewhere", from("https://ads.test/"), "l n u"],
    ["a link on the site's plain twin", from("http://shop.test/"), "l n u"],
    [
      "a form elsewhere",
      from("https://ads.test/", { use: "form", method: "POST", body: bytesOf("x") }),
      "n u",
    ],
    [
      "a link here that went round by elsewhere",
      from(SHOP, { via: [new URL("https://ads.test/")] }),
      "l n u",
    ],
    ["a picture here", from(SHOP, { use: "image" }), "s l n u"],
    [
      "a picture elsewhere",
      from("https://ads.test/", { use: "image", firstParty: "ads.test" }),
      "jar of another",
    ],
    ["a frame of another site within it", from("https://ads.test/", { use: "image" }), "n u"],
  ])("from %s", async (_, more, expected) => {
    const { set, sent } = jar();
    await set(SHOP, all);
    const names = (await sent(SHOP, more)).replaceAll("=1", "").replaceAll(";", "");
    expect(names).toBe(expected === "jar of another" ? "none" : expected);
  });
});

describe("credentials", () => {
  test.each<[string, Partial<FetchRequest>, string]>([
    ["are left out when they are not wanted", { use: "fetch", credentials: "omit" }, "none"],
    ["stay with their origin by CORS", { use: "font", initiator: new URL("https://www.shop.test/") }, "none"],
    ["go along to the same origin", { use: "font" }, "a=b"],
    ["go anywhere when asked to", { use: "fetch", credentials: "include" }, "a=b"],
  ])("%s", async (_, more, expected) => {
    const { set, sent } = jar();
    await set(SHOP, "a=b");
    expect(await sent(SHOP, { ...within(SHOP), ...more })).toBe(expected);
  });

  test("that are not wanted take no cookies either", async () => {
    const { set, sent } = jar();
    await set(SHOP, "a=b", { ...within(SHOP), use: "fetch", credentials: "omit" });
    expect(await sent(SHOP)).toBe("none");
  });
});
