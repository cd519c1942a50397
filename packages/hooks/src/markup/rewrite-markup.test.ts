import { addressesOf, WHAT_SCRIPTS_MAY } from "@tabor/rewrite/in-page";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ElementRules } from "./element-rules.ts";
import { rewriteMarkup } from "./rewrite-markup.ts";

const SITE = new URL("https://site.test/dir/page");
const rules = new ElementRules(
  addressesOf(
    {
      level: "standard",
      base: SITE,
      mint: (url, use) => (url.origin === SITE.origin ? url.pathname + url.search : `/~p/${use}/${url.host}`),
    },
    { data: WHAT_SCRIPTS_MAY },
  ),
  SITE,
  (srcdoc) => `[${srcdoc}]`,
);
const decode = (raw: string): string =>
  raw.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&amp;", "&");
const rewrite = (html: string): string => rewriteMarkup(html, rules, decode);

describe("markup of scripts stays", () => {
  it.each([
    "text < 3 <3 a<b",
    "<p class=a data-src=//x.test>b</p>",
    '<a href="/x?a=1&amp;b=2">t</a><img src=y.png><a href=#z>',
    "<!-- <img src=//x.test> --><![CDATA[ <img src=//x.test>]]>",
    "<textarea><img src=//x.test></textarea><script>'<img src=//x.test>'</script>",
    "<img src='//x.test",
    "<img src=//x.test ",
    "<div style='color:red'>",
    "<template><slot></slot></template><my-tag src=//x.test></my-tag>",
    "<svg viewBox='0 0 1 1'><linearGradient id=a></linearGradient></svg>",
  ])("%s", (html) => {
    expect(rewrite(html)).toBe(html);
  });
});

describe("markup of scripts has addresses of the view", () => {
  it.each([
    ["<IMG SRC=//x.test/a ALT=b>", '<img src="/~p/image/x.test" alt="b">'],
    [
      "<a\nhref = 'https://x.test/?a=1&amp;b'\ntarget=_blank>",
      '<a href="/~p/document/x.test" target="_blank">',
    ],
    [
      "<img src='//x.test'srcset='//y.test 1x, z 2x'>",
      '<img src="/~p/image/x.test" srcset="/~p/image/y.test 1x, z 2x">',
    ],
    ["<script src=//x.test integrity=sha crossorigin></script>", '<script src="/~p/script/x.test"></script>'],
    [
      "<p style=\"background:url('//x.test/a')\">",
      '<p style="background:url(&quot;/~p/image/x.test&quot;)">',
    ],
    ["<style>a{b:url(//x.test)}</style>", '<style>a{b:url("/~p/image/x.test")}</style>'],
    ["<link rel=stylesheet href=//x.test>", '<link rel="stylesheet" href="/~p/style/x.test">'],
    ["<link rel=preconnect href=//x.test>a", "a"],
    ["<meta http-equiv=Content-Security-Policy content=x>a", "a"],
    [
      "<meta http-equiv=refresh content='3;url=//x.test'>",
      '<meta http-equiv="refresh" content="3;url=/~p/document/x.test">',
    ],
    ["<base href=//x.test><base href=/app/>", "<base><base href=/app/>"],
    ["<iframe srcdoc='<p>' sandbox=allow-scripts>", '<iframe srcdoc="[&lt;p>]" sandbox="allow-same-origin">'],
    [
      "<svg><image href=//x.test /><a href=//x.test></a></svg>",
      '<svg><image href="/~p/image/x.test"/><a href="/~p/document/x.test"></a></svg>',
    ],
    [
      "<svg><desc><a href=//x.test></desc></svg><a href=//x.test>",
      '<svg><desc><a href="/~p/document/x.test"></desc></svg><a href="/~p/document/x.test">',
    ],
    ["<embed src=//x.test><object data=//x.test></object>", "<embed><object></object>"],
    ["a</textarea><img src=//x.test>", 'a</textarea><img src="/~p/image/x.test">'],
    [
      "<form action=//x.test><button formaction=//y.test>",
      '<form action="/~p/form/x.test"><button formaction="/~p/form/y.test">',
    ],
    ["<a ping=//x.test href=b>", '<a href="b">'],
  ])("%s", (html, expected) => {
    expect(rewrite(html)).toBe(expected);
  });
});

describe("markup that is made to be slow, or wrong", () => {
  it.each([
    ["tags that never end", "<a ".repeat(100_000)],
    ["quotes that never end", "<a b='".repeat(50_000)],
    ["attributes", `<a ${"b ".repeat(50_000)}>`],
    ["slashes", `<a${"/".repeat(200_000)}>`],
    ["equals signs", `<a${"=".repeat(200_000)}>`],
    ["comments", "<!--".repeat(100_000)],
    ["raw texts", "<style>".repeat(50_000)],
    ["blanks", `<a ${" ".repeat(200_000)}b`],
    ["open drawings", "<svg><desc>".repeat(50_000)],
  ])("%s take no long time", (_what, html) => {
    const before = performance.now();
    rewrite(html);
    expect(performance.now() - before).toBeLessThan(5000);
  });

  it("never fails, and is stable", () => {
    const piece = fc.constantFrom(
      ...[
        "<",
        ">",
        "/",
        "=",
        "'",
        '"',
        " ",
        "a",
        "img",
        "src",
        "href",
        "//x.test",
        "<!--",
        "-->",
        "<svg>",
        "<style>",
        "&amp;",
        "url(//x.test)",
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const once = rewrite(pieces.join(""));
        expect(rewrite(once)).toBe(once);
      }),
    );
  });
});
