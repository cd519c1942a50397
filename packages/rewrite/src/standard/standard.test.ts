import { describe, expect, test } from "vitest";
import { TaborError } from "@tabor/onion-core";
import type { Rewriting, UrlUse } from "../api.ts";
import { rewriteCss, rewriteHtml, rewriteModule, rewriteXml } from "../index.ts";
import { mint, rewriting } from "../testing/requests.ts";

const STANDARD = rewriting("standard");
/** As the view's sub-origin of one site: its own paths stay. */
const OWN: Rewriting = {
  ...STANDARD,
  mint: (url, use) => (url.origin === "https://site.test" ? url.pathname + url.search : mint(url, use)),
};

const v = (use: UrlUse, url: string): string => mint(new URL(url, STANDARD.base), use);

function bodyOf(source: string, with_: Rewriting = STANDARD): string {
  return /<body[^>]*>([^]*)<\/body>/.exec(rewriteHtml(source, with_).html)?.[1] ?? "";
}

function headOf(source: string, with_: Rewriting = STANDARD): string {
  return /<head><meta charset="utf-8">([^]*)<\/head>/.exec(rewriteHtml(source, with_).html)?.[1] ?? "";
}

describe("a page keeps", () => {
  test.each([
    '<p onclick="x()" @click="y" :z="w" contenteditable="">a</p>',
    "<!--[if IE]>x<![endif]-->",
    "<script>if (a<b) document.write('<p>')</script>",
    "<noscript><img src=x></noscript>",
    '<template shadowrootmode="open"><slot></slot></template>',
    '<svg viewBox="0 0 1 1"><g fill="url(#a)"><use href="#b"></use></g></svg>',
    "<math><mi>x</mi></math>",
    '<a href="javascript:void(0)">x</a><a href="mailto:x@y">y</a>',
    '<img src="data:image/svg+xml,x">',
    '<script type="application/json">{"import":"</a>"}</script>',
  ])("%s", (source) => {
    expect(bodyOf(`<body>${source}`)).toBe(source);
  });
});

describe("addresses", () => {
  test.each([
    [
      "scripts",
      "<script src=a.js integrity=x crossorigin nonce=y async></script>",
      `<script src="${v("script", "a.js")}" async=""></script>`,
    ],
    ["links that save", "<a href=a download=b>x</a>", `<a href="${v("document", "a")}">x</a>`],
    [
      "modules",
      "<script type=module>import a from './b.js'</script>",
      `<script type="module">import a from '${v("script", "b.js")}'</script>`,
    ],
    [
      "classic scripts that import",
      "<script>import('https://c.test/d')</script>",
      `<script>import("${v("script", "https://c.test/d")}")</script>`,
    ],
    [
      "import maps",
      '<script type=importmap>{"imports":{"a":"./b.js","c/":"https://d.test/e/","./f":"./g"}}</script>',
      `<script type="importmap">{"imports":{"a":"${v("script", "b.js")}","c/":null,"${v("script", "f")}":"${v("script", "g")}"},"scopes":{}}</script>`,
    ],
    [
      "parts of drawings",
      "<svg><image xlink:href=a /><use href='b#c'/><a href=d></a><feImage href=e /><script href=f></script></svg>",
      `<svg><image xlink:href="${v("image", "a")}"></image><use href="${v("image", "b")}#c"></use><a href="${v("document", "d")}"></a><feImage href="${v("image", "e")}"></feImage><script href="${v("script", "f")}"></script></svg>`,
    ],
    [
      "styles of drawings",
      "<svg><style>a{b:url(c)}</style><g filter='url(d#e)' style='b:url(f)'></g></svg>",
      `<svg><style>a{b:url("${v("image", "c")}")}</style><g filter="url(&quot;${v("image", "d")}#e&quot;)" style="b:url(&quot;${v("image", "f")}&quot;)"></g></svg>`,
    ],
    [
      "frames",
      "<iframe src=a name=b allow=camera></iframe>",
      `<iframe src="${v("frame", "a")}" name="b" sandbox="allow-same-origin allow-scripts allow-forms allow-downloads allow-modals"></iframe>`,
    ],
    [
      "frames that carry their content",
      "<iframe srcdoc='<img src=a>'></iframe>",
      `<iframe srcdoc="&lt;html&gt;&lt;head&gt;&lt;meta charset=&quot;utf-8&quot;&gt;&lt;/head&gt;&lt;body&gt;&lt;img src=&quot;${v("image", "a")}&quot;&gt;&lt;/body&gt;&lt;/html&gt;" sandbox="allow-same-origin allow-scripts allow-forms allow-downloads allow-modals"></iframe>`,
    ],
    ["objects are lost", "<object data=a><b>c</b></object><embed src=d>", "<object><b>c</b></object>"],
    [
      "forms and links",
      "<a href=x ping=y target=_blank>t</a><a target=_TOP></a><form action=z target=w></form>",
      `<a href="${v("document", "x")}" target="_blank">t</a><a></a><form action="${v("form", "z")}" target="w" autocomplete="off"></form>`,
    ],
    [
      "animations of addresses are lost",
      "<svg><set attributeName=xlink:href to=javascript:x /><animate attributeName=x values=1 /></svg>",
      '<svg><animate attributeName="x" values="1"></animate></svg>',
    ],
  ])("of %s", (_, source, expected) => {
    expect(bodyOf(`<body>${source}`)).toBe(expected);
  });

  test("of the site's own stay as they were written", () => {
    expect(bodyOf("<a href=../x?y#z>t</a><a href=https://site.test/w>u</a><img src=//c.test/a>", OWN)).toBe(
      `<a href="../x?y#z">t</a><a href="/w">u</a><img src="${v("image", "https://c.test/a")}">`,
    );
  });

  test("are not left relative to a base that goes", () => {
    expect(bodyOf("<base href=https://c.test/d/><a href=x>t</a>", OWN)).toContain(
      v("document", "https://c.test/d/x"),
    );
    expect(headOf("<base href=/app/><script src=x></script>", OWN)).toBe(
      '<base href="/app/"><script src="/app/x"></script>',
    );
    expect(headOf("<base href=/app/>")).toBe("");
  });
});

