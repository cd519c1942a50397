import { cookiesOf } from "../content/form.ts";
import { drawing, isMediaName, media, picture } from "../content/pictures.ts";
import { html, notFound, page, send } from "../content/replies.ts";
import { numberOf, paragraph, range, sentence, title } from "../content/text.ts";
import { type Answer, type Exchange, type Host, web } from "../network/host.ts";

/** A large news page: its parts come from fourteen hosts. */

const ARTICLES = 132;
const PICTURE_HOSTS = ["img1.news.test", "img2.news.test", "img3.news.test", "img4.news.test"];
const FOREVER = {
  "cache-control": "public, max-age=31536000, immutable",
  "access-control-allow-origin": "*",
};

export function newsSite(): Host[] {
  return [
    web("news.test", answerNews),
    web("www.news.test", (exchange) => {
      exchange.response
        .writeHead(301, { location: `https://news.test${exchange.visit.path}`, "content-length": 0 })
        .end();
    }),
    web("static.news.test", answerStatic, { tls: "TLSv1.3" }),
    ...PICTURE_HOSTS.map((name) => web(name, answerPicture)),
    web("photos.test", answerPicture, { tls: "TLSv1.2" }),
    web("cdn.test", answerStatic),
    web("fonts.test", answerStatic),
    web("weather.test", answerWidget("Weather")),
    web("ads.test", answerWidget("Advertisement")),
    web("social.test", answerWidget("Talk of the town")),
    web("tracker.test", tracker()),
  ];
}

const answerNews: Answer = (exchange) => {
  const [, kind = "", number = ""] = exchange.url.pathname.split("/");
  if (kind === "") return html(exchange, front(!exchange.url.searchParams.has("eager")));
  if (kind === "article") return html(exchange, article(Number(number)));
  if (kind === "favicon.ico")
    return send(exchange, "image/png", picture("icon", 32, 32), { headers: FOREVER });
  return notFound(exchange);
};

const HEAD = `
  <meta name="viewport" content="width=device-width">
  <link rel="preconnect" href="https://static.news.test"><link rel="dns-prefetch" href="//img1.news.test">
  <link rel="preload" as="style" href="https://static.news.test/css/main.css">
  <link rel="stylesheet" href="https://static.news.test/css/main.css">
  <link rel="stylesheet" href="https://static.news.test/css/print.css" media="print">
  <link rel="stylesheet" href="//cdn.test/css/grid.css">
  <link rel="stylesheet" href="https://fonts.test/css/bars.css">
  <link rel="icon" href="/favicon.ico">
  <script src="https://static.news.test/js/site.js" defer></script>
  <style>@import url("https://cdn.test/css/inline-import.css"); .lead { border-top: 3px solid #900 }</style>`;

/** @param lazy leaves what is not to be seen at first until it is scrolled to */
function front(lazy: boolean): string {
  const rows = range(ARTICLES)
    .map((i) => teaser(i, lazy && i > 30))
    .join("");
  return page(
    "The Daily Farm",
    `<header><img id="logo" src="https://static.news.test/img/logo.png" alt="The Daily Farm" width="240" height="60">
      <h1>The Daily Farm</h1><nav><a href="/">Front</a> <a href="/article/1">First article</a> <a href="#end">End</a></nav></header>
      <noscript><p id="noscript">This page works without scripts.</p></noscript>
      <iframe class="widget" src="https://weather.test/frame?city=Farmville" title="Weather" width="300" height="120"></iframe>
      <iframe class="widget" src="//ads.test/frame?slot=1" title="Advertisement" width="300" height="120"></iframe>
      <main>${rows}</main>
      <iframe class="widget"${lazy ? ' loading="lazy"' : ""} src="https://social.test/frame" title="Talk" width="300" height="120"></iframe>
      <footer id="end"><img src="https://tracker.test/pixel.png?page=front" width="1" height="1" alt=""><p>Last line of the front page.</p></footer>`,
    HEAD,
  );
}

/** Each in its own way, as pages that grew over years are. */
function teaser(i: number, isLazy: boolean): string {
  const host = PICTURE_HOSTS[i % PICTURE_HOSTS.length] ?? "";
  const lazy = isLazy ? ' loading="lazy"' : "";
  const [wide, high] = [160 + 20 * (i % 4), 90 + 10 * (i % 3)];
  const size = `width="${wide}" height="${high}"${lazy} alt="Picture ${i}"`;
  const png = `https://${host}/png/${i}/${wide}x${high}.png`;
  const image = [
    `<img src="${png}" ${size}>`,
    `<img src="//${host}/png/${i}/${wide}x${high}.png" srcset="//${host}/png/${i}/${wide}x${high}.png 1x, //${host}/png/${i}/${2 * wide}x${2 * high}.png 2x" ${size}>`,
    `<picture><source type="image/avif" srcset="https://photos.test/photo.avif?${i}"><source type="image/webp" srcset="https://photos.test/photo.webp?${i}"><img src="${png}" ${size}></picture>`,
    `<img src="https://photos.test/photo.jpg?${i}" srcset="${png} ${wide}w, https://${host}/png/${i}/640x360.png 640w" sizes="${wide}px" ${size}>`,
    `<img src="https://photos.test/photo.${["jpg", "gif", "webp"][numberOf(`kind ${i}`, 3)] ?? ""}?${i}" ${size}>`,
    `<img src="https://${host}/svg/${i}/${wide}x${high}.svg" ${size}>`,
  ][i % 6];
  return `<article class="teaser t${i % 12}">${image ?? ""}<h2><a href="/article/${i}">${title(`news ${i}`)}</a></h2>
    <p>${sentence(`news ${i}`)}</p><i class="spot s${i % 24}"></i></article>`;
}

