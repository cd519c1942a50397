import { createHash } from "node:crypto";
import { WebSocketServer } from "ws";
import { html, notFound, page, send } from "../content/replies.ts";
import { type Answer, type Host, web } from "../network/host.ts";

/** An application of one page: modules, fetch, XHR, WebSocket, workers, history, and all kinds of storage. */

const OPEN = { "access-control-allow-origin": "*" };

export function applicationSite(): Host[] {
  const sockets = new WebSocketServer({ noServer: true });
  sockets.on("connection", (socket) => {
    socket.on("error", () => undefined);
    socket.on("message", (data, binary) => {
      const bytes = Buffer.from(data as Buffer);
      socket.send(binary ? createHash("sha256").update(bytes).digest() : `echo ${bytes.toString()}`);
    });
  });
  return [
    web("app.test", answerApplication(), {
      upgrade: (request, socket, head) =>
        sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit("connection", opened, request)),
    }),
    web("modules.test", answerModules),
    web("api.test", answerApi),
  ];
}

function answerApplication(): Answer {
  return (exchange) => {
    const { pathname } = exchange.url;
    const module = MODULES[pathname];
    if (module !== undefined) return send(exchange, "text/javascript", module);
    if (pathname === "/api/list")
      return send(exchange, "application/json", JSON.stringify(["hay", "oats", "corn"]));
    if (pathname === "/api/echo") {
      const { headers, body, method } = exchange.visit;
      const type = headers["content-type"] ?? "";
      return send(
        exchange,
        "application/json",
        JSON.stringify({ method, type, body: body.toString(), cookie: headers["cookie"] ?? "" }),
      );
    }
    // Every other path is the application's own: it looks at the address itself.
    return html(exchange, SHELL);
  };
}

const SHELL = page(
  "Farm App",
  `<h1>Farm App</h1><p id="route"></p><nav><a href="/fields">Fields</a> <a href="/barn">Barn</a></nav><ul id="results"></ul><noscript>Needs scripts.</noscript>`,
  `<script type="module" src="/js/main.js"></script>`,
);

/** Each check of the application reports itself as `<li id="…">`, with "ok" or what went wrong. */
const MODULES: Readonly<Record<string, string>> = {
  "/js/report.js": `export const results = document.querySelector("#results");
    export async function check(id, run) {
      const item = document.createElement("li"); item.id = id; results.append(item);
      try { item.textContent = (await run()) === true ? "ok" : "wrong"; } catch (error) { item.textContent = String(error); }
    }`,
  "/js/main.js": `import { check } from "./report.js";
    import { double } from "https://modules.test/double.js";
    import { route } from "./route.js";
    route();
    check("module", () => double(21) === 42);
    check("dynamic", async () => (await import("./late.js")).late === "late");
    check("fetch", async () => (await (await fetch("/api/list")).json()).length === 3);
    check("fetch-post", async () => (await (await fetch("api/echo", { method: "POST", body: JSON.stringify({ a: 1 }), headers: { "content-type": "application/json" } })).json()).body === '{"a":1}');
    check("fetch-cross", async () => (await (await fetch("https://api.test/public")).json()).open === true);
    check("fetch-cross-refused", async () => fetch("https://api.test/private").then(() => false, (error) => error instanceof TypeError));
    check("fetch-preflight", async () => (await (await fetch("https://api.test/preflight", { method: "PUT", headers: { "x-farm": "1" } })).json()).method === "PUT");
    check("xhr", () => new Promise((resolve, reject) => { const x = new XMLHttpRequest(); x.open("POST", "/api/echo"); x.responseType = "json"; x.onload = () => resolve(x.status === 200 && x.response.body === "hello"); x.onerror = () => reject(new Error("xhr failed")); x.send("hello"); }));
    check("websocket", () => new Promise((resolve, reject) => { const s = new WebSocket("wss://app.test/socket"); s.onopen = () => s.send("hi"); s.onmessage = ({ data }) => { resolve(data === "echo hi"); s.close(); }; s.onerror = () => reject(new Error("socket failed")); }));
    check("websocket-binary", () => new Promise((resolve, reject) => { const s = new WebSocket("wss://app.test/socket"); s.binaryType = "arraybuffer"; s.onopen = () => s.send(new Uint8Array(70000)); s.onmessage = ({ data }) => { resolve(data.byteLength === 32); s.close(); }; s.onerror = () => reject(new Error("socket failed")); }));
    check("local-storage", () => { localStorage.setItem("visits", String(Number(localStorage.getItem("visits")) + 1)); return Number(localStorage.getItem("visits")) > 0; });
    check("session-storage", () => { sessionStorage.setItem("key", "value"); return sessionStorage.getItem("key") === "value"; });
    check("cookie", async () => { document.cookie = "fruit=apple; path=/"; return document.cookie.includes("fruit=apple") && (await (await fetch("/api/echo")).json()).cookie.includes("fruit=apple"); });
    check("indexed-db", () => new Promise((resolve, reject) => { const open = indexedDB.open("farm", 1); open.onupgradeneeded = () => open.result.createObjectStore("animals"); open.onerror = () => reject(open.error); open.onsuccess = () => { const t = open.result.transaction("animals", "readwrite"); t.objectStore("animals").put("goat", 1); const get = t.objectStore("animals").get(1); t.oncomplete = () => { resolve(get.result === "goat"); open.result.close(); }; }; }));
    check("worker", () => new Promise((resolve, reject) => { const w = new Worker("/js/worker.js"); w.onmessage = ({ data }) => resolve(data === 3); w.onerror = () => reject(new Error("worker failed")); w.postMessage("count"); }));
    check("blob-image", () => new Promise((resolve) => { const canvas = document.createElement("canvas"); canvas.toBlob((blob) => { const image = new Image(); image.onload = () => resolve(true); image.onerror = () => resolve(false); image.src = URL.createObjectURL(blob); }); }));
    check("location", () => location.pathname.startsWith("/") && new URL("x", document.baseURI).pathname.endsWith("/x"));`,
  "/js/late.js": `export const late = "late";`,
  "/js/route.js": `export function route() {
      const show = () => { document.querySelector("#route").textContent = "You are at " + location.pathname; };
      addEventListener("popstate", show);
      document.querySelector("nav").addEventListener("click", (event) => { event.preventDefault(); history.pushState({}, "", event.target.getAttribute("href")); show(); });
      show();
    }`,
  "/js/worker.js": `onmessage = async () => { postMessage((await (await fetch("/api/list")).json()).length); };`,
};

const SHARED_MODULES: Readonly<Record<string, string>> = {
  "/double.js": `import { times } from "./times.js"; export const double = (n) => times(n, 2);`,
  "/times.js": `export const times = (a, b) => a * b;`,
};

const answerModules: Answer = (exchange) => {
  const module = SHARED_MODULES[exchange.url.pathname];
  if (module === undefined) return notFound(exchange);
  send(exchange, "text/javascript", module, { headers: OPEN });
};

const answerApi: Answer = (exchange) => {
  const { method } = exchange.visit;
  switch (exchange.url.pathname) {
    case "/public":
      return send(exchange, "application/json", '{"open":true}', { headers: OPEN });
    case "/private":
      return send(exchange, "application/json", '{"secret":true}');
    case "/preflight": {
      const allowed = {
        ...OPEN,
        "access-control-allow-methods": "PUT",
        "access-control-allow-headers": "x-farm",
      };
      if (method === "OPTIONS") return void exchange.response.writeHead(204, allowed).end();
      return send(exchange, "application/json", JSON.stringify({ method }), { headers: OPEN });
    }
    default:
      return notFound(exchange);
  }
};
