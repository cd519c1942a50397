import { isMediaName, media, picture } from "../content/pictures.ts";
import { html, notFound, page, send, sendRanged } from "../content/replies.ts";
import { type Answer, type Host, web } from "../network/host.ts";

/** A page with a film: six seconds, in two formats, with ranges, a poster and subtitles. */

export function videoSite(): Host[] {
  return [web("video.test", answerVideo), web("media.video.test", answerFilm)];
}

const answerVideo: Answer = (exchange) => {
  switch (exchange.url.pathname) {
    case "/":
      return html(exchange, PAGE);
    case "/poster.png":
      return send(exchange, "image/png", picture("poster", 320, 180));
    case "/words.vtt":
      return send(exchange, "text/vtt", "WEBVTT\n\n00:00.000 --> 00:05.000\nA test card, and a tone.\n");
    default:
      return notFound(exchange);
  }
};

const PAGE = page(
  "A film – Farm Video",
  `<h1>A film</h1><video id="film" controls preload="metadata" poster="/poster.png" width="320" height="180">
    <source src="https://media.video.test/clip.webm" type="video/webm"><source src="https://media.video.test/clip.mp4" type="video/mp4">
    <track kind="subtitles" src="/words.vtt" srclang="en" label="English"></video>
    <p><a href="https://media.video.test/clip.mp4?download">Download the film</a></p>`,
);

const answerFilm: Answer = (exchange) => {
  const name = exchange.url.pathname.slice(1);
  if (!isMediaName(name)) return notFound(exchange);
  const { type, bytes } = media(name);
  const saved =
    exchange.url.search === "?download" ? { "content-disposition": `attachment; filename="${name}"` } : {};
  const slice = (from: number, to: number): Buffer => bytes.subarray(from, to);
  sendRanged(exchange, { type, length: bytes.length, slice }, { headers: { etag: `"${name}-1"`, ...saved } });
};
