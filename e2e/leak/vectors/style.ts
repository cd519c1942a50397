import { type Canary, vectorsOf } from "./vector.ts";

const RULES: Readonly<Record<string, (canary: Canary) => string>> = {
  "css-import": ({ url }) => `@import "${url}";`,
  "css-import-url": ({ url }) => `@import url(${url}) layer(a) supports(display:block) screen;`,
  "css-import-escaped": ({ url }) => `@\\69mport "${url}";`,
  "css-import-after-charset": ({ url }) => `@charset "utf-8"; @layer a; @import '${url}';`,
  "css-url": ({ url }) => `p { background: url(${url}) }`,
  "css-url-quoted": ({ url }) => `p { background: url( "${url}" ) }`,
  "css-url-escaped": ({ url }) => `p { background: \\75rl(${url}) }`,
  "css-url-escaped-more": ({ url }) => `p { background: u\\000072\n\\6c("${url}") }`,
  "css-url-escaped-inside": ({ url }) => `p { background: url(${url.replace("http", "\\68 ttp")}) }`,
  "css-url-comment": ({ url }) => `p { background: /**/url(/**/${url}) , url("${url}") }`,
  "css-url-upper": ({ url }) => `p { BACKGROUND: URL(${url}) }`,
  "css-src": ({ url }) => `p { background: src("${url}"); background-image: src(${url}) }`,
  "css-url-modifiers": ({ url }) =>
    `p { background: url("${url}" crossorigin(anonymous) referrerpolicy(no-referrer)) }`,
  "css-image-set": ({ url }) => `p { background: image-set("${url}" 1x, url("${url}") 2x) }`,
  "css-webkit-image-set": ({ url }) => `p { background: -webkit-image-set(url(${url}) 1x) }`,
  "css-image": ({ url }) => `p { background: image("${url}", red) }`,
  "css-cross-fade": ({ url }) =>
    `p { background: -webkit-cross-fade(url(${url}), url(${url}), 50%); background-image: cross-fade(url(${url}), red) }`,
  "css-list-style": ({ url }) => `p { display: list-item; list-style: url(${url}) }`,
  "css-content": ({ url }) => `p::before { content: url(${url}) } p { content: url(${url}) }`,
  "css-cursor": ({ url }) => `* { cursor: url(${url}), auto }`,
  "css-border-image": ({ url }) => `p { border: 5px solid; border-image: url(${url}) 5 }`,
  "css-mask": ({ url }) => `p { mask: url(${url}); -webkit-mask-image: url(${url}) }`,
  "css-mask-fragment": ({ url }) => `p { mask: url(${url}#m) }`,
  "css-filter": ({ url }) => `p { filter: url(${url}#f) }`,
  "css-backdrop-filter": ({ url }) => `p { backdrop-filter: url(${url}#f) }`,
  "css-clip-path": ({ url }) => `p { clip-path: url(${url}#c) }`,
  "css-shape": ({ url }) => `p { float: left; width: 9px; shape-outside: url(${url}) }`,
  "css-offset": ({ url }) => `p { offset-path: url(${url}#p) }`,
  "css-marker": ({ url }) => `path { marker: url(${url}#m); fill: url(${url}#f) }`,
  "css-font": ({ url }) =>
    `@font-face { font-family: x; src: url(${url}) format("woff2"), url("${url}b") } p { font-family: x }`,
  "css-font-local": ({ url }) =>
    `@font-face { font-family: x; src: local(x), url(${url}) tech(variations) } p { font: 9px x }`,
  "css-palette": ({ url }) =>
    `@font-palette-values --x { font-family: x } @counter-style y { system: cyclic; symbols: url(${url}) } p { display: list-item; list-style: y }`,
  "css-variable": ({ url }) => `:root { --u: url(${url}) } p { background: var(--u) }`,
  "css-variable-late": ({ url }) => `:root { --u: "${url}" } p { background: image-set(var(--u) 1x) }`,
  "css-property": ({ url }) =>
    `@property --x { syntax: "<url>"; inherits: true; initial-value: url(${url}) } p { background: var(--x) }`,
  "css-attr": ({ url }) => `p { background: image-set(attr(data-u) 1x) } p::after { content: "${url}" }`,
  "css-if": ({ url }) => `p { background: if(media(all): url(${url}); else: none) }`,
  "css-nested": ({ url }) =>
    `main { & p { background: url(${url}) } } p { & { background-image: url(${url}) } }`,
  "css-supports": ({ url }) => `@supports (display: block) { @media all { p { background: url(${url}) } } }`,
  "css-container": ({ url }) => `@layer x { @scope (body) { p { background: url(${url}) } } }`,
  "css-namespace": ({ url }) =>
    `@namespace url(${url}); @namespace x url(${url}); @document url(${url}) { p { background: url(${url}) } }`,
  "css-behavior": ({ url }) =>
    `p { behavior: url(${url}); -moz-binding: url(${url}#x) } p { width: expression(fetch('${url}')) }`,
  "css-keyframes": ({ url }) =>
    `@keyframes k { from { background: url(${url}) } to { background: url(${url}) } } p { animation: k 1s infinite }`,
  "css-starting": ({ url }) =>
    `@starting-style { p { background: url(${url}) } } p { transition: background 1s allow-discrete }`,
  "css-has": ({ url }) => `body:has(p) p { background: url(${url}) }`,
  "css-unclosed": ({ url }) => `p { background: url("${url}`,
  "css-unclosed-function": ({ url }) => `p { background: image-set("${url}" 1x`,
  "css-bad-string": ({ url }) => `p { content: "a\n; background: url(${url}); color: "x }`,
  "css-bad-url": ({ url }) => `p { background: url(a b"c) ; background: url(${url}) }`,
  "css-cdo": ({ url }) => `<!-- p { background: url(${url}) } -->`,
  "css-at-unknown": ({ url }) => `@unknown { p { background: url(${url}) } } @import url(${url});`,
  "css-page": ({ url }) => `@page { background: url(${url}); @top-left { content: url(${url}) } }`,
  "css-view-transition": ({ url }) =>
    `@view-transition { navigation: auto } ::backdrop { background: url(${url}) } p::first-letter { background: url(${url}) }`,
  "css-scrollbar": ({ url }) =>
    `::-webkit-scrollbar { background: url(${url}) } ::selection { background: url(${url}) } html { overflow: scroll }`,
  "css-import-data": ({ url }) => `@import "data:text/css,p{background:url(${url})}";`,
  "css-import-data-twice": ({ url }) => `@import url("data:text/css,@import '${url}';");`,
  "css-import-scope": ({ url }) => `@import url("${url}") layer supports(selector(a:b)) scope((p)) all;`,
  "css-import-nothing": ({ url }) => `@import url(${url}) not all; @import "${url}b" supports(x: y);`,
  "css-font-range": ({ url }) =>
    `@font-face { font-family: x; src: url(${url}); unicode-range: U+61-7A } p { font-family: x }`,
  "css-font-late": ({ url }) =>
    `@font-face { font-family: x; font-display: swap; src: url("data:font/woff2;base64,AA=="), url(${url}) } p { font-family: x }`,
  "css-light-dark": ({ url }) =>
    `:root { color-scheme: light dark } p { background-image: light-dark(url(${url}), url(${url})) }`,
  "css-function": ({ url }) => `@function --f() { result: url(${url}) } p { background: --f() }`,
  "css-mixin": ({ url }) => `@mixin --m { background: url(${url}) } p { @apply --m }`,
  "css-pseudo": ({ url }) =>
    `p { display: list-item } p::marker { content: url(${url}) } p::before { content: "x" image-set("${url}b" 1x) }`,
  "css-pseudo-more": ({ url }) =>
    `details::details-content, input::placeholder, ::file-selector-button, p::first-line, ::picker(select) { background: url(${url}) }`,
  "css-mask-border": ({ url }) =>
    `p { -webkit-mask-box-image: url(${url}) 9; mask-border: url(${url}) 9; -webkit-border-image: url(${url}) 9 }`,
  "css-alternatives": ({ url }) =>
    `p { background: image-set(url(${url}) type("image/png") 1x, linear-gradient(red, red) 2x), url(${url}) }`,
  "css-shape-function": ({ url }) =>
    `p { cursor: image-set(url(${url}) 1x), pointer; border-shape: url(${url}) }`,
  "css-media-later": ({ url }) =>
    `@media (min-width: 1px) { @container (min-width: 0) { p { background: url(${url}) } } } main { container-type: inline-size }`,
  "css-null": ({ url }) =>
    `p { back\0ground: url(${url}) } p { background: u\0rl(${url}) } p\0 { color: red } p { background: url(${url}) }`,
  "css-comment-closing": ({ url }) => `/* </style><p style="background:url(${url})">x`,
};

