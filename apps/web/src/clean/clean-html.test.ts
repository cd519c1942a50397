import fc from "fast-check";
import { parse } from "parse5";
import { describe, expect, test } from "vitest";
import { cleanHtml, MAX_NODES } from "./clean-html.ts";
import { imageDocument, textDocument } from "./document.ts";
import { descendants, isElement } from "./tree.ts";
import { findForbidden } from "./verify.ts";

const PAGE = new URL("http://site.test/dir/page.html");

function clean(source: string): string {
  const { html } = cleanHtml(source, PAGE);
  expect(findForbidden(html)).toBeUndefined();
  return html;
}

/** The part within <body>. */
function bodyOf(source: string): string {
  return /<body[^>]*>([^]*)<\/body>/.exec(clean(source))?.[1] ?? "";
}

describe("a page keeps", () => {
  test.each([
    [
      "text and structure",
      "<h1>A</h1><p>b <em>c</em><ul><li>d</ul>",
      "<h1>A</h1><p>b <em>c</em></p><ul><li>d</li></ul>",
    ],
    [
      "tables",
      "<table><tr><td colspan=2>x</table>",
      '<table><tbody><tr><td colspan="2">x</td></tr></tbody></table>',
    ],
    ["language and direction", "<p lang=he dir=rtl>x", '<p lang="he" dir="rtl">x</p>'],
    ["what elements it does not know contain", "<my-card><font color=red>x</font></my-card>", "x"],
    ["what is meant for browsers without scripts", "<noscript><p>hello</noscript>", "<p>hello</p>"],
    ["old raw text as text", "<xmp><script>x</script></xmp>", "<pre>&lt;script&gt;x&lt;/script&gt;</pre>"],
  ])("%s", (_, source, expected) => {
    expect(bodyOf(source)).toBe(expected);
  });

  test("its title, language and direction", () => {
    const page = cleanHtml("<html lang=de dir=ltr><title> A <b>&amp;\n B </title>x", PAGE);
    expect(page.title).toBe("A <b>& B");
    expect(page.html).toContain('<html lang="de" dir="ltr">');
    expect(page.html).toContain("<title>A &lt;b&gt;&amp; B</title>");
  });
});

describe("a page loses", () => {
  test.each([
    ["scripts", "<script>alert(1)</script><p onclick=alert(1) onfocus=x autofocus>x", "<p>x</p>"],
    ["styles", "<style>@import 'x'</style><p style='background:url(//x)' class=a>x", "<p>x</p>"],
    [
      "links to other documents",
      "<link rel='stylesheet preconnect' href=//x><base href=//x><meta name=x content=y>x",
      "x",
    ],
    ["comments", "a<!-- <b> --!>b<!--", "ab"],
    ["templates with their shadow roots", "<template shadowrootmode=open><b>x</b></template>y", "y"],
    ["names that would cover the document's own", "<div name=body id=x>x</div>", '<div id="x">x</div>'],
    [
      "URLs in unexpected attributes",
      "<q cite=//x>a</q><table background=//x><td background=//x>b</table>",
      "<q>a</q><table><tbody><tr><td>b</td></tr></tbody></table>",
    ],
    [
      "popovers, editing and inertness",
      "<div popover contenteditable inert tabindex=5 accesskey=a>x</div>",
      "<div>x</div>",
    ],
    [
      "foreign content",
      "<svg><script>x</script><a href=//x>y</a></svg><math><mi xlink:href=//x>z</mi></math>w",
      "w",
    ],
  ])("%s", (_, source, expected) => {
    expect(bodyOf(source)).toBe(expected);
  });
});

