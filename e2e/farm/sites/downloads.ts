import { streamSlice } from "../content/bytes.ts";
import { html, notFound, page, sendRanged } from "../content/replies.ts";
import { type Answer, type Host, web } from "../network/host.ts";

/** Files of any size, with validators, ranges, and names as sites give them. */

export function downloadSite(): Host[] {
  return [web("downloads.test", answerDownload)];
}

/** Ways to name a file (RFC 6266), by path. */
const DISPOSITIONS: Readonly<Record<string, string>> = {
  plain: "attachment",
  quoted: 'attachment; filename="a \\"quoted\\" name.bin"',
  utf8: "attachment; filename=\"name.bin\"; filename*=UTF-8''na%C3%AFve%20%E7%8B%90.bin",
  path: 'attachment; filename="../../etc/passwd"',
  reserved: 'attachment; filename="CON.bin"',
  executable: 'attachment; filename="invoice.pdf.exe"',
};

/** `/bytes/<count>`, `/bytes/<count>/<way to name it>`; `?type=…` for another type. */
const answerDownload: Answer = (exchange) => {
  const [, kind = "", count = "", way = "plain"] = exchange.url.pathname.split("/");
  if (kind === "") return html(exchange, INDEX);
  const length = Number(count);
  if (kind !== "bytes" || !Number.isSafeInteger(length)) return notFound(exchange);
  const type = exchange.url.searchParams.get("type") ?? "application/octet-stream";
  const headers = {
    etag: `"bytes-${length}"`,
    "last-modified": "Sun, 01 Nov 2026 12:00:00 GMT",
    "content-disposition": DISPOSITIONS[way] ?? "inline",
  };
  if (exchange.visit.headers["if-none-match"] === headers.etag) {
    return void exchange.response.writeHead(304, { etag: headers.etag }).end();
  }
  sendRanged(exchange, { type, length, slice: streamSlice }, { headers });
};

const INDEX = page(
  "Downloads",
  `<h1>Downloads</h1><ul><li><a href="/bytes/100000">Small</a><li><a href="/bytes/16777216/plain">Large</a>
  ${Object.keys(DISPOSITIONS)
    .map((way) => `<li><a href="/bytes/4096/${way}">${way}</a>`)
    .join("")}</ul>`,
);
