import { vectorsOf, type Vector } from "./vector.ts";

/** What a page does by its markup alone, as soon as it is there. */
const BY_ITSELF = vectorsOf("markup", {
  img: ({ url }) => `<img src="${url}">`,
  "img-upper": ({ url }) => `<IMG SRC='${url.replace("http", "HtTp")}'>`,
  "img-no-scheme": ({ url }) => `<img src="${url.replace("http:", "")}">`,
  "img-backslashes": ({ url }) => `<img src="${url.replace("http://", "http:\\\\")}">`,
  "img-one-slash": ({ url }) => `<img src="${url.replace("http://", "https:/").replace(":9090", "")}">`,
  "img-tab-in-scheme": ({ url }) => `<img src="ht&Tab;tp&colon;//${url.slice(7)}">`,
  "img-entities": ({ url }) => `<img src="${Array.from(url, (c) => `&#${c.charCodeAt(0)}`).join(";")};">`,
  "img-spaces": ({ url }) => `<img src=" \n\u0001 ${url} ">`,
  "img-by-address": ({ address }) => `<img src="http://${address}:9090/">`,
  "img-by-address-6": ({ address6 }) => `<img src="http://${address6}:9090/">`,
  "iframe-by-address-6": ({ address6 }) => `<iframe src="http://${address6}:9090/"></iframe>`,
  "preconnect-by-address-6": ({ address6 }) => `<link rel="preconnect" href="http://${address6}:9090/">`,
  "img-odd-address": ({ address }) =>
    `<img src="http://0x${address
      .split(".")
      .map((b) => Number(b).toString(16).padStart(2, "0"))
      .join("")}:9090/">`,
  "img-dot-host": ({ host }) => `<img src="http://${host}.:9090/">`,
  "img-userinfo": ({ host }) => `<img src="http://a:b@${host}:9090/">`,
  "img-lowsrc": ({ url }) => `<img lowsrc="${url}" dynsrc="${url}">`,
  "img-attributionsrc": ({ url }) => `<img src="data:," attributionsrc="${url}">`,
  "img-crossorigin": ({ url }) => `<img crossorigin src="${url}">`,
  "img-sharedstorage": ({ secure }) => `<img sharedstoragewritable browsingtopics src="${secure}">`,
  image: ({ url }) => `<image src="${url}">`,
  srcset: ({ url }) => `<img srcset="${url} 1x, ${url}2 2x">`,
  "srcset-tight": ({ url }) => `<img srcset="data:image/png;base64,AA== 9x,${url} 1x">`,
  picture: ({ url }) => `<picture><source srcset="${url}"><img></picture>`,
  "picture-nested": ({ url }) =>
    `<picture><source media="(min-width:1px)" srcset="${url} 100w" sizes="100vw"><img src=data:,></picture>`,
  background: ({ url }) => `<body background="${url}">`,
  "table-background": ({ url }) =>
    `<table background="${url}"><tr background="${url}"><td background="${url}">x</table>`,
  "input-image": ({ url }) => `<form><input type="image" src="${url}"></form>`,
  video: ({ url }) => `<video src="${url}" preload="auto" autoplay muted></video>`,
  "video-source": ({ url }) => `<video preload="auto"><source src="${url}"></video>`,
  poster: ({ url }) => `<video poster="${url}"></video>`,
  audio: ({ url }) => `<audio src="${url}" preload="auto" autoplay></audio>`,
  track: ({ url }) =>
    `<video src="data:video/webm;base64,"><track default kind="captions" src="${url}"></video>`,
  stylesheet: ({ url }) => `<link rel="stylesheet" href="${url}.css">`,
  "stylesheet-alternate": ({ url }) => `<link rel="alternate stylesheet" title="x" href="${url}.css">`,
  "stylesheet-and-preconnect": ({ url }) =>
    `<link rel="preconnect stylesheet dns-prefetch" href="${url}.css">`,
  icon: ({ url }) => `<link rel="icon" href="${url}"><link rel="shortcut icon" href="${url}">`,
  "apple-icon": ({ url }) => `<link rel="apple-touch-icon" href="${url}">`,
  "mask-icon": ({ url }) => `<link rel="mask-icon" href="${url}">`,
  manifest: ({ url }) => `<link rel="manifest" href="${url}">`,
  preconnect: ({ url }) => `<link rel="preconnect" href="${url}">`,
  "preconnect-cross": ({ url }) => `<link rel="preconnect" crossorigin href="${url}">`,
  "preconnect-in-body": ({ url }) => `<p>text<link rel=preconnect href=${url}>`,
  "dns-prefetch": ({ url }) => `<link rel="dns-prefetch" href="${url}">`,
  "dns-prefetch-control": ({ url }) =>
    `<meta http-equiv="x-dns-prefetch-control" content="on"><a href="${url}">a</a>`,
  prefetch: ({ url }) => `<link rel="prefetch" href="${url}">`,
  prerender: ({ url }) => `<link rel="prerender" href="${url}">`,
  "link-next": ({ url }) => `<link rel="next" href="${url}">`,
  "preload-image": ({ url }) => `<link rel="preload" as="image" href="${url}">`,
  "preload-imagesrcset": ({ url }) => `<link rel="preload" as="image" imagesrcset="${url} 1x">`,
  "preload-font": ({ url }) => `<link rel="preload" as="font" crossorigin href="${url}">`,
  "preload-fetch": ({ url }) => `<link rel="preload" as="fetch" crossorigin href="${url}">`,
  modulepreload: ({ url }) => `<link rel="modulepreload" href="${url}">`,
  "link-expect": ({ url }) =>
    `<link rel="compression-dictionary" href="${url}"><link rel="dictionary" href="${url}">`,
  "link-search": ({ url }) =>
    `<link rel="search" type="application/opensearchdescription+xml" href="${url}">`,
  "link-import": ({ url }) =>
    `<link rel="import" href="${url}"><link rel="monetization" href="${url}"><link rel="pingback" href="${url}">`,
  iframe: ({ url }) => `<iframe src="${url}"></iframe>`,
  "iframe-lazy-no": ({ url }) => `<iframe loading="eager" src="${url}" credentialless></iframe>`,
  "iframe-srcdoc": ({ url }) =>
    `<iframe srcdoc="<img src=${url}><link rel=preconnect href=${url}>"></iframe>`,
  "iframe-srcdoc-twice": ({ url }) =>
    `<iframe srcdoc="<iframe srcdoc='<img src=${url}>'></iframe>"></iframe>`,
  "iframe-data": ({ url }) =>
    `<iframe src="data:text/html,<img src=${url}><link rel=preconnect href=${url}>"></iframe>`,
  "iframe-script-url": ({ url }) => `<iframe src="javascript:'<img src=${url}>'"></iframe>`,
  "iframe-sandboxed": ({ url }) =>
    `<iframe sandbox="allow-scripts" srcdoc="<script>fetch('${url}')</script>"></iframe>`,
  frameset: ({ url }) => `<frameset><frame src="${url}"></frameset>`,
  "frame-longdesc": ({ url }) => `<iframe longdesc="${url}" src="${url}"></iframe>`,
  fencedframe: ({ url }) => `<fencedframe src="${url}"></fencedframe><portal src="${url}"></portal>`,
  object: ({ url }) => `<object data="${url}"></object>`,
  "object-typed": ({ url }) =>
    `<object type="image/svg+xml" data="${url}"><param name="movie" value="${url}"></object>`,
  "object-codebase": ({ url }) => `<object codebase="${url}" classid="x" data="x"></object>`,
  embed: ({ url }) => `<embed src="${url}">`,
  applet: ({ url }) => `<applet archive="${url}" codebase="${url}" code="x"></applet>`,
  script: ({ url }) => `<script src="${url}"></script>`,
  "script-module": ({ url }) => `<script type="module" src="${url}"></script>`,
  "script-inline-import": ({ url }) => `<script type="module">import "${url}"</script>`,
  importmap: ({ url }) =>
    `<script type="importmap">{"imports":{"x":"${url}"}}</script><script type="module">import "x"</script>`,
  speculation: ({ url }) =>
    `<script type="speculationrules">{"prefetch":[{"source":"list","urls":["${url}"],"eagerness":"immediate"}],"prerender":[{"source":"list","urls":["${url}"]}]}</script>`,
  "speculation-cross": ({ secure }) =>
    `<script type="speculationrules">{"prefetch":[{"urls":["${secure}"],"requires":["anonymous-client-ip-when-cross-origin"]}]}</script>`,
  base: ({ url }) => `<base href="${url}/"><img src="relative.png">`,
  "base-late": ({ url }) => `<img src="late.png"><base href="${url}/"><img src="later.png">`,
  noscript: ({ url }) => `<noscript><img src="${url}"></noscript>`,
  "noscript-in-head": ({ url }) =>
    `<head><noscript><link rel="preconnect" href="${url}"><style>@import "${url}"</style></noscript></head>`,
  "template-shadow": ({ url }) =>
    `<div><template shadowrootmode="open"><img src="${url}"><link rel=preconnect href="${url}"></template></div>`,
  "comment-tricks": ({ url }) => `<!--><img src="${url}"><!-- --!><img src="${url}b"> -->`,
  "cdata-tricks": ({ url }) => `<svg><![CDATA[><img src="${url}">]]></svg><![CDATA[><img src="${url}">]]>`,
  "mathml-tricks": ({ url }) =>
    `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=${url}&gt;">`,
  "mathml-annotation": ({ url }) =>
    `<math><annotation-xml encoding="text/html"><img src="${url}"></annotation-xml></math>`,
  "form-nested": ({ url }) =>
    `<form><div></form><form><math><mtext></form><form><mglyph><style></math><img src="${url}">`,
  "noembed-tricks": ({ url }) =>
    `<noembed><img title="</noembed><img src=${url}>"></noembed><xmp><p title="</xmp><img src=${url}>">`,
  "select-tricks": ({ url }) =>
    `<select><template><style><!--</style><a rel="--></style></select><img src='${url}'>">`,
  plaintext: ({ url }) => `<p title="<plaintext>"><img src="${url}"><plaintext><img src="${url}">`,
  "meta-refresh": ({ url }) => `<meta http-equiv="refresh" content="0;url=${url}">`,
  "meta-refresh-odd": ({ url }) => `<meta http-equiv=REFRESH content="0; ;, URL = '${url}'">`,
  "meta-link": ({ url }) =>
    `<meta http-equiv="link" content="<${url}>; rel=preload; as=image"><meta http-equiv="Content-Security-Policy" content="img-src 'none'; report-uri ${url}"><img src="x">`,
  "meta-origin-trial": ({ url }) =>
    `<meta http-equiv="origin-trial" content="x"><meta http-equiv="accept-ch" content="dpr"><meta http-equiv="set-cookie" content="a=b"><meta http-equiv="delegate-ch" content="dpr ${url}">`,
  "csp-report": ({ url }) =>
    `<meta http-equiv="Content-Security-Policy-Report-Only" content="default-src 'none'; report-uri ${url}"><img src="x">`,
  "html-manifest": ({ url }) => `<html manifest="${url}">`,
  "body-onload": ({ url }) => `<body onload="new Image().src='${url}'">`,
  "img-onerror": ({ url }) => `<img src="x:x" onerror="fetch('${url}')">`,
  "details-toggle": ({ url }) => `<details open ontoggle="fetch('${url}')"><summary>x</summary></details>`,
  "autofocus-handler": ({ url }) => `<input autofocus onfocus="fetch('${url}')">`,
  "marquee-handler": ({ url }) => `<marquee onstart="fetch('${url}')" loop=1>x</marquee>`,
  "animation-handler": ({ url }) =>
    `<style>@keyframes k{}</style><p style="animation:k 1s" onanimationstart="fetch('${url}')">x`,
  "blockquote-cite": ({ url }) =>
    `<blockquote cite="${url}"><q cite="${url}">x</q><del cite="${url}">x</del></blockquote>`,
  microdata: ({ url }) =>
    `<div itemscope itemtype="${url}" itemid="${url}" resource="${url}" about="${url}">x</div>`,
  "xml-stylesheet": ({ url }) =>
    `<?xml-stylesheet href="${url}" type="text/css"?><?xml-stylesheet href="${url}" type="text/xsl"?>`,
  doctype: ({ url }) => `<!DOCTYPE html SYSTEM "${url}"><p>x`,
  "bgsound-layer": ({ url }) =>
    `<bgsound src="${url}"><layer src="${url}"></layer><ilayer src="${url}"></ilayer><xml src="${url}"></xml>`,
  "model-viewer": ({ url }) =>
    `<model src="${url}"><source src="${url}"></model><webview src="${url}"></webview>`,
  "command-icon": ({ url }) =>
    `<menuitem icon="${url}"><command icon="${url}"><input list="l" src="${url}"><isindex action="${url}">`,
});

