import { TaborError } from "@tabor/onion-core";
import { answerOf, type Sites } from "../src/testing/fake-network.ts";

const lost = new TaborError("closed", "relay", "relay #2 lost its link to the next relay");
/** A PNG of one grey pixel. */
const PIXEL = Uint8Array.from(
  atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkaGj4DwAEBgIAvcE9pAAAAABJRU5ErkJggg=="),
  (character) => character.charCodeAt(0),
);

const ARTICLE = `<!doctype html><html lang="en"><title>On onions</title>
<style>body{background:url(//leak.test/css)}</style><script src="//leak.test/js"></script>
<h1>On onions</h1>
<p>An onion has <em>layers</em>. <a href="/second#end">A second page</a>, <a href="https://secure.test/">a secure one</a>,
<a href="#end">the end</a>, and <a href="mailto:x@y.test">a letter</a>.</p>
<p><img src="onion.png" alt="An onion, cut open"> <img src="dot.gif" alt=""></p>
<table><tr><th>Layer<th>Thickness<tr><td>outer<td>0.3 mm<tr><td>inner<td>2 mm</table>
<form action="//leak.test/form"><label>Search <input name="q"></label> <button>Go</button></form>
<blockquote>Nobody knows the whole onion.</blockquote>
<iframe src="//leak.test/frame" title="Map"></iframe>
${"<p>More of it, to make the page long enough to be scrolled, for that is what pages are like.</p>".repeat(20)}
<h2 id="end">The end</h2><pre>$ npm start</pre>`;

/** What can be opened in the demonstration. */
export function sites(): Sites {
  const never = new Promise<void>(() => undefined);
  const file =
    "HTTP/1.1 200 OK\nContent-Type: application/zip\nContent-Disposition: attachment; filename=onions.zip";
  return {
    "http://onions.test/": [answerOf("text/html", ARTICLE)],
    "http://onions.test/second": [
      answerOf("text/html", "<title>Second</title><p>Second page</p><p id=end>Its end</p>"),
    ],
    "http://onions.test/onion.png": [["HTTP/1.1 200 OK\nContent-Type: image/png\n\n", PIXEL]],
    "http://text.test/": [answerOf("text/plain", "Just\n  text & <b>no markup</b>\n")],
    "http://slow.test/": [
      [
        "HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 400000\n\n<p>slow",
        "x".repeat(120_000),
        never,
      ],
    ],
    "http://silent.test/": [[never]],
    "http://file.test/": [[`${file}\nContent-Length: 6\n\n`, "abcdef"]],
    "http://recover.test/": [
      ["HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 500\n\n<p>half", lost],
      answerOf("text/html", "<title>Whole</title><h1>Whole</h1>"),
    ],
    "http://broken.test/": [["SSH-2.0-OpenSSH_9.2\r\n"]],
    "http://refused.test/": [[new TaborError("refused", "site", "the site refused the connection")]],
    "http://lost.test/": [["HTTP/1.1 200 OK\nContent-Length: 9\n\nx", lost]],
  };
}