const SUBJECT = `<main><p data-u="x">text</p></main><svg><path d="M0 0L9 9"/></svg>`;

/** In a `<style>`; a few also as an attribute, where the escapes are others. */
export const STYLE = [
  ...vectorsOf(
    "style",
    Object.fromEntries(
      Object.entries(RULES).map(([name, rule]) => [
        name,
        (canary: Canary) => `<style>${rule(canary)}</style>${SUBJECT.replace('"x"', `"${canary.url}"`)}`,
      ]),
    ),
  ),
  ...vectorsOf("style", {
    "attribute-url": ({ url }) => `<p style="background:url(${url})">x`,
    "attribute-quoted": ({ url }) => `<p style="background:url(&quot;${url}&quot;)">x`,
    "attribute-escaped": ({ url }) => `<p style="background:\\75 rl(${url})">x`,
    "attribute-image-set": ({ url }) => `<p style='background:image-set("${url}" 1x)'>x`,
    "attribute-variable": ({ url }) => `<p style="--u:url(${url});background:var(--u)">x`,
    "attribute-content": ({ url }) =>
      `<p style="content:url(${url});list-style:url(${url}) inside;display:list-item">x`,
    "svg-presentation": ({ url }) =>
      `<svg><rect width="9" height="9" fill="url(${url}#f)" filter="url(${url}#f)" mask="url(${url}#m)" clip-path="url(${url}#c)" cursor="url(${url})"/></svg>`,
    "style-in-svg": ({ url }) =>
      `<svg><style>rect{fill:url(${url}#f)} @import "${url}";</style><rect width="9" height="9"/></svg>`,
    "style-cdata": ({ url }) => `<svg><style><![CDATA[@import "${url}";]]></style></svg>`,
    "style-entities-in-svg": ({ url }) => `<svg><style>&#64;import "${url}";</style></svg>`,
    "style-typed": ({ url }) =>
      `<style type="TEXT/CSS" media="all">@import "${url}";</style><style type="">p{background:url(${url})}</style><p>x`,
    "style-closing-inside": ({ url }) => `<style>p{content:"</style><img src=${url}>"}</style>`,
  }),
];
