import { Fields } from "@tabor/http";
import { describe, expect, test } from "vitest";
import type { FetchRequest } from "./api.ts";
import { browse, within } from "./testing/browse.ts";
import { bytesOf, page, type Heard } from "./testing/memory-web.ts";

const SHOP = "https://shop.test/cart?secret#x";

async function heard(url: string, more: Partial<FetchRequest>): Promise<Heard> {
  const { web, fetch } = browse();
  const host = new URL(url).host;
  for (const port of [443, 80]) web.site(`${host}:${String(port)}`, () => page("", "", "204 x"));
  await fetch(url, more);
  const [request] = web.requests;
  if (request === undefined) throw new Error("nothing was asked");
  return request;
}

async function field(name: string, url: string, more: Partial<FetchRequest>): Promise<string | undefined> {
  return (await heard(url, more)).fields.get(name);
}

// As Firefox ESR 153.7.0 sends them over HTTP/1.1, with Tor Browser's platform and language, and without zstd.
const UNIFORM = [
  "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:153.0) Gecko/20100101 Firefox/153.0",
  "Accept-Language: en-US,en;q=0.5",
  "Accept-Encoding: gzip, deflate, br",
] as const;

describe("every request looks like that of one browser", () => {
  test("a typed address", async () => {
    expect((await heard("https://a.test/", {})).lines).toEqual([
      "Host: a.test",
      UNIFORM[0],
      "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
      UNIFORM[1],
      UNIFORM[2],
      "Connection: keep-alive",
      "Upgrade-Insecure-Requests: 1",
      "Sec-Fetch-Dest: document",
      "Sec-Fetch-Mode: navigate",
      "Sec-Fetch-Site: none",
      "Sec-Fetch-User: ?1",
      "Priority: u=0, i",
    ]);
  });

  test("a form", async () => {
    const more = within(SHOP, {
      use: "form",
      method: "POST",
      body: bytesOf("a=b"),
      fields: new Fields([["content-type", "application/x-www-form-urlencoded"]]),
    });
    expect((await heard("https://shop.test/pay", more)).lines).toEqual([
      "Host: shop.test",
      UNIFORM[0],
      "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
      UNIFORM[1],
      UNIFORM[2],
      "Content-Type: application/x-www-form-urlencoded",
      "Content-Length: 3",
      "Origin: https://shop.test",
      "Connection: keep-alive",
      "Referer: https://shop.test/",
      "Upgrade-Insecure-Requests: 1",
      "Sec-Fetch-Dest: document",
      "Sec-Fetch-Mode: navigate",
      "Sec-Fetch-Site: same-origin",
      "Sec-Fetch-User: ?1",
      "Priority: u=0, i",
    ]);
  });

  test.each([
    [
      "image",
      "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5",
      "image no-cors u=5, i",
    ],
    ["style", "text/css,*/*;q=0.1", "style no-cors u=2"],
    ["script", "*/*", "script no-cors u=2"],
    ["font", "application/font-woff2;q=1.0,application/font-woff;q=0.9,*/*;q=0.8", "font cors undefined"],
    [
      "media",
      "video/webm,video/ogg,video/*;q=0.9,application/ogg;q=0.7,audio/*;q=0.6,*/*;q=0.5",
      "video no-cors u=4",
    ],
    ["frame", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "iframe navigate u=4"],
  ] as const)("a %s", async (use, accept, rest) => {
    const { fields } = await heard("https://shop.test/part", within(SHOP, { use }));
    expect(fields.get("accept")).toBe(accept);
    const names = ["sec-fetch-dest", "sec-fetch-mode", "priority"];
    expect(names.map((name) => String(fields.get(name))).join(" ")).toBe(rest);
  });

  test("a range is asked for as it was, and uncompressed", async () => {
    const more = within(SHOP, { use: "media", fields: new Fields([["range", "bytes=0-"]]) });
    const { lines } = await heard("https://shop.test/film", more);
    const at = lines.indexOf("Range: bytes=0-");
    expect(lines[at + 1]).toBe("Accept-Encoding: identity");
  });

  test("plain http carries no fetch metadata, and brotli is not offered", async () => {
    const { fields } = await heard("http://a.test/", { insecureAllowed: true });
    expect([...fields.keys()].filter((name) => name.startsWith("sec-"))).toEqual([]);
    expect(fields.get("accept-encoding")).toBe("gzip, deflate");
  });

  test("user name, password and fragment stay here", async () => {
    const { lines, target } = await heard("https://user:secret@a.test/x#part", {});
    expect(`${target} ${lines.join(" ")}`).not.toMatch(/user:|secret|part/);
    expect(lines).toContain("Host: a.test");
  });

  test("a reload says so", async () => {
    const { lines } = await heard("https://a.test/", { cache: "reload" });
    expect(lines.slice(-2)).toEqual(["Pragma: no-cache", "Cache-Control: no-cache"]);
  });

  test("whatever the page wants to say for itself is left out, but for what a script may add", async () => {
    const given = new Fields([
      ["user-agent", "me"],
      ["cookie", "a=b"],
      ["sec-fetch-site", "none"],
      ["accept-language", "tlh"],
      ["x-token", "t"],
      ["accept", "application/json"],
    ]);
    const image = await heard("https://shop.test/i", within(SHOP, { fields: given }));
    expect(image.lines.join("\n")).not.toMatch(/: (?:me|a=b|tlh|t|application\/json)$/m);
    const script = await heard("https://shop.test/api", within(SHOP, { use: "fetch", fields: given }));
    expect(script.lines).toContain("x-token: t");
    expect(script.lines).toContain("Accept: application/json");
    expect(script.lines.join("\n")).not.toMatch(/: (?:me|a=b|tlh)$/m);
  });
});

