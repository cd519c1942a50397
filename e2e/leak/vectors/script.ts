import { type Canary, type Vector, vectorsOf } from "./vector.ts";

const element = (tag: string, set: string, where = "body"): string =>
  `{ const e = document.createElement("${tag}"); ${set}; document.${where}.append(e); }`;
const rtc = (server: string): string =>
  `{ const p = new RTCPeerConnection({ iceServers: [${server}] }); p.createDataChannel("x"); p.createOffer().then((o) => p.setLocalDescription(o)); }`;
const inFrame = (markup: string): string =>
  `<base href=x:><link rel=preconnect href=${markup}><img src=${markup}>`;

/** What a page's script can try. At Safest nothing of it runs. */
const SCRIPTS: Readonly<Record<string, (canary: Canary) => string>> = {
  "js-fetch": ({ url }) => `fetch("${url}").catch(() => {});`,
  "js-fetch-no-cors": ({ url }) => `fetch("${url}", { mode: "no-cors" }).catch(() => {});`,
  "js-fetch-keepalive": ({ url }) =>
    `fetch("${url}", { keepalive: true, mode: "no-cors", method: "POST", body: "x" }).catch(() => {});`,
  "js-fetch-later": ({ url }) => `fetchLater("${url}", { activateAfter: 0 });`,
  "js-fetch-by-address": ({ address }) =>
    `fetch("http://${address}:9090/", { mode: "no-cors" }).catch(() => {});`,
  "js-fetch-by-address-6": ({ address6 }) =>
    `fetch("http://${address6}:9090/", { mode: "no-cors" }).catch(() => {});`,
  "js-websocket-by-address-6": ({ address6 }) => `new WebSocket("ws://${address6}:9090/");`,
  "js-location-by-address-6": ({ address6 }) => `location.href = "http://${address6}:9090/";`,
  "js-rtc-address-6": ({ address6 }) =>
    rtc(`{ urls: "turn:${address6}:3478?transport=tcp", username: "a", credential: "b" }`),
  "js-xhr": ({ url }) => `{ const x = new XMLHttpRequest(); x.open("GET", "${url}"); x.send(); }`,
  "js-xhr-sync": ({ url }) => `{ const x = new XMLHttpRequest(); x.open("GET", "${url}", false); x.send(); }`,
  "js-websocket": ({ host }) => `new WebSocket("ws://${host}:9090/");`,
  "js-websocket-stream": ({ host }) => `new WebSocketStream("ws://${host}:9090/");`,
  "js-eventsource": ({ url }) => `new EventSource("${url}");`,
  "js-beacon": ({ url }) => `navigator.sendBeacon("${url}", "x");`,
  "js-webtransport": ({ host }) => `new WebTransport("https://${host}:443/").ready.catch(() => {});`,
  "js-rtc-stun": ({ host }) => rtc(`{ urls: "stun:${host}:3478" }`),
  "js-rtc-turn": ({ host }) =>
    rtc(`{ urls: "turn:${host}:3478?transport=tcp", username: "a", credential: "b" }`),
  "js-rtc-turns": ({ host }) => rtc(`{ urls: "turns:${host}:443", username: "a", credential: "b" }`),
  "js-rtc-address": ({ address }) => rtc(`{ urls: "stun:${address}:3478" }`),
  "js-rtc-candidate": ({ address }) =>
    `{ const p = new RTCPeerConnection(), q = new RTCPeerConnection(); p.createDataChannel("x"); p.createOffer().then(async (o) => { await p.setLocalDescription(o); await q.setRemoteDescription(o); const a = await q.createAnswer(); await q.setLocalDescription(a); await p.setRemoteDescription(a); await p.addIceCandidate({ candidate: "candidate:1 1 udp 99 ${address} 3478 typ host", sdpMid: "0" }); }); }`,
  "js-image": ({ url }) => `new Image().src = "${url}";`,
  "js-audio": ({ url }) => `new Audio("${url}").load();`,
  "js-video": ({ url }) => element("video", `e.src = "${url}"; e.load()`),
  "js-preconnect": ({ url }) => element("link", `e.rel = "preconnect"; e.href = "${url}"`, "head"),
  "js-dns-prefetch": ({ url }) => element("link", `e.rel = "dns-prefetch"; e.href = "${url}"`, "head"),
  "js-prefetch": ({ url }) => element("link", `e.rel = "prefetch"; e.href = "${url}"`, "head"),
  "js-prerender": ({ url }) =>
    element(
      "script",
      `e.type = "speculationrules"; e.textContent = JSON.stringify({ prerender: [{ urls: ["${url}"] }], prefetch: [{ urls: ["${url}"] }] })`,
      "head",
    ),
  "js-stylesheet": ({ url }) => element("link", `e.rel = "stylesheet"; e.href = "${url}"`, "head"),
  "js-sheet-object": ({ url }) =>
    `{ const s = new CSSStyleSheet(); s.replaceSync("body { background: url(${url}) }"); document.adoptedStyleSheets = [s]; }`,
  "js-style-property": ({ url }) => `document.body.style.background = "url(${url})";`,
  "js-inner-html": ({ url }) => `document.body.insertAdjacentHTML("beforeend", "<img src='${url}'>");`,
  "js-set-html-unsafe": ({ url }) =>
    `document.body.setHTMLUnsafe("<div><template shadowrootmode=open><img src='${url}'></template></div>");`,
  "js-document-write": ({ url }) => `document.write("<img src='${url}'>");`,
  "js-dom-parser": ({ url }) =>
    `document.body.append(document.adoptNode(new DOMParser().parseFromString("<img src='${url}'>", "text/html").body.firstChild));`,
  "js-iframe": ({ url }) => element("iframe", `e.src = "${url}"`),
  "js-blank-realm": ({ url }) =>
    `{ const f = document.createElement("iframe"); document.body.append(f); f.contentWindow.fetch("${url}").catch(() => {}); }`,
  "js-blank-preconnect": ({ url }) =>
    `{ const f = document.createElement("iframe"); document.body.append(f); f.contentDocument.head.innerHTML = "<link rel=preconnect href='${url}'>"; }`,
  "js-srcdoc": ({ url }) => element("iframe", `e.srcdoc = "${inFrame(url)}"`),
  "js-srcdoc-sandboxed": ({ url, host }) =>
    element(
      "iframe",
      `e.sandbox = "allow-scripts"; e.srcdoc = "<script>fetch('${url}').catch(() => {}); new WebSocket('ws://${host}:9090/')<\\/script>"`,
    ),
  "js-data-frame": ({ url }) =>
    element(
      "iframe",
      `e.src = "data:text/html,${inFrame(url)}<script>fetch('${url}').catch(() => {})<\\/script>"`,
    ),
  "js-blob-frame": ({ url }) =>
    element("iframe", `e.src = URL.createObjectURL(new Blob(["${inFrame(url)}"], { type: "text/html" }))`),
  "js-blob-svg": ({ url }) =>
    element(
      "iframe",
      `e.src = URL.createObjectURL(new Blob(["<svg xmlns='http://www.w3.org/2000/svg'><image href='${url}'/></svg>"], { type: "image/svg+xml" }))`,
    ),
  "js-script-url-frame": ({ url }) => element("iframe", `e.src = "javascript:fetch('${url}')"`),
  "js-object": ({ url }) => element("object", `e.data = "${url}"`),
  "js-embed": ({ url }) => element("embed", `e.src = "${url}"`),
  "js-fenced": ({ url }) => element("fencedframe", `e.config = new FencedFrameConfig("${url}")`),
  "js-worker": ({ url, host }) =>
    `new Worker(URL.createObjectURL(new Blob(["fetch('${url}').catch(()=>{});try{new WebSocket('ws://${host}:9090/')}catch{};try{new WebTransport('https://${host}:443/')}catch{}"])));`,
  "js-worker-import": ({ url }) => `new Worker(URL.createObjectURL(new Blob(["importScripts('${url}')"])));`,
  "js-worker-module": ({ url }) =>
    `new Worker(URL.createObjectURL(new Blob(["import '${url}'"], { type: "text/javascript" })), { type: "module" });`,
  "js-worker-data": ({ url }) => `new Worker("data:text/javascript,fetch('${url}')");`,
  "js-shared-worker": ({ url }) =>
    `new SharedWorker(URL.createObjectURL(new Blob(["fetch('${url}').catch(()=>{})"])));`,
  "js-worklet": ({ url }) => `new AudioContext().audioWorklet.addModule("${url}").catch(() => {});`,
  "js-paint-worklet": ({ url }) => `CSS.paintWorklet.addModule("${url}").catch(() => {});`,
  "js-service-worker": ({ url }) => `navigator.serviceWorker.register("${url}").catch(() => {});`,
  "js-shared-storage": ({ secure }) => `sharedStorage.worklet.addModule("${secure}").catch(() => {});`,
  "js-import": ({ url }) => `import("${url}").catch(() => {});`,
  "js-import-json": ({ url }) => `import("${url}", { with: { type: "json" } }).catch(() => {});`,
  "js-script-element": ({ url }) => element("script", `e.src = "${url}"`, "head"),
  "js-font-face": ({ url }) => `new FontFace("x", "url(${url})").load().catch(() => {});`,
  "js-cache-add": ({ url }) => `caches.open("x").then((c) => c.add("${url}"));`,
  "js-background-fetch": ({ url }) =>
    `navigator.serviceWorker.ready.then((r) => r.backgroundFetch.fetch("x", ["${url}"]));`,
  "js-payment": ({ host }) =>
    `new PaymentRequest([{ supportedMethods: "https://${host}/pay" }], { total: { label: "x", amount: { currency: "USD", value: "1" } } }).canMakePayment().catch(() => {});`,
  "js-fedcm": ({ host }) =>
    `navigator.credentials.get({ identity: { providers: [{ configURL: "https://${host}/fedcm.json", clientId: "x" }] } }).catch(() => {});`,
  "js-attribution": ({ url }) => element("img", `e.attributionSrc = "${url}"; e.src = "data:,"`),
  "js-meta-refresh": ({ url }) =>
    element("meta", `e.httpEquiv = "refresh"; e.content = "0;url=${url}"`, "head"),
  "js-meta-csp-report": ({ url }) =>
    `${element("meta", `e.httpEquiv = "Content-Security-Policy"; e.content = "img-src 'none'; report-uri ${url}"`, "head")} new Image().src = "x";`,
  "js-location": ({ url }) => `location.href = "${url}";`,
  "js-location-replace": ({ url }) => `location.replace("${url}");`,
  "js-location-assign-later": ({ url }) => `setTimeout(() => location.assign("${url}"), 50);`,
  "js-navigation": ({ url }) => `navigation.navigate("${url}");`,
  "js-click": ({ url }) => element("a", `e.href = "${url}"; setTimeout(() => e.click())`),
  "js-click-download": ({ url }) =>
    element("a", `e.href = "${url}"; e.download = "x"; setTimeout(() => e.click())`),
  "js-click-ping": ({ url }) => element("a", `e.href = "#x"; e.ping = "${url}"; setTimeout(() => e.click())`),
  "js-form": ({ url }) =>
    element("form", `e.action = "${url}"; e.method = "post"; setTimeout(() => e.submit())`),
  "js-form-request": ({ url }) => element("form", `e.action = "${url}"; setTimeout(() => e.requestSubmit())`),
  "js-notification": ({ url }) => `new Notification("x", { icon: "${url}", image: "${url}" });`,
  "js-media-session": ({ url }) =>
    `navigator.mediaSession.metadata = new MediaMetadata({ title: "x", artwork: [{ src: "${url}" }] });`,
  "js-import-map": ({ url }) =>
    `${element("script", `e.type = "importmap"; e.textContent = JSON.stringify({ imports: { "leak-x": "${url}" } })`, "head")} import("leak-x").catch(() => {});`,
  "js-topics": ({ url }) =>
    `fetch("${url}", { browsingTopics: true, mode: "no-cors" }).catch(() => {}); document.browsingTopics?.().catch(() => {});`,
  "js-ad-auction": ({ host }) =>
    `navigator.joinAdInterestGroup({ owner: "https://${host}", name: "x", biddingLogicURL: "https://${host}/b.js" }, 99).catch(() => {});`,
  "js-trust-token": ({ secure }) =>
    `fetch("${secure}", { privateToken: { version: 1, operation: "token-request" } }).catch(() => {});`,
  "js-reporting": ({ url }) =>
    `document.head.insertAdjacentHTML("beforeend", "<meta http-equiv=reporting-endpoints content='x=&quot;${url}&quot;'>");`,
  "js-xslt": ({ url }) =>
    `{ const p = new XSLTProcessor(); const d = new DOMParser(); p.importStylesheet(d.parseFromString("<x:stylesheet version='1.0' xmlns:x='http://www.w3.org/1999/XSL/Transform'><x:template match='/'><x:copy-of select=\\"document('${url}')\\"/></x:template></x:stylesheet>", "text/xml")); p.transformToFragment(d.parseFromString("<a/>", "text/xml"), document); }`,
};