describe("a frame may do", () => {
  test.each([
    [
      "no more than its page lets it",
      "allow-forms allow-popups allow-top-navigation",
      "allow-same-origin allow-forms",
    ],
    ["nothing of scripts where it was to be kept apart", "allow-scripts", "allow-same-origin"],
    ["scripts where it was not", "allow-scripts allow-same-origin", "allow-same-origin allow-scripts"],
    ["nothing", "", "allow-same-origin"],
  ])("%s", (_, written, expected) => {
    expect(bodyOf(`<iframe src=x sandbox="${written}"></iframe>`)).toContain(` sandbox="${expected}"`);
  });
});

describe("the head", () => {
  test.each([
    [
      "what is loaded",
      "<link rel='stylesheet' href=a><link rel=preload as=font href=b><link rel=modulepreload href=c><link rel=icon href=d>",
      `<link rel="stylesheet" href="${v("style", "a")}"><link rel="preload" as="font" href="${v("font", "b")}"><link rel="modulepreload" href="${v("script", "c")}"><link rel="icon" href="${v("image", "d")}">`,
    ],
    [
      "images in sizes",
      "<link rel=preload as=image imagesrcset='a 1x' imagesizes=1px>",
      `<link rel="preload" as="image" imagesizes="1px" imagesrcset="${v("image", "a")} 1x">`,
    ],
    [
      "nothing that looks up, connects or fetches ahead",
      "<link rel=preconnect href=//x><link rel=dns-prefetch href=//x><link rel=prefetch href=x><link rel=prerender href=x><link rel=manifest href=x><script type=speculationrules>{}</script>",
      "",
    ],
    [
      "nothing that sets",
      "<meta http-equiv=Content-Security-Policy content=x><meta http-equiv=x-dns-prefetch-control content=on><meta charset=x>",
      "",
    ],
    ["what says", '<meta name="description" content="x">', '<meta name="description" content="x">'],
    [
      "where it goes on to",
      "<meta http-equiv=refresh content='3;url=x'>",
      `<meta http-equiv="refresh" content="3;url=${v("document", "x")}">`,
    ],
    [
      "fonts",
      "<style>@font-face{src:url(a)}</style>",
      `<style>@font-face{src:url("${v("font", "a")}")}</style>`,
    ],
  ])("has %s", (_, source, expected) => {
    expect(headOf(source)).toBe(expected);
  });
});

test("documents within documents end", () => {
  const nested = Array.from({ length: 6 }).reduce<string>(
    (inner) => `<iframe srcdoc="${inner.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}"></iframe>`,
    "x",
  );
  expect(rewriteHtml(nested, STANDARD).html).not.toContain("x<");
});

