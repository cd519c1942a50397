import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normalizeCss } from "./normalize.ts";
import { rewriteCssText, type CssRules } from "./rewrite-css.ts";

const SAFEST: CssRules = {
  address: (written, use) => (/^(?:javascript|data):/i.test(written) ? undefined : `/v/${use}/${written}`),
  fonts: false,
  references: false,
};
const STANDARD: CssRules = { ...SAFEST, fonts: true, references: true };
const NOTHING = 'url("about:invalid")';

const safest = (css: string): string => rewriteCssText(css, SAFEST);

describe("addresses are rewritten", () => {
  test.each([
    ["a{background:url(x.png)}", 'a{background:url("/v/image/x.png")}'],
    ["a{background:URL( 'x.png' )}", 'a{background:url("/v/image/x.png")}'],
    ['a{background:url("x.png" crossorigin(anonymous))}', 'a{background:url("/v/image/x.png")}'],
    ["a{background:src('x.png')}", 'a{background:url("/v/image/x.png")}'],
    ["a{--x:url(y)}", 'a{--x:url("/v/image/y")}'],
    ["a{cursor:url(a),url(b),auto}", 'a{cursor:url("/v/image/a"),url("/v/image/b"),auto}'],
    ["@import 'a.css' screen;b{c:d}", '@import "/v/style/a.css" screen;b{c:d}'],
    ["@import url(a.css) layer(x);", '@import url("/v/style/a.css") layer(x);'],
    ["@import url('a.css');", '@import url("/v/style/a.css");'],
    ["@IMPORT/**/'a'", '@IMPORT/**/"/v/style/a"'],
    [
      "@import url(a) supports(background:url(b));",
      '@import url("/v/style/a") supports(background:url("/v/image/b"));',
    ],
    [
      "a{b:image-set('x' 1x,url(y) 2x type('image/png'))}",
      'a{b:image-set("/v/image/x" 1x,url("/v/image/y") 2x type(\'image/png\'))}',
    ],
    ["a{b:-webkit-image-set(url(x) 1x)}", 'a{b:-webkit-image-set(url("/v/image/x") 1x)}'],
    ["a{b:url(x", 'a{b:url("/v/image/x")'],
    ["a{b:url('x", 'a{b:url("/v/image/x")'],
    ["a{mask:url(x)}", 'a{mask:url("/v/image/x")}'],
  ])("%s", (css, expected) => {
    expect(safest(css)).toBe(expected);
  });

  test.each([
    ["an escape in the name", "a{b:\\75rl(x)}"],
    ["an escape that ends with a blank", "a{b:u\\72 l(x)}"],
    ["six digits", "a{b:\\000055RL(x)}"],
    ["a letter that is escaped as itself", "a{b:\\u\\r\\l(x)}"],
    ["a line end after an escape", "a{b:ur\\6c\r\n(x)}"],
  ])("by %s", (_, css) => {
    expect(safest(css)).toMatch(/^a\{b:url\("\/v\/image\/x"\)\}$/i);
  });

  test("an escaped backslash begins no escape", () => {
    expect(safest("a{b:\\\\75rl(x)}")).toBe("a{b:\\\\75rl(x)}");
    expect(normalizeCss("\\4\\75rl")).toBe("\\4url");
  });

  test("escapes in an address are decoded before it is judged", () => {
    expect(safest("a{b:url(\\6a avascript:x)}")).toBe(`a{b:${NOTHING}}`);
    expect(safest("@\\69mport 'x';")).toBe('@\\69mport "/v/style/x";');
    expect(safest("a{b:image\\2d set('x' 1x)}")).toBe('a{b:image\\2d set("/v/image/x" 1x)}');
  });
});

