import iconv from "iconv-lite";
import { drawing, picture } from "../content/pictures.ts";
import { html, notFound, page, redirect, send } from "../content/replies.ts";
import { escape, numberOf, paragraph, range, title } from "../content/text.ts";
import { type Answer, type Exchange, type Host, web } from "../network/host.ts";

/** A wiki: many links, tables, anchors, a search by GET; and pages in many character sets. */

const PAGES = 400;
const nameOf = (i: number): string => title(`wiki ${i}`).replaceAll(" ", "_");
const NAMES = range(PAGES).map(nameOf);

export function wikiSite(): Host[] {
  return [web("wiki.test", answerWiki), web("letters.test", answerLetters)];
}

const answerWiki: Answer = (exchange) => {
  const { pathname, searchParams } = exchange.url;
  const [, kind = "", rest = ""] = pathname.split("/");
  if (kind === "") return redirect(exchange, `/wiki/${NAMES[0] ?? ""}`, { status: 302 });
  if (kind === "wiki") return showPage(exchange, NAMES.indexOf(decodeURIComponent(rest)));
  if (kind === "search") return html(exchange, results(searchParams.get("q") ?? ""));
  if (kind === "seal.svg") return send(exchange, "image/svg+xml", drawing("seal", 60, 60));
  if (kind === "figure") return send(exchange, "image/png", picture(`figure ${rest}`, 220, 160));
  return notFound(exchange);
};

const HEAD = `<style>body { font: 15px/1.5 "DejaVu Serif" } table { border-collapse: collapse } td, th { border: 1px solid #aaa; padding: 2px 8px }
  :target { background: #ffd } .box { float: right; width: 240px; background: url("/figure/paper") }</style>`;
const SEARCH = `<form action="/search" role="search"><input name="q" type="search" aria-label="Search"><button>Search</button></form>`;

function showPage(exchange: Exchange, at: number): void {
  if (at < 0) return notFound(exchange);
  const contents = range(6).map((s) => `<li><a href="#s${s}">${title(`section ${at} ${s}`)}</a></li>`);
  const sections = range(6).map((s) => section(at, s));
  const body = `${SEARCH}<h1>${title(`wiki ${at}`)}</h1><aside class="box"><img src="/figure/${at}" width="220" height="160" alt=""><p>Figure ${at}</p></aside>
    <p>${paragraph(`wiki ${at}`)}</p><ol id="contents">${contents.join("")}</ol>${sections.join("")}
    <p><a href="#top" id="up">To the top</a> <a href="?action=history">History</a></p>`;
  html(exchange, page(`${title(`wiki ${at}`)} – Farm Wiki`, body, HEAD));
}

function section(at: number, s: number): string {
  const links = range(12).map((n) => {
    const to = NAMES[numberOf(`link ${at} ${s} ${n}`, PAGES)] ?? "";
    return `<a href="${n % 2 === 0 ? `/wiki/${to}` : to}">${to.replaceAll("_", " ")}</a>`;
  });
  const rows = range(4).map(
    (r) =>
      `<tr>${range(4)
        .map((c) => `<td>${numberOf(`cell ${at} ${s} ${r} ${c}`, 1000)}</td>`)
        .join("")}</tr>`,
  );
  return `<h2 id="s${s}">${title(`section ${at} ${s}`)}</h2><p>${paragraph(`wiki ${at} ${s}`)}</p><p>${links.join(", ")}</p>
    <table><caption>Table ${s}</caption><tr><th>A<th>B<th>C<th>D</tr>${rows.join("")}</table>`;
}

function results(query: string): string {
  const found = NAMES.filter((name) => query !== "" && name.toLowerCase().includes(query.toLowerCase()));
  const list = found.map((name) => `<li><a href="/wiki/${name}">${name.replaceAll("_", " ")}</a></li>`);
  const heading = `<h1>Results for <q id="query">${escape(query)}</q></h1><p id="found">${found.length} pages</p>`;
  return page(`${escape(query)} – search`, `${SEARCH}${heading}<ol>${list.join("")}</ol>`, HEAD);
}

/** A page in one character set, and how it says so. */
export interface Lettered {
  readonly text: string;
  readonly charset: string;
  readonly said: "header" | "meta" | "http-equiv" | "bom" | "header-against-meta" | "nowhere";
}

/** By path. The text stands in `#text`. */
export const LETTERED: Readonly<Record<string, Lettered>> = {
  "windows-1251": {
    text: "Съешь ещё этих мягких французских булок",
    charset: "windows-1251",
    said: "header",
  },
  "koi8-r": { text: "Широкая электрификация южных губерний", charset: "koi8-r", said: "meta" },
  shift_jis: { text: "いろはにほへと ちりぬるを ソ表", charset: "shift_jis", said: "meta" },
  "euc-jp": { text: "わかよたれそ つねならむ", charset: "euc-jp", said: "http-equiv" },
  gbk: { text: "天地玄黄 宇宙洪荒", charset: "gbk", said: "header" },
  big5: { text: "日月盈昃 辰宿列張", charset: "big5", said: "header" },
  "euc-kr": { text: "키스의 고유조건은", charset: "euc-kr", said: "meta" },
  "utf-16le": { text: "Zwölf Boxkämpfer — 狐 🦊", charset: "utf-16le", said: "bom" },
  "utf-16be": { text: "Zwölf Boxkämpfer — 狐 🦊", charset: "utf-16be", said: "bom" },
  "utf-8-bom": { text: "Příliš žluťoučký kůň 🐎", charset: "utf-8", said: "bom" },
  "windows-1252": { text: "“Naïve” café — €5", charset: "windows-1252", said: "nowhere" },
  "iso-8859-2": { text: "Árvíztűrő tükörfúrógép", charset: "iso-8859-2", said: "header-against-meta" },
};

const answerLetters: Answer = (exchange) => {
  const name = exchange.url.pathname.slice(1);
  if (name === "form") return html(exchange, FORM);
  if (name === "echo")
    return send(
      exchange,
      "text/plain; charset=utf-8",
      `${exchange.url.search}\n${exchange.visit.body.toString("latin1")}`,
    );
  const lettered = LETTERED[name];
  if (lettered === undefined) return notFound(exchange);
  const { charset, said, text } = lettered;
  const meta = { meta: charset, "header-against-meta": "utf-8" }[said as string];
  const head =
    (meta === undefined ? "" : `<meta charset="${meta}">`) +
    (said === "http-equiv" ? `<meta http-equiv="Content-Type" content="text/html; charset=${charset}">` : "");
  const markup = `<!doctype html><html><head>${head}<title>${text}</title></head><body><p id="text">${text}</p></body></html>`;
  const bytes = iconv.encode(markup, charset, { addBOM: said === "bom" });
  const inHeader = said === "header" || said === "header-against-meta";
  send(exchange, inHeader ? `text/html; charset=${charset}` : "text/html", bytes);
};

const FORM = `<!doctype html><meta charset="windows-1251"><title>Form</title>
  <form action="/echo" accept-charset="windows-1251"><input name="word" aria-label="Word"><button>Send</button></form>`;