describe("modules", () => {
  const rewrite = (text: string): string => rewriteModule(text, STANDARD);
  const asked = (computed: string): string =>
    `(globalThis.__taborImport||String)(${computed},${JSON.stringify(STANDARD.base.href)})`;

  test.each([
    ["import a, {b} from './c.js'", `import a, {b} from '${v("script", "c.js")}'`],
    [
      "import'/c.js';export*from\"../d.js\"",
      `import'${v("script", "/c.js")}';export*from"${v("script", "/d.js")}"`,
    ],
    ["export {x} from 'https://e.test/'", `export {x} from '${v("script", "https://e.test/")}'`],
    ["await import(/* a */ `./b`, {with: {}})", `await import(/* a */ "${v("script", "b")}", {with: {}})`],
    [
      "import j from './j.json' with {type: 'json'}",
      `import j from '${v("script", "j.json")}' with {type: 'json'}`,
    ],
    ["import './\\u0061.js'", `import '${v("script", "a.js")}'`],
    ["import(b + '/c.js', {})", `import(${asked("b + '/c.js'")}, {})`],
    ["import(`./${b}.js`)", `import(${asked("`./${b}.js`")})`],
    ["import((a, b))", `import(${asked("(a, b)")})`],
    [
      "import(async () => (await import('./b.js')).c)",
      `import(${asked(`async () => (await import("${v("script", "b.js")}")).c`)})`,
    ],
  ])("%s", (text, expected) => {
    expect(rewrite(text)).toBe(expected);
  });

  test.each([
    "import a from 'react'",
    "import.meta.url",
    "// import './a.js'\n'import \"./b.js\"'; /import '.\\/c.js'/",
    "this is { no script import './a'",
    "let x = 1",
  ])("leave %s", (text) => {
    expect(rewrite(text)).toBe(text);
  });
});

describe("XML", () => {
  const rewrite = (text: string): string =>
    rewriteXml(text, STANDARD).replace('<?xml version="1.0" encoding="UTF-8"?>', "");

  test("drawings", () => {
    expect(
      rewrite(
        '<?xml-stylesheet href="a"?><!DOCTYPE svg [<!ENTITY n "http://www.w3.org/2000/svg">]><x:svg xmlns:x="&n;" xmlns:l="http://www.w3.org/1999/xlink"><x:style>@import "b";</x:style><x:image href="c"/><x:use href="#d"/><x:a onclick="e">&lt;</x:a><![CDATA[<]]></x:svg>',
      ),
    ).toBe(
      `<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/2000/svg" xmlns:l="http://www.w3.org/1999/xlink"><style>@import &#34;${v("style", "b")}&#34;;</style><image href="${v("image", "c")}"></image><use href="#d"></use><a onclick="e">&#60;</a>&#60;</svg>`,
    );
  });

  test("pages", () => {
    expect(
      rewrite(
        '<html xmlns="http://www.w3.org/1999/xhtml"><body><img src="a"/><script>1 &lt; 2</script></body></html>',
      ),
    ).toBe(
      `<html xmlns="http://www.w3.org/1999/xhtml"><body><img src="${v("image", "a")}"></img><script>1 &#60; 2</script></body></html>`,
    );
  });

  test("feeds stay as they are", () => {
    expect(rewrite('<rss><a href="x" data="y">b</a></rss>')).toBe('<rss><a href="x" data="y">b</a></rss>');
  });

  test.each([
    ["not well-formed", "<a>", "malformed"],
    ["of two roots", "<a/><b/>", "malformed"],
    ["of entities of entities", '<!DOCTYPE a [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><a>&b;</a>', "malformed"],
    ["of files as entities", '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><a>&a;</a>', "malformed"],
    ["deep", "<a>".repeat(3000), "resource-limit"],
  ])("what is %s is refused", (_, text, code) => {
    expect(() => rewrite(text)).toThrow(expect.objectContaining({ name: "TaborError", code }));
  });

  test("is not for Safest", () => {
    expect(() => rewriteXml("<a/>", rewriting("safest"))).toThrow(TaborError);
  });
});

test("stylesheets are relative to themselves", () => {
  expect(rewriteCss("a{b:url(c)}", rewriting("standard", "https://d.test/e/f.css"))).toBe(
    `a{b:url("${v("image", "https://d.test/e/c")}")}`,
  );
});
