import { playlist } from "./document.ts";
import { type Vector, vectorsOf } from "./vector.ts";

/** Markup of newer kinds, and that of older kinds in odd places: cure53's HTTPLeaks has many of them. */
const BY_ITSELF = vectorsOf("markup", {
  "srcset-commas": ({ url }) => `<img srcset=",,,,,${url}">`,
  "image-lazy-sizes": ({ url }) => `<img loading="lazy" sizes="auto" srcset="${url} 100w">`,
  "image-in-link": ({ url }) => `<image href="${url}"><image srcset="${url} 1x">`,
  "image-slashes": ({ url }) => `<img/src="${url}"/onerror=x><img\fsrc=${url}b>`,
  "image-twice": ({ url }) => `<img src="data:," src="${url}c"><img src=${url} src="data:,">`,
  "image-null": ({ url }) =>
    `<im\0g src="${url}"><img s\0rc="${url}"><img src="${url.replace("p:", "p\0:")}">`,
  "audio-source": ({ url }) => `<audio preload="auto"><source src="${url}"></audio>`,
  "video-playlist": ({ url }) =>
    `<video preload="auto" autoplay muted src="data:application/vnd.apple.mpegurl,${encodeURIComponent(playlist(url))}"></video>`,
  "preload-style": ({ url }) => `<link rel="preload" as="style" href="${url}">`,
  "preload-script": ({ url }) => `<link rel="preload" as="script" href="${url}">`,
  "preload-track": ({ url }) => `<link rel="preload" as="track" href="${url}">`,
  "preload-document": ({ url }) =>
    `<link rel="preload" as="document" href="${url}"><link rel="preload" as="video" href="${url}">`,
  "prefetch-document": ({ url }) => `<link rel="prefetch" as="document" href="${url}">`,
  "stylesheet-not-used": ({ url }) => `<link rel="stylesheet" media="not all" href="${url}">`,
  "stylesheet-data": ({ url }) => `<link rel="stylesheet" href="data:text/css,@import '${url}';"><p>x`,
  "stylesheet-odd-type": ({ url }) =>
    `<link rel="StyleSheet" type="text/css;charset=utf-8" href=" ${url}\n">`,
  "link-in-svg": ({ url }) => `<svg><title><link rel="preconnect" href="${url}"></title></svg>`,
  "link-others": ({ url }) =>
    [
      ..."serviceworker webbundle payment-method-manifest amphtml canonical alternate author help license prev privacy-policy terms-of-service subresource offline".split(
        " ",
      ),
    ]
      .map((rel) => `<link rel="${rel}" href="${url}">`)
      .join(""),
  "script-bundle": ({ url }) =>
    `<script type="webbundle">{"source":"${url}","resources":["${url}/a"]}</script><script type="importmap" src="${url}"></script>`,
  "script-source-map": ({ url }) =>
    `<script>0\n//# sourceMappingURL=${url}</script><style>p{}/*# sourceMappingURL=${url} */</style>`,
  "meta-others": ({ url }) =>
    `<meta name="msapplication-config" content="${url}"><meta name="msapplication-TileImage" content="${url}"><meta property="og:image" content="${url}"><meta itemprop="image" content="${url}"><meta name="monetization" content="${url}">`,
  "meta-refresh-data": ({ url }) =>
    `<meta http-equiv="refresh" content="0;url=data:text/html,<img src=${url}>"><meta http-equiv="refresh" content="0;url=javascript:fetch('${url}')">`,
  "meta-refresh-in-body": ({ url }) => `<body><p>text<meta http-equiv="refresh" content="0, ${url}">`,
  "iframe-view-source": ({ url }) => `<iframe src="view-source:${url}"></iframe>`,
  "iframe-blank-fragment": ({ url }) => `<iframe src="about:blank?${url}" name="${url}"></iframe>`,
  "iframe-data-svg": ({ url }) =>
    `<iframe src="data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg"><image href="${url}" width="9" height="9"/></svg>`)}"></iframe>`,
  "iframe-data-xml": ({ url }) =>
    `<iframe src="data:text/xml,${encodeURIComponent(`<?xml-stylesheet type="text/css" href="${url}"?><a/>`)}"></iframe>`,
  "iframe-in-noscript": ({ url }) => `<noscript><iframe src="${url}"></iframe></noscript>`,
  "object-data-html": ({ url }) => `<object data="data:text/html,<img src=${url}>"></object>`,
  "object-fallback": ({ url }) => `<object data="x:x"><img src="${url}"><embed src="${url}"></object>`,
  "embed-code": ({ url }) =>
    `<embed code="${url}"><object movie="${url}"><param name="src" value="${url}"></object>`,
  "select-rich": ({ url }) =>
    `<style>select,::picker(select){appearance:base-select}</style><select><button><selectedcontent></selectedcontent></button><option selected><img src="${url}">x</option></select>`,
  "template-for": ({ url }) =>
    `<div><?start name="x"?><?end?></div><template for="x"><img src="${url}"></template>`,
  "template-in-table": ({ url }) =>
    `<table><template><td></template><img src="${url}"><tr><td background="${url}"></table>`,
  "table-parts": ({ url }) => `<table><thead background="${url}"><tr><th background="${url}">x</table>`,
  "textarea-tricks": ({ url }) => `<textarea><p title="</textarea><img src=${url}>"></textarea>`,
  "title-tricks": ({ url }) => `<svg><title><style></title><img src="${url}"></style></svg>`,
  "foreign-font": ({ url }) => `<svg><font color=x><p></svg><style><!--</style><img src="${url}">-->`,
  "processing-tricks": ({ url }) =>
    `<?x ><img src="${url}"> ?><!x><img src="${url}b"><![if true]><img src="${url}c"><![endif]>`,
});