describe("what is refused", () => {
  test.each([
    ["an address that may not be asked for", "a{b:url(javascript:x)}", `a{b:${NOTHING}}`],
    ["an empty address", "a{b:url()}", `a{b:${NOTHING}}`],
    ["an address from elsewhere", "a{b:src(var(--x))}", `a{b:${NOTHING}}`],
    ["strings from elsewhere as addresses", "a{b:image-set(var(--x) 1x)}", "a{b:image-set(refused(--x) 1x)}"],
    [
      "programs in properties",
      "a{behavior:url(x);-moz-binding:url(y)}",
      `a{behavior:${NOTHING};-moz-binding:${NOTHING}}`,
    ],
    ["expressions", "a{b:expression(c)}", "a{b:refused(c)}"],
    ["a URL that is none", "a{b:url(x y)c}", "a{b:~\nc}"],
    ["a string that does not end", 'a{b:"x\ny}', "a{b:~\ny}"],
    ["references into other documents", "a{filter:url(x#y)}", `a{filter:${NOTHING}}`],
    ["a name that is url( to some", "a{b:\u00A0url(/*);c:url(x)/*)}", "a{b:refused(/**/"],
    ["other names that end so", "@\u00A0url(/*) #\u00A0url(/*) 1\u00A0url(x)", "@\u00A0url (/**/"],
    [
      "imports that browsers would guess",
      "@import //x; @import/**/ /**/y z",
      "@refused //x; @refused/**/ /**/y z",
    ],
    [
      "namespaces where strings are addresses",
      "a{b:image-set(@namespace url('x'))}",
      'a{b:image-set(@namespace url("/v/image/x"))}',
    ],
    ["comments", "a/* url(x) */b{}", "a/**/b{}"],
    ["comments of HTML", "<!--a{}-->", " a{} "],
    ["the character set of another encoding", "@charset 'utf-7';a{}", "@refused;a{}"],
    ["what would join what stands around it", "u@charset;rl(x)", "u@refused;rl(x)"],
    ["an import that would come to be", "@import @charset;'x'", "@refused @refused;'x'"],
    ["fonts", "@font-face{src:url(x)}a{}", "@refused{}a{}"],
    [
      "fonts in a block that ends early",
      "@media x{@font-face}a{b:url(c)}",
      '@media x{@refused}a{b:url("/v/image/c")}',
    ],
    ["fonts without an end", "a{}@font-face{src:url(x)", "a{}@refused"],
    ["fonts with odd brackets", "@font-face{a:(};b:url(x));c:[}]}d{}", "@refused{}d{}"],
  ])("%s", (_, css, expected) => {
    expect(safest(css)).toBe(expected);
  });

  test("addresses of namespaces are names, and become what never loads", () => {
    expect(safest("@namespace s url(http://x);a{b:url(c)}")).toBe(
      '@namespace s "http://x";a{b:url("/v/image/c")}',
    );
    for (const name of ["url()", "url('')", "''"])
      expect(safest(`@namespace ${name} url(c)`)).toBe(
        `@namespace ${name === "''" ? "''" : '""'} url("/v/image/c")`,
      );
  });
});

test("references within the document stay", () => {
  expect(safest("a{filter:url(#b);fill:url('#c')}")).toBe('a{filter:url(#b);fill:url("#c")}');
});

test("Standard has fonts and references", () => {
  expect(rewriteCssText("@font-face{src:url(x)}a{filter:url(y)}", STANDARD)).toBe(
    '@font-face{src:url("/v/font/x")}a{filter:url("/v/image/y")}',
  );
});

describe("what it does not speak of stays as it is", () => {
  test.each([
    "@media (width >= 600px) and (400px<=height<=1e3px){a:hover>b~c+d::before{content:'\\201C'}}",
    ".sm\\:x\\/2[href^='//']:not(.a,#b){--x:{a:b};margin:-1.5e-3em!important}",
    "@supports (display:grid){a{width:calc(100% - (2*var(--a,1px)))}}",
    "@layer a,b;@container x (width<9px){&:is(a){color:rgb(1 2 3/50%)}}",
    "@keyframes x{from{a:b}50.5%{c:d}}",
    "a{unicode-range:U+0025-00FF,u+4??}",
  ])("%s", (css) => {
    expect(safest(css)).toBe(css);
  });
});

test("what comes out cannot end a <style>, or begin a tag", () => {
  for (const css of [
    "a{b:'</style><img>'}",
    "a</style>b{}",
    "a{b:url('</style>')}",
    "<!</style>",
    ".\\</style>{}",
  ])
    expect(safest(css)).not.toMatch(/<[a-z/!?]/i);
});

const piece = fc.constantFrom(
  ..."url( URL( src( image-set( expression( var( \\75rl( u\\72 l( \" ' ) ( { } [ ] ; : , \\ \n < </style> <!-- --> /* */ @import @font-face @namespace @media @charset http://evil.test/x //evil.test #frag javascript:x a filter behavior --x \0 \f \u00A0 \uFEFF \uD800 & - 1px ! ~".split(
    " ",
  ),
  " ",
);
const soup = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(""));

describe("whatever is put together from CSS's pieces", () => {
  test.each([
    ["Safest", SAFEST],
    ["Standard", STANDARD],
  ])("has nothing left to be rewritten, at %s", (_, rules) => {
    fc.assert(
      fc.property(soup, (css) => {
        const written = new Set(["about:invalid"]);
        const once = rewriteCssText(css, {
          ...rules,
          address: (address, use) => {
            written.add(`/v/${use}`);
            return rules.address(address, use) === undefined ? undefined : `/v/${use}`;
          },
        });
        const twice = rewriteCssText(once, {
          ...rules,
          address: (address) => {
            expect(written).toContain(address);
            return address;
          },
        });
        expect(twice).toBe(once);
        expect(once).not.toMatch(/<[a-z/!?]/i);
        // Told apart from strings by other means than the tokenizer's.
        const bare = once.replace(
          /\\[^]|"(?:[^"\\]|\\[^])*(?:"|\\?$)|'(?:[^'\\]|\\[^])*(?:'|\\?$)/g,
          "STRING",
        );
        expect(bare).not.toMatch(/url\((?!STRING|#)/i);
      }),
      { numRuns: 3000 },
    );
  });
});