describe("where a request comes from", () => {
  test.each([
    ["https://shop.test/x", "https://shop.test/"],
    ["https://img.shop.test/x", "https://shop.test/"],
    ["https://other.test/x", undefined],
    ["http://shop.test/x", undefined],
  ])("is told to %s as %s", async (url, expected) => {
    expect(
      await field(
        "referer",
        url,
        within("https://shop.test/a?b", { use: "document", insecureAllowed: true }),
      ),
    ).toBe(expected);
  });

  test.each<[string, string | undefined, string[], string]>([
    ["the address bar", undefined, [], "none"],
    ["itself", "https://a.test/", [], "same-origin"],
    ["another host of the site", "https://www.a.test/", [], "same-site"],
    ["another port", "https://a.test:8443/", [], "same-site"],
    ["another scheme", "http://a.test/", [], "cross-site"],
    ["another site", "https://b.test/", [], "cross-site"],
    [
      "itself by way of another site",
      "https://a.test/",
      ["https://a.test/1", "https://b.test/2"],
      "cross-site",
    ],
    ["itself by way of another host", "https://a.test/", ["https://www.a.test/"], "same-site"],
  ])("from %s: Sec-Fetch-Site", async (_, initiator, via, expected) => {
    const more = {
      initiator: initiator === undefined ? undefined : new URL(initiator),
      via: via.map((href) => new URL(href)),
    };
    expect(await field("sec-fetch-site", "https://a.test/", more)).toBe(expected);
  });

  test.each<[string, Partial<FetchRequest>, string | undefined]>([
    ["a GET", {}, undefined],
    ["a POST", { method: "POST" }, "https://a.test"],
    [
      "a POST sent on by its own site",
      { method: "POST", via: [new URL("https://a.test/1")] },
      "https://a.test",
    ],
    ["a POST sent on by another", { method: "POST", via: [new URL("https://c.test/")] }, "null"],
    ["a POST of nobody", { method: "POST", initiator: undefined }, "null"],
    ["a font of another origin", { use: "font" }, "https://a.test"],
    ["a script's request elsewhere", { use: "fetch" }, "https://a.test"],
  ])("Origin of %s", async (_, more, expected) => {
    expect(await field("origin", "https://b.test/", { ...within("https://a.test/"), ...more })).toBe(
      expected,
    );
  });
});