/** What comes of a person's click. */
const WHEN_CLICKED = vectorsOf(
  "markup",
  {
    "click-link": ({ url }) => `<a id="go" href="${url}">go</a>`,
    "click-link-by-address-6": ({ address6 }) => `<a id="go" href="http://${address6}:9090/">go</a>`,
    "click-ping": ({ url }) => `<a id="go" href="#x" ping="${url}">go</a>`,
    "click-attribution": ({ url }) => `<a id="go" href="#x" attributionsrc="${url}">go</a>`,
    "click-blank": ({ url }) => `<a id="go" target="_blank" href="${url}">go</a>`,
    "click-download": ({ url }) => `<a id="go" download href="${url}">go</a>`,
    "click-script-url": ({ url }) => `<a id="go" href="javascript:void(location='${url}')">go</a>`,
    "click-data-url": ({ url }) => `<a id="go" href="data:text/html,<img src=${url}>">go</a>`,
    "click-map": ({ url }) =>
      `<img id="go" usemap="#m" width="40" height="40" src="data:,"><map name="m"><area shape="default" href="${url}"></map>`,
    "click-svg-link": ({ url }) =>
      `<svg width="40" height="40"><a href="${url}"><rect id="go" width="40" height="40"/></a></svg>`,
    "click-math-link": ({ url }) => `<math><mtext href="${url}"><span id="go">go</span></mtext></math>`,
    "click-form": ({ url }) => `<form action="${url}"><button id="go">go</button></form>`,
    "click-form-post": ({ url }) =>
      `<form method="post" enctype="multipart/form-data" action="${url}"><input name="a" value="b"><button id="go">go</button></form>`,
    "click-formaction": ({ url }) => `<form><button id="go" formaction="${url}">go</button></form>`,
    "click-form-outside": ({ url }) =>
      `<form id="f" action="${url}"></form><button id="go" form="f">go</button>`,
    "click-form-dialog": ({ url }) =>
      `<form method="dialog" action="${url}"><button id="go" formmethod="get">go</button></form>`,
    "click-input-image": ({ url }) => `<form action="${url}"><input id="go" type="image" alt="go"></form>`,
    "click-base-target": ({ url }) =>
      `<base target="_top" href="${url}/"><a id="go" href="relative" target="_blank">go</a>`,
    "click-summary": ({ url }) =>
      `<details><summary id="go">go</summary><img loading="lazy" src="${url}"></details>`,
    "click-label": ({ url }) =>
      `<style>#c:checked+p{background:url(${url})}</style><label id="go" for="c">go</label><input type="checkbox" id="c"><p>x</p>`,
    "click-popover": ({ url }) =>
      `<button id="go" popovertarget="p">go</button><div id="p" popover><img loading="lazy" src="${url}"></div>`,
    "click-invoker": ({ url }) =>
      `<button id="go" command="show-modal" commandfor="d">go</button><dialog id="d"><iframe loading="lazy" src="${url}"></iframe></dialog>`,
    "click-mailto": ({ host }) => `<a id="go" href="ftp://${host}/x">go</a>`,
    "click-top": ({ url }) => `<a id="go" target="_top" href="${url}">go</a>`,
    "click-parent": ({ url }) => `<a id="go" target="_parent" href="${url}">go</a>`,
  },
  { clicked: true },
).map((vector): Vector => (/top|parent/.test(vector.name) ? { ...vector, alone: true } : vector));

export const MARKUP: readonly Vector[] = [...BY_ITSELF, ...WHEN_CLICKED];
