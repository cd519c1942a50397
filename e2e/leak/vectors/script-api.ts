import { asPage } from "./script.ts";
import { type Canary, type Vector, vectorsOf } from "./vector.ts";

const peer = (config: string, then: string): string =>
  `{ const p = new RTCPeerConnection(${config}); ${then} }`;
const OFFER = `p.createDataChannel("x"); p.createOffer().then((o) => p.setLocalDescription(o));`;
const payment = (method: string, data: string): string =>
  `new PaymentRequest([{ supportedMethods: "${method}", data: ${data} }], { total: { label: "x", amount: { currency: "USD", value: "1" } } })`;

/** Interfaces by which a script can have the browser ask for something, other than those that everybody knows (script.ts). */
const SCRIPTS: Readonly<Record<string, (canary: Canary) => string>> = {
  "api-fetch-at-end": ({ url }) =>
    `addEventListener("pagehide", () => { navigator.sendBeacon("${url}", "x"); fetch("${url}", { keepalive: true, mode: "no-cors" }); }); setTimeout(() => location = "about:blank", 50);`,
  "api-fetch-local-network": ({ url }) =>
    `fetch("${url}", { mode: "no-cors", targetAddressSpace: "loopback" }).catch(() => {});`,
  "api-fetch-stream": ({ secure }) =>
    `fetch("${secure}", { method: "POST", duplex: "half", body: new ReadableStream() }).catch(() => {});`,
  "api-inner-html-apart": ({ url }) => `document.createElement("div").innerHTML = "<img src='${url}'>";`,
  "api-fragment": ({ url }) =>
    `document.body.append(document.createRange().createContextualFragment("<img src='${url}'>"));`,
  "api-parse-unsafe": ({ url }) =>
    `document.body.append(document.adoptNode(Document.parseHTMLUnsafe("<link rel=preconnect href='${url}'>").head.firstChild));`,
  "api-set-html": ({ url }) => `document.body.setHTML("<img src='${url}'>", { sanitizer: {} });`,
  "api-clone": ({ url }) =>
    `{ const t = document.createElement("template"); t.innerHTML = "<img src='${url}'>"; document.body.append(document.importNode(t.content, true)); }`,
  "api-attribute-node": ({ url }) =>
    `{ const a = document.createAttribute("src"); a.value = "${url}"; new Image().setAttributeNode(a); }`,
  "api-named-node-map": ({ url }) =>
    `{ const i = document.createElement("img"); i.setAttribute("src", "data:,"); i.attributes.src.nodeValue = "${url}"; }`,
  "api-xml-document": ({ url }) =>
    `{ const d = new DOMParser().parseFromString("<img xmlns='http://www.w3.org/1999/xhtml' src='${url}'/>", "application/xhtml+xml"); document.body.append(d.documentElement); }`,
  "api-svg-animated": ({ url }) =>
    `{ const s = document.createElementNS("http://www.w3.org/2000/svg", "image"); s.href.baseVal = "${url}"; const g = document.createElementNS("http://www.w3.org/2000/svg", "svg"); g.append(s); document.body.append(g); }`,
  "api-insert-rule": ({ url }) =>
    `{ const s = document.head.appendChild(document.createElement("style")); s.sheet.insertRule("@import '${url}'"); }`,
  "api-typed-style": ({ url }) =>
    `document.body.attributeStyleMap.set("background-image", CSSStyleValue.parse("background-image", "url(${url})"));`,
  "api-animate": ({ url }) =>
    `document.body.animate([{ backgroundImage: "url(${url})" }, { backgroundImage: "url(${url})" }], 999);`,
  "api-register-property": ({ url }) =>
    `CSS.registerProperty({ name: "--u", syntax: "<url>", inherits: true, initialValue: "url(${url})" }); document.body.style.background = "var(--u)";`,
  "api-fonts-load": ({ url }) =>
    `document.head.appendChild(document.createElement("style")).textContent = "@font-face { font-family: x; src: url(${url}) }"; document.fonts.load("9px x");`,
  "api-import-style": ({ url }) => `import("${url}", { with: { type: "css" } }).catch(() => {});`,
  "api-module-element": ({ url }) =>
    `{ const s = document.createElement("script"); s.type = "module"; s.textContent = "import '${url}'"; document.head.append(s); }`,
  "api-module-preload": ({ url }) =>
    `{ const l = document.createElement("link"); l.rel = "modulepreload"; l.href = "${url}"; document.head.append(l); }`,
  "api-eval": ({ url }) =>
    `(0, eval)("fetch('${url}')"); setTimeout("fetch('${url}')"); new Function("fetch('${url}')")();`,
  "api-constructor": ({ url }) => `(async () => {}).constructor("await import('${url}')")().catch(() => {});`,
  "api-media-source": ({ url }) =>
    `{ const v = document.createElement("video"); const s = document.createElement("source"); s.src = "${url}"; v.append(s); v.load(); }`,
  "api-playlist": ({ url }) =>
    `{ const v = document.createElement("video"); v.muted = v.autoplay = true; v.src = URL.createObjectURL(new Blob(["#EXTM3U\\n#EXT-X-TARGETDURATION:9\\n#EXTINF:9,\\n${url}\\n#EXT-X-ENDLIST\\n"], { type: "application/vnd.apple.mpegurl" })); document.body.append(v); }`,
  "api-peer-pool": ({ host }) =>
    peer(`{ iceServers: [{ urls: "stun:${host}:3478" }], iceCandidatePoolSize: 4 }`, OFFER),
  "api-peer-later": ({ host }) =>
    peer("", `p.setConfiguration({ iceServers: [{ urls: "stun:${host}:3478" }] }); ${OFFER}`),
  "api-peer-old-name": ({ host }) =>
    `{ const p = new webkitRTCPeerConnection({ iceServers: [{ urls: "stun:${host}:3478" }] }); ${OFFER} }`,
  "api-peer-udp-turn": ({ host }) =>
    peer(
      `{ iceServers: [{ urls: "turn:${host}:3478?transport=udp", username: "a", credential: "b" }], iceTransportPolicy: "relay" }`,
      OFFER,
    ),
  "api-peer-candidate-name": ({ host }) =>
    `{ const p = new RTCPeerConnection(), q = new RTCPeerConnection(); p.createDataChannel("x"); p.createOffer().then(async (o) => { await p.setLocalDescription(o); await q.setRemoteDescription(o); const a = await q.createAnswer(); await q.setLocalDescription(a); await p.setRemoteDescription(a); await p.addIceCandidate({ candidate: "candidate:1 1 udp 99 ${host} 3478 typ host", sdpMid: "0" }); await p.addIceCandidate({ candidate: "candidate:2 1 tcp 98 ${host} 9090 typ host tcptype passive", sdpMid: "0" }); }); }`,
  "api-transport-hash": ({ host }) =>
    `new WebTransport("https://${host}:443/", { serverCertificateHashes: [{ algorithm: "sha-256", value: new Uint8Array(32) }] }).ready.catch(() => {});`,
  "api-payment-icon": ({ url }) =>
    `${payment("secure-payment-confirmation", `{ credentialIds: [new Uint8Array(9)], challenge: new Uint8Array(9), rpId: "x.test", payeeName: "x", instrument: { displayName: "x", icon: "${url}" } }`)}.show().catch(() => {});`,
  "api-payment-manifest": ({ secure }) => `${payment(secure, "{}")}.hasEnrolledInstrument().catch(() => {});`,
  "api-identity-disconnect": ({ secure }) =>
    `IdentityCredential.disconnect({ configURL: "${secure}", clientId: "x", accountHint: "x" }).catch(() => {});`,
  "api-identity-user": ({ secure }) =>
    `IdentityProvider.getUserInfo({ configURL: "${secure}", clientId: "x" }).catch(() => {});`,
  "api-key-related": ({ host }) =>
    `navigator.credentials.get({ publicKey: { challenge: new Uint8Array(16), rpId: "${host}" } }).catch(() => {});`,
  "api-key-create": ({ host }) =>
    `navigator.credentials.create({ publicKey: { challenge: new Uint8Array(16), rp: { id: "${host}", name: "x" }, user: { id: new Uint8Array(9), name: "x", displayName: "x" }, pubKeyCredParams: [{ type: "public-key", alg: -7 }] } }).catch(() => {});`,
  "api-install": ({ secure }) => `navigator.install("${secure}").catch(() => {});`,
  "api-protocol-handler": ({ secure }) => `navigator.registerProtocolHandler("web+leak", "${secure}?%s");`,
  "api-share": ({ secure }) => `navigator.share({ url: "${secure}" }).catch(() => {});`,
  "api-presentation": ({ secure }) =>
    `new PresentationRequest("${secure}").getAvailability().catch(() => {});`,
  "api-remote-playback": ({ url }) =>
    `{ const v = document.createElement("video"); v.src = "${url}"; v.remote.watchAvailability(() => {}).catch(() => {}); }`,
  "api-direct-socket": ({ host }) => `new TCPSocket("${host}", 9090).opened.catch(() => {});`,
  "api-push": () =>
    `navigator.serviceWorker.ready.then((r) => r.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: new Uint8Array(65).fill(4, 0, 1) })).catch(() => {});`,
  "api-content-index": ({ url }) =>
    `navigator.serviceWorker.ready.then((r) => r.index.add({ id: "x", title: "x", url: "/", icons: [{ src: "${url}" }] })).catch(() => {});`,
  "api-storage-access": ({ secure }) => `document.requestStorageAccessFor("${secure}").catch(() => {});`,
  "api-domain": ({ url }) =>
    `try { document.domain = "leak.localhost"; } catch {} top.frames[0].fetch("${url}");`,
  "api-models": () =>
    `for (const name of ["LanguageModel", "Translator", "Summarizer"]) self[name]?.create({ sourceLanguage: "en", targetLanguage: "fr" }).catch(() => {});`,
  "api-speech": () =>
    `speechSynthesis.speak(new SpeechSynthesisUtterance("x")); { const r = new (self.SpeechRecognition ?? self.webkitSpeechRecognition)(); r.start(); }`,
  "api-place": () => `navigator.geolocation.getCurrentPosition(() => {}, () => {});`,
  "api-keys-system": () =>
    `navigator.requestMediaKeySystemAccess("com.widevine.alpha", [{ initDataTypes: ["cenc"], videoCapabilities: [{ contentType: "video/mp4; codecs=avc1" }] }]).catch(() => {});`,
  "api-console": ({ url }) => `console.log("%c x", "background: url(${url})"); console.table("${url}");`,
  "api-history": ({ url }) =>
    `{ const f = document.createElement("iframe"); document.body.append(f); f.contentWindow.location.replace("${url}"); setTimeout(() => history.go(0), 9); setTimeout(() => history.back(), 50); }`,
  "api-speculation-links": ({ url }) =>
    `document.body.insertAdjacentHTML("beforeend", "<a href='${url}'>x</a>"); document.head.append(Object.assign(document.createElement("script"), { type: "speculationrules", textContent: JSON.stringify({ prefetch: [{ where: { href_matches: "/*" }, eagerness: "immediate" }], prerender: [{ source: "document", eagerness: "immediate" }] }) }));`,
};

export const SCRIPT_API = vectorsOf(
  "script",
  Object.fromEntries(Object.entries(SCRIPTS).map(([name, script]) => [name, asPage(script)])),
).map((vector): Vector => (vector.name === "api-history" ? { ...vector, alone: true } : vector));