describe("links", () => {
  const link = (url: string, text: string): string =>
    `<a data-tabor-href="${url}" role="link" tabindex="0">${text}</a>`;

  test.each([
    ["relative ones become absolute", "<a href=../x?y#z>t</a>", link("http://site.test/x?y#z", "t")],
    [
      "https ones stay, for the app to explain",
      "<a href=https://a.test/>t</a>",
      link("https://a.test/", "t"),
    ],
    ["by scheme-relative addresses too", "<a href=//a.test>t</a>", link("http://a.test/", "t")],
    ["lose user and password", "<a href=http://u:p@a.test/>t</a>", link("http://a.test/", "t")],
    [
      "lose target, ping, download and referrer policy",
      "<a href=/x ping=/y target=_top download rel=opener>t</a>",
      link("http://site.test/x", "t"),
    ],
    [
      "without text get a name",
      "<a href=/dir/report.html><img src=x alt=''></a>",
      link("http://site.test/dir/report.html", "report.html"),
    ],
    [
      "to nothing that the app shows are text",
      "<a href='javascript:alert(1)'>a</a><a href=mailto:x@y>b</a>",
      "<span>a</span><span>b</span>",
    ],
    ["with hidden tabs are text", "<a href='java\tscript:alert(1)'>a</a>", "<span>a</span>"],
    [
      "of data are text",
      "<a href='data:text/html,x'>a</a><a href=blob:http://x/y>b</a>",
      "<span>a</span><span>b</span>",
    ],
    ["of image maps are links", "<map><area href=/x alt=North></map>", link("http://site.test/x", "North")],
    ["old anchors keep their name as id", "<a name=top>t</a>", '<span id="top">t</span>'],
  ])("%s", (_, source, expected) => {
    expect(bodyOf(source)).toBe(expected);
  });

  test("are relative to the page's base, if that is one", () => {
    expect(bodyOf("<base href=http://b.test/c/><a href=d>t</a>")).toContain("http://b.test/c/d");
    expect(bodyOf("<base href=data:x><a href=d>t</a>")).toContain("http://site.test/dir/d");
  });

  test("a refresh becomes a link to be asked for", () => {
    expect(bodyOf("<meta http-equiv=Refresh content=\"0; URL='/next'\">x")).toBe(
      `<p class="tabor-note">This page asks to go on to ${link("http://site.test/next", "http://site.test/next")}</p>x`,
    );
    expect(bodyOf("<meta http-equiv=refresh content='0;url=javascript:alert(1)'>x")).toBe("x");
  });
});

describe("what would be loaded", () => {
  test.each([
    [
      "an image is its alternative text, and a link",
      "<img src=a.png alt='A cat' srcset='b.png 2x'>",
      />A cat<\/a>/,
    ],
    ["an image without one is named by its file", "<img src=a.png>", />image: a.png<\/a>/],
    [
      "an image in a link is text",
      "<a href=/x><img src=a.png alt=Home></a>",
      /tabindex="0"><span class="tabor-replaced">Home<\/span><\/a>$/,
    ],
    [
      "an image of data is text",
      "<img src='data:image/png;base64,AA' alt=dot>",
      /^<span class="tabor-replaced">dot<\/span>$/,
    ],
    [
      "a frame is a link",
      "<iframe src=f.html title=Map srcdoc='<script>'>fallback</iframe>",
      />embedded page: Map<\/a>/,
    ],
    ["a frameset is links", "<frameset><frame src=f.html name=menu></frameset>", />embedded page: menu<\/a>/],
    [
      "a film is a link",
      "<video poster=p.png><source src=v.mp4></video>",
      /data-tabor-href="http:\/\/site.test\/dir\/v.mp4"[^>]*>video</,
    ],
    [
      "an object is a link",
      "<object data=o.swf><param name=x></object>",
      /data-tabor-href="http:\/\/site.test\/dir\/o.swf"/,
    ],
    [
      "a drawing is its title",
      "<svg><title>Chart</title><image href=//x /></svg>",
      /^<span class="tabor-replaced">Chart<\/span>$/,
    ],
  ])("%s", (_, source, expected) => {
    expect(bodyOf(source)).toMatch(expected);
  });
});

describe("forms", () => {
  test("are shown, switched off and said to be", () => {
    const body = bodyOf(
      "<form action=//evil><label for=q>Q</label><input id=q name=q formaction=//x><button>Go</button></form>",
    );
    expect(body).toMatch(/^<div class="tabor-form"><p class="tabor-note">This form is switched off/);
    expect(body).toContain('<input id="q" type="text" disabled="">');
    expect(body).toContain('<button disabled="">Go</button>');
  });

  test.each([
    ["hidden", ""],
    ["file", ""],
    ["image", '<span class="tabor-replaced">button</span>'],
    ["color", '<input type="text" disabled="">'],
  ])("an input of type %s", (type, expected) => {
    expect(bodyOf(`<input type=${type} src=//x>`)).toBe(expected);
  });
});