/** What browsers let scripts do only after a click: to open windows, and to leave for the windows around the page. */
const CLICKED: Readonly<Record<string, (canary: Canary) => string>> = {
  "js-open": ({ url }) => `window.open("${url}")`,
  "js-open-noopener": ({ url }) => `window.open("${url}", "_blank", "noopener")`,
  "js-open-then-leave": ({ url }) => `window.open("about:blank").location = "${url}"`,
  "js-window-attribution": ({ url }) => `window.open("about:blank", "_blank", "attributionsrc=${url}")`,
  "js-click-blank": ({ url }) =>
    `Object.assign(document.createElement("a"), { href: "${url}", target: "_blank" }).click()`,
};
const AROUND: Readonly<Record<string, (canary: Canary) => string>> = {
  "js-top-location": ({ url }) => `top.location.href = "${url}"`,
  "js-parent-location": ({ url }) => `parent.location = "${url}"`,
};

export const asPage =
  (script: (canary: Canary) => string) =>
  (canary: Canary): string =>
    `<body><p>text</p><script>try { ${script(canary)} } catch {}</script>`;

const pages = (scripts: typeof SCRIPTS): Readonly<Record<string, Vector["html"]>> =>
  Object.fromEntries(Object.entries(scripts).map(([name, script]) => [name, asPage(script)]));

const buttons = (scripts: typeof SCRIPTS): Readonly<Record<string, Vector["html"]>> =>
  Object.fromEntries(
    Object.entries(scripts).map(([name, script]) => [
      name,
      (canary) => `<button id="go" onclick='${script(canary)}'>go</button>`,
    ]),
  );

export const SCRIPT: readonly Vector[] = [
  ...vectorsOf("script", pages(SCRIPTS)),
  ...vectorsOf("script", buttons(CLICKED), { clicked: true }),
  ...vectorsOf("script", buttons(AROUND), { clicked: true, alone: true }),
];
