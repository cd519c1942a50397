import type { Canary, Vector } from "./vector.ts";

const XHTML = 'xmlns="http://www.w3.org/1999/xhtml"';
const SVG = 'xmlns="http://www.w3.org/2000/svg"';

interface Answer {
  readonly type?: string;
  readonly status?: number;
  readonly html?: (canary: Canary) => string;
  readonly headers?: NonNullable<Vector["headers"]>;
}

/** Answers that are no HTML, or none of which we say the encoding; and those that lead elsewhere. */
const ANSWERS: Readonly<Record<string, Answer>> = {
  "document-svg": {
    type: "image/svg+xml",
    html: ({ url }) =>
      `<svg ${SVG}><title>x</title><style>@import "${url}";</style><image href="${url}" width="9" height="9"/><script>fetch("${url}")</script></svg>`,
  },
  "document-svg-foreign": {
    type: "image/svg+xml",
    html: ({ url }) =>
      `<svg ${SVG}><title>x</title><foreignObject width="9" height="9"><link ${XHTML} rel="preconnect" href="${url}"/><img ${XHTML} src="${url}"/></foreignObject></svg>`,
  },
  "document-xhtml": {
    type: "application/xhtml+xml",
    html: ({ url }) =>
      `<html ${XHTML}><head><title>x</title><link rel="preconnect" href="${url}"/></head><body><img src="${url}"/><noscript><img src="${url}"/></noscript></body></html>`,
  },
  "document-xhtml-cdata": {
    type: "application/xhtml+xml",
    html: ({ url }) =>
      `<!DOCTYPE html [<!ENTITY e '<img ${XHTML} src="${url}"/>'>]><html ${XHTML}><head><title>x</title></head><body>&e;<style><![CDATA[body{background:url(${url})}]]></style></body></html>`,
  },
  "document-xml-style": {
    type: "text/xml",
    html: ({ url }) => `<?xml-stylesheet type="text/css" href="${url}"?><a>text</a>`,
  },
  "document-xml-html": {
    type: "application/xml",
    html: ({ url }) => `<a><title ${XHTML}>x</title><img ${XHTML} src="${url}"/></a>`,
  },
  "document-xml-transform": {
    type: "text/xml",
    html: ({ url }) =>
      `<?xml-stylesheet type="text/xsl" href="data:text/xml,${encodeURIComponent(`<x:stylesheet version="1.0" xmlns:x="http://www.w3.org/1999/XSL/Transform"><x:template match="/"><html><img src="${url}"/></html></x:template></x:stylesheet>`)}"?><a/>`,
  },
  "document-xml-entity": {
    type: "text/xml",
    html: ({ url }) => `<!DOCTYPE a SYSTEM "${url}" [<!ENTITY e SYSTEM "${url}">]><a>&e;</a>`,
  },
  "document-feed": {
    type: "application/rss+xml",
    html: ({ url }) =>
      `<?xml-stylesheet type="text/css" href="${url}"?><rss version="2.0"><channel><link>${url}</link><image><url>${url}</url></image></channel></rss>`,
  },
  "document-mathml": {
    type: "application/mathml+xml",
    html: ({ url }) =>
      `<math xmlns="http://www.w3.org/1998/Math/MathML"><mtext><img ${XHTML} src="${url}"/></mtext></math>`,
  },
  "document-plain": { type: "text/plain", html: ({ url }) => `<!doctype html><img src="${url}">` },
  "document-unknown": { type: "unknown/unknown", html: ({ url }) => `<!doctype html><img src="${url}">` },
  "document-wrong-type": { type: "image/png", html: ({ url }) => `<!doctype html><img src="${url}">` },
  "document-multipart": {
    type: "multipart/x-mixed-replace; boundary=x",
    html: ({ url }) => `--x\r\nContent-Type: text/html\r\n\r\n<img src="${url}">\r\n--x--\r\n`,
  },
  "document-archive": {
    type: "multipart/related; boundary=x",
    html: ({ url }) =>
      `MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n<img src="${url}">\r\n--x--\r\n`,
  },
  "document-pdf": { type: "application/pdf", html: ({ url }) => pdf(url) },
  "document-playlist": { type: "application/vnd.apple.mpegurl", html: ({ url }) => playlist(url) },
  "document-no-charset": { type: "text/html", html: ({ url }) => `<title>x</title><img src="${url}">` },
  // Between the escapes a quotation mark is half a character, for those who read as the page says (Encoding, ISO-2022-JP).
  "document-jis": {
    type: "text/html",
    html: ({ url }) =>
      `<meta charset="iso-2022-jp"><title>x</title><p title="\u001b$B"><img src='${url}'>" \u001b(B"><img src='${url}'>`,
  },
  "document-utf-7": {
    type: "text/html; charset=utf-7",
    html: ({ url }) => `<meta charset="utf-7"><title>x</title>+ADw-img src=${url}+AD4-`,
  },
  "document-utf-16": {
    type: "text/html; charset=utf-16le",
    // Two bytes of ASCII each, in what is sent as UTF-8.
    html: ({ url }) => Array.from(`<title>x</title><img src="${url}">`, (c) => `${c}\0`).join(""),
  },
  ...Object.fromEntries(
    [300, 301, 302, 303, 307, 308].map((status): [string, Answer] => [
      `document-leads-${status}`,
      { status, headers: ({ url }) => ({ location: url }) },
    ]),
  ),
  "document-leads-secure": { status: 302, headers: ({ secure }) => ({ location: secure }) },
  "document-leads-no-scheme": {
    status: 302,
    headers: ({ url }) => ({ location: url.replace("http:", "") }),
  },
  "document-leads-by-address": {
    status: 302,
    headers: ({ address }) => ({ location: `http://${address}:9090/` }),
  },
  "document-leads-to-data": {
    status: 302,
    headers: ({ url }) => ({ location: `data:text/html,<img src=${url}>` }),
  },
  "document-created": { status: 201, headers: ({ url }) => ({ location: url }) },
  "document-refused-refresh": { status: 503, headers: ({ url }) => ({ refresh: `0; url=${url}` }) },
};

export const DOCUMENT: readonly Vector[] = Object.entries(ANSWERS).map(([name, { html, ...rest }]) => ({
  name,
  kind: "document",
  html: html ?? (() => "<p>text"),
  ...rest,
}));

export function playlist(url: string): string {
  return `#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXT-X-KEY:METHOD=AES-128,URI="${url}"\n#EXTINF:9,\n${url}.ts\n#EXT-X-ENDLIST\n`;
}

/** One empty page; as it opens, the viewer is to go to an address, and to send a form to it. */
function pdf(url: string): string {
  return [
    "%PDF-1.7",
    `1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/URI/URI(${url})/Next<</S/SubmitForm/F<</FS/URL/F(${url})>>>>>>>>endobj`,
    "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj",
    `3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/AA<</O<</S/JavaScript/JS(app.launchURL\\("${url}"\\))>>>>>>endobj`,
    "trailer<</Root 1 0 R>>",
    "%%EOF",
  ].join("\n");
}