describe("tricks that have beaten other cleaners", () => {
  test.each([
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<title>&lt;/title&gt;&lt;img src=x onerror=alert(1)&gt;</title>",
    "<textarea></textarea><img src=x onerror=alert(1)></textarea>",
    "<textarea>&lt;/textarea&gt;<img src=x></textarea>",
    "<select><template><img src=x onerror=alert(1)></template><style></select><img src=x>",
    "<svg><annotation-xml encoding=text/html><img src=x onerror=alert(1)>",
    "<svg><foreignObject><iframe srcdoc='<script>'></iframe></foreignObject></svg>",
    "<plaintext><img src=x onerror=alert(1)>",
    "<xmp></xmp><img src=x onerror=alert(1)></xmp>",
    '<a href="jav&#x09;ascript:alert(1)">x</a><a href=" \u0001javascript:alert(1)">y</a>',
    "<img src=x alt='\"><img src=x onerror=alert(1)>'>",
    "<p title='\"><script>alert(1)</script>'>x",
    "<a href='http://a.test/\"><script>'>x</a>",
    "<object><param name=x><embed src=//x></object><img usemap=#a><image href=//x src=//x>",
    "<table><a href=/1>x<tr><td><a href=/2>y</table>",
    "<html manifest=//x><body background=//x onload=alert(1) bgcolor=red>",
    "<div><!--[if IE]><script>alert(1)</script><![endif]--></div><?xml-stylesheet href=//x?>",
    "<svg xmlns:xlink=x><use xlink:href=//x#y></svg><a xlink:href=//x>",
    "<isindex action=//x prompt=y type=image><keygen><bgsound src=//x><dialog open><slot>x",
    "\0<scr\0ipt>alert(1)</scr\0ipt>",
    "<meta http-equiv=Set-Cookie content=a=b><meta http-equiv=Content-Security-Policy content=x>",
  ])("%s", (source) => {
    expect(clean(source)).not.toMatch(/<(?:script|img|style|svg|iframe|link|object|embed|base)\b/);
  });
});

test("a page nested without end is flattened, in reasonable time", () => {
  const { html } = cleanHtml("<div>".repeat(20_000) + "deep", PAGE);
  expect(html).toContain("deep");
  expect(findForbidden(html)).toBeUndefined();
});

test("a page of endless elements is cut and says so", () => {
  const page = cleanHtml("<br>".repeat(MAX_NODES + 10), PAGE);
  expect(page.cut).toBe(true);
  expect(page.html).toContain("its end is missing");
});

test("whatever is put together from HTML's pieces comes out clean", () => {
  const tag = fc.constantFrom(
    ..."a b p div table tr td form select option svg math mtext mglyph style script title textarea noscript template frameset iframe img input object button foreignObject annotation-xml desc xmp plaintext br math body html head".split(
      " ",
    ),
  );
  const value = fc.constantFrom(
    "x",
    "javascript:alert(1)",
    "//evil",
    '"><img src=x onerror=y>',
    "</style>",
    "--><script>",
    "text/html",
  );
  const name = fc.constantFrom(
    "href",
    "src",
    "onclick",
    "style",
    "title",
    "id",
    "name",
    "encoding",
    "xlink:href",
    "data-tabor-href",
    "role",
  );
  const open = fc
    .tuple(tag, name, value, fc.constantFrom('"', "'", ""))
    .map(([t, n, v, q]) => `<${t} ${n}=${q}${v}${q}>`);
  const piece = fc.oneof(
    open,
    tag.map((t) => `</${t}>`),
    tag.map((t) => `<${t}>`),
    fc.constantFrom(
      "<!--",
      "-->",
      "<![CDATA[",
      "]]>",
      "text",
      "&lt;img src=x&gt;",
      "\0",
      "<!DOCTYPE html>",
      '"',
      "'",
      "<",
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
      expect(findForbidden(cleanHtml(pieces.join(""), PAGE).html)).toBeUndefined();
    }),
    { numRuns: 1000 },
  );
});

describe("findForbidden", () => {
  const { html } = cleanHtml("<p>x</p>", PAGE);

  test.each([
    "<script>x</script>",
    "<img src=x>",
    "<a href=x>y</a>",
    "<p onclick=x>",
    "<p style=x>",
    "<p class=x>",
    "<input type=text>",
    "<svg></svg>",
    "<meta http-equiv=refresh content=0>",
    '<meta http-equiv=Content-Security-Policy content="default-src *">',
    "<a data-tabor-href=javascript:x>",
    "<!-- x -->",
    "<p role=button>",
    "<x-y>",
  ])("sees %s", (bad) => {
    expect(findForbidden(html.replace("<p>x</p>", bad))).toBeDefined();
  });

  test("says nothing of a clean page", () => {
    expect(findForbidden(html)).toBeUndefined();
  });
});

describe("other documents", () => {
  test("plain text is shown as it is", () => {
    const { html } = textDocument("\n<b>1 & 2</b>\n", "x.txt", false);
    expect(findForbidden(html)).toBeUndefined();
    const pre = [...descendants(parse(html))].filter(isElement).find(({ tagName }) => tagName === "pre");
    expect(pre?.childNodes[0]).toMatchObject({ value: "\n<b>1 & 2</b>\n" });
  });

  test("an image is one element with the given source", () => {
    const { html } = imageDocument("data:image/png;base64,AA==", 'a"b.png');
    expect(html).toContain('<img src="data:image/png;base64,AA==" alt="a&quot;b.png">');
  });
});
