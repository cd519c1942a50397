import { TaborError } from "@tabor/onion-core";
import type { FakeAnswer } from "../src/testing/fake-engine.ts";

const ICON =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAYAAAAf8/9hAAAAGUlEQVR42mP4z8BAEWIYNWDUgFEDRg0AIgBkPv8BPDk7SQAAAABJRU5ErkJggg==";
const STYLE = `<style>
body { font: 17px/1.6 Georgia, serif; margin: 0; color: #222; }
header { background: #5b2a86; color: #fff; padding: 1rem 2rem; font: 600 1.2rem/1.4 system-ui; }
main { max-width: 46rem; margin: 1rem auto; padding: 0 1.2rem; }
nav a { margin-right: 1rem; }
a { color: #5b2a86; }
form { background: #f3eef8; padding: 1rem; border-radius: 8px; }
</style>`;
const PARAGRAPHS = Array.from(
  { length: 14 },
  (_, index) =>
    `<p>Layer ${String(index + 1)} of the onion grows from the inside. Under it lies another onion layer, thinner and sweeter, and under that one more, so that whoever peels never quite arrives.</p>`,
).join("");

const article = (title: string): string => `<!doctype html><html lang="en"><title>${title}</title>${STYLE}
<header>The Onion Growers</header><main>
<nav><a href="https://onions.test/">Home</a><a href="https://onions.test/second">Second page</a><a href="https://files.test/onions.zip">All onions as a file</a></nav>
<h1>${title}</h1>${PARAGRAPHS}
<form><label>Search <input name="q"></label> <button>Go</button></form></main>`;

const page = (title: string, more: Partial<FakeAnswer & { kind: "page" }> = {}): FakeAnswer => ({
  kind: "page",
  title,
  html: article(title),
  ...more,
});
const fails = (...error: ConstructorParameters<typeof TaborError>): FakeAnswer => ({
  kind: "fails",
  error: new TaborError(...error),
});

/** What can be opened in the demonstration. */
export function answers(): Readonly<Record<string, FakeAnswer>> {
  return {
    "https://onions.test/": page("On onions", { icon: ICON, parts: 6 }),
    "https://onions.test/second": page("Second page", { icon: ICON }),
    "https://garlic.test/": page("Garlic, a sister of the onion"),
    "https://leek.test/": page("The leek: a guide for gardeners in cold countries with little sun"),
    "https://slow.test/": {
      kind: "never",
      after: ["Checking the certificate of slow.test", "Waiting for slow.test to answer"],
    },
    "https://parts.test/": { kind: "partial", title: "Many parts", html: article("Many parts") },
    "https://moved.test/": { kind: "redirect", to: "https://onions.test/" },
    "http://plain.test/": { kind: "consent", title: "Plain", html: article("Plain") },
    "https://files.test/onions.zip": {
      kind: "file",
      name: "onions.zip",
      type: "application/zip",
      total: 4_800_000,
    },
    "https://files.test/torn.bin": { kind: "file-that-breaks", name: "torn.bin" },
    "https://refused.test/": fails("refused", "site", "the site refused the connection"),
    "https://expired.test/": fails("not-authentic", "site", "the certificate expired on 1 November 2026"),
    "https://lost.test/": fails("closed", "relay", "relay #2 lost its link to the next relay"),
  };
}