const HELD = { Control: "tab", Shift: "window", Alt: "file" } as const;

/** Shown as a tab's own page. */
const IN_TABS: ReadonlySet<string> = new Set([
  "click-link-unfenced",
  "click-link-new-file",
  "click-form-new-file",
]);

/** Links and forms that are held open for another tab, and markup that acts when it is used. */
const WHEN_CLICKED: readonly Vector[] = [
  ...Object.entries(HELD).flatMap(([held, where]) =>
    vectorsOf(
      "markup",
      {
        [`click-link-new-${where}`]: ({ url }) => `<a id="go" href="${url}">go</a>`,
        [`click-form-new-${where}`]: ({ url }) => `<form action="${url}"><button id="go">go</button></form>`,
        [`click-svg-link-new-${where}`]: ({ url }) =>
          `<svg width="40" height="40"><a href="${url}"><rect id="go" width="40" height="40"/></a></svg>`,
      },
      { clicked: true, held: held as keyof typeof HELD },
    ),
  ),
  ...vectorsOf(
    "markup",
    {
      "click-area-ping": ({ url }) =>
        `<img id="go" usemap="#m" width="40" height="40" src="data:,"><map name="m"><area shape="default" href="#x" ping="${url}"></map>`,
      "click-form-blank": ({ url }) =>
        `<form target="_blank" action="${url}"><button id="go">go</button></form>`,
      "click-form-script-url": ({ url }) =>
        `<form action="javascript:fetch('${url}')"><button id="go">go</button></form>`,
      "click-form-data-url": ({ url }) =>
        `<form action="data:text/html,<img src=${url}>"><button id="go">go</button></form>`,
      "click-form-to-frame": ({ url }) =>
        `<iframe name="inner"></iframe><form target="inner" action="${url}"><button id="go">go</button></form>`,
      "click-link-to-frame": ({ url }) =>
        `<iframe name="inner"></iframe><a id="go" target="inner" href="${url}">go</a>`,
      "click-link-unfenced": ({ url }) => `<a id="go" target="_unfencedTop" href="${url}">go</a>`,
      "click-interest": ({ url }) =>
        `<button id="go" interestfor="p">go</button><div id="p" popover><img loading="lazy" src="${url}"></div>`,
      "click-hover-style": ({ url }) =>
        `<style>#go:hover,#go:active{background:url(${url})}</style><p id="go">go</p>`,
      "click-visited-style": ({ url }) =>
        `<style>a:visited{background:url(${url})} a:focus{background:url(${url}b)}</style><a id="go" href="#x">go</a>`,
      "click-view-source": ({ url }) => `<a id="go" href="view-source:${url}">go</a>`,
      "click-blank-opener": ({ url }) => `<a id="go" target="_blank" rel="opener" href="${url}">go</a>`,
    },
    { clicked: true },
  ),
].map((vector): Vector => (IN_TABS.has(vector.name) ? { ...vector, alone: true } : vector));

export const HINT: readonly Vector[] = [...BY_ITSELF, ...WHEN_CLICKED];
