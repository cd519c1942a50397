import { type Canary, type Vector, vectorsOf } from "./vector.ts";

/**
 * With Alt held down Chromium saves what a link leads to, and no header of a response keeps it from that. So pages keep links from the hooks, with
 * functions of a window that hooks have not been in, and a person clicks them so.
 */

const WINDOWS = `const all = (w) => [w, ...Array.from({ length: w.length }, (_, i) => all(w[i])).flat()];`;

/** How a page comes to such a window, `w`, and then acts. */
const NATIVES: Readonly<Record<string, (act: string) => string>> = {
  // A frame says `load` before the script goes on that inserted it.
  load: (act) =>
    `const n = document.createElement("iframe"); n.addEventListener("load", () => { const w = window[window.length - 1]; ${act} }, { once: true }); document.body.append(n);`,
  // The boot page of its origin; in the open another page.
  boot: (act) =>
    `${WINDOWS} for (const w of all(top)) try { if (w !== window && /boot$|open/.test(w.location.pathname)) { ${act}; break; } } catch {}`,
  written: (act) =>
    `document.write("<iframe></iframe><script>{ const w = window[window.length - 1]; ${act.replaceAll('"', '\\"').replaceAll("</", "<\\/")} }<\\/script>");`,
  file: (act) =>
    `const n = document.createElement("iframe"); n.src = "/~sw.js"; n.onload = () => { const w = n.contentWindow; ${act} }; document.body.append(n);`,
};

const append = (parent: string, child: string): string =>
  `w.Node.prototype.appendChild.call(${parent}, ${child});`;
const link = ({ url }: Canary): string =>
  `const a = w.Document.prototype.createElement.call(document, "a"); w.Element.prototype.setAttribute.call(a, "href", "${url}"); a.style.display = "block"; a.textContent = "go";`;
const svg = (name: string): string => `document.createElementNS("http://www.w3.org/2000/svg", "${name}")`;

/** What it makes with that window's functions, for the person to click. */
const MADE: Readonly<Record<string, (canary: Canary, name: string) => string>> = {
  plain: (canary) => `${link(canary)} a.id = "go"; ${append("document.body", "a")}`,
  closed: (canary) =>
    `${link(canary)} const h = document.createElement("div"); h.id = "go"; ${append('w.Element.prototype.attachShadow.call(h, { mode: "closed" })', "a")} ${append("document.body", "h")}`,
  svg: ({ url }) =>
    `const s = ${svg("svg")}, a = ${svg("a")}, r = ${svg("rect")}; r.setAttribute("width", "99"); r.setAttribute("height", "99"); r.id = "go"; a.append(r); s.append(a); w.Element.prototype.setAttribute.call(a, "href", "${url}"); ${append("document.body", "s")}`,
  apart: ({ url }, name) =>
    `const set = w.Element.prototype.setAttribute, f = document.createElement("iframe"); set.call(f, "sandbox", "allow-scripts"); set.call(f, "srcdoc", "<title>${name}</title><a id=go href=${url}>go</a>"); ${append("document.body", "f")} document.title = "";`,
  // A script has the link clicked while the person's own click of something else is under way.
  within: (canary) =>
    `${link(canary)} const b = document.createElement("button"); b.id = "go"; b.type = "button"; b.textContent = "go"; document.body.append(b); for (const t of ["pointerup", "mouseup", "lostpointercapture", "click"]) b.addEventListener(t, () => w.EventTarget.prototype.dispatchEvent.call(a, new MouseEvent("click", { altKey: true, bubbles: true, cancelable: true })));`,
  // All listeners of a document are gone after this.
  emptied: ({ url }, name) =>
    `w.Document.prototype.open.call(document); w.Document.prototype.write.call(document, "<title>${name}</title><a id=go href=${url}>go</a>"); w.Document.prototype.close.call(document);`,
};

const KEPT = Object.entries(NATIVES).flatMap(([how, reach]) =>
  Object.entries(MADE).map(([what, make]) => {
    const name = `saving-${how}-${what}`;
    const html: Vector["html"] = (canary) =>
      `<body><p>text</p><script>{ ${reach(make(canary, name))} }</script>`;
    return [name, html] as const;
  }),
);

/** A document that the page made, which no hook has read. */
const blob = ({ url }: Canary): string =>
  `<body><p>text</p><script>const f = document.createElement("iframe"); f.src = URL.createObjectURL(new Blob(["<title>saving-blob</title><a id=go href=${url}>go</a>"], { type: "text/html" })); document.body.append(f); document.title = "";</script>`;

export const SAVING: readonly Vector[] = vectorsOf(
  "script",
  { ...Object.fromEntries(KEPT), "saving-blob": blob },
  { clicked: true, held: "Alt" },
);