function article(i: number): string {
  const body = range(8).map((p) => `<p>${paragraph(`article ${i} ${p}`)}</p>`);
  return page(
    `${title(`news ${i}`)} – The Daily Farm`,
    `<article><h1>${title(`news ${i}`)}</h1><img src="https://img1.news.test/png/${i}/480x270.png" alt="" width="480" height="270">
      ${body.join("")}<p><a id="next" href="${i + 1}">Next article</a> <a href="../">Front</a></p></article>`,
    HEAD,
  );
}

const SHEETS: Readonly<Record<string, string>> = {
  "main.css": `@charset "utf-8"; @import url(parts/base.css); @import 'parts/colour.css' screen;
    body { max-width: 1100px; margin: 0 auto; padding: 0 12px; font: 15px/1.4 "DejaVu Sans", sans-serif }
    ${range(24)
      .map(
        (n) =>
          `.s${n} { display: inline-block; width: 24px; height: 24px; background: url("../img/spot-${n}.png") }`,
      )
      .join("\n")}`,
  "base.css": `@import "deep.css"; h1, h2 { line-height: 1.15 } img { display: block; background: #ddd } a { color: #024 }`,
  "deep.css": `header { background: url('../../img/paper.png') repeat; padding: 8px }`,
  "colour.css": `body { color: #222; background-color: #fbfaf7 } .teaser { border-top: 1px solid #ccc }`,
  "print.css": `body { background: url(../img/print-only.png) }`,
  "grid.css": `main { display: grid; grid-template-columns: repeat(3, 1fr); gap: 14px } .widget { border: 1px solid #999 }
    ${range(12)
      .map((n) => `.t${n} { border-left: 3px solid hsl(${n * 30} 50% 50%); padding-left: 6px }`)
      .join("\n")}`,
  "inline-import.css": `footer { margin-top: 20px; padding: 10px; background: image-set(url(/img/foot.png) 1x, url(/img/foot2.png) 2x) }`,
  "bars.css": `@font-face { font-family: Bars; src: url(../font/bars.woff2) format("woff2"); font-display: block }
    header h1::after { content: " news"; font: 20px Bars }`,
};

const answerStatic: Answer = (exchange) => {
  const name = exchange.url.pathname.split("/").at(-1) ?? "";
  const sheet = SHEETS[name];
  if (sheet !== undefined) return send(exchange, "text/css", sheet, { headers: FOREVER });
  if (name.endsWith(".js"))
    return send(exchange, "text/javascript", 'document.documentElement.dataset.scripts = "ran";', {
      headers: FOREVER,
    });
  if (name.endsWith(".png")) {
    const [wide, high] = name === "logo.png" ? [240, 60] : [24, 24];
    return send(exchange, "image/png", picture(name, wide, high), { headers: FOREVER });
  }
  return answerMedia(exchange, name);
};

/** `/png/<seed>/<width>x<height>.png`, the same as SVG, or a file of the farm's media. */
const answerPicture: Answer = (exchange) => {
  const match = /^\/(png|svg)\/(\w+)\/(\d{1,4})x(\d{1,4})\.\w+$/.exec(exchange.url.pathname);
  if (match === null) return answerMedia(exchange, exchange.url.pathname.slice(1));
  const [, kind = "", seed = "", wide = "", high = ""] = match;
  const size = [Number(wide), Number(high)] as const;
  if (kind === "svg") send(exchange, "image/svg+xml", drawing(seed, ...size), { headers: FOREVER });
  else send(exchange, "image/png", picture(seed, ...size), { headers: FOREVER });
};

function answerMedia(exchange: Exchange, name: string): void {
  if (!isMediaName(name)) return notFound(exchange);
  const { type, bytes } = media(name);
  send(exchange, type, bytes, { headers: FOREVER });
}

function answerWidget(heading: string): Answer {
  return (exchange) => {
    if (exchange.url.pathname !== "/frame") return answerPicture(exchange);
    const head = `<style>body { margin: 6px; font: 14px "DejaVu Sans" }</style>`;
    const image = `<img src="/png/${heading.slice(0, 4)}/80x40.png" width="80" height="40" alt="">`;
    html(exchange, page(heading, `<h3>${heading}</h3>${image}`, head), {
      headers: { "set-cookie": "seen=1; Secure; SameSite=None" },
    });
  };
}

/** Knows a visitor again, wherever its picture is shown: who keeps cookies apart by first party gets many names. */
function tracker(): Answer {
  let visitors = 0;
  return (exchange) => {
    const known = cookiesOf(exchange.visit).get("visitor");
    const headers = {
      "set-cookie": `visitor=${known ?? ++visitors}; Path=/; Secure; HttpOnly; SameSite=None; Max-Age=86400`,
    };
    send(exchange, "image/png", picture("pixel", 1, 1), { headers });
  };
}
