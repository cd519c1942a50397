/** What the directory answers over plain HTTP. */
import { createServer, request, type IncomingHttpHeaders } from "node:http";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Log, relayId, silentLog } from "@tabor/onion-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { requestListener } from "./request-listener.ts";

let folder: string;
let port: number;
const cleanups: (() => unknown)[] = [];
const asked: Readonly<Record<string, unknown>>[] = [];
const log: Log = { ...silentLog, debug: (_message, fields) => asked.push(fields ?? {}) };

const info = {
  authorities: [relayId(new Uint8Array(32).fill(3))],
  servers: [],
  iceServers: [{ urls: ["stun:s.example"] }],
};

async function serve(webFolder: string | undefined): Promise<void> {
  const allowedOrigins = new Set(["https://friend.example"]);
  const server = createServer(
    requestListener({
      info: () => info,
      servers: [],
      webFolder,
      site: "tabor.test",
      allowedOrigins,
      log,
    }),
  ).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  cleanups.push(() => {
    server.close();
    server.closeAllConnections();
  });
  ({ port } = server.address() as AddressInfo);
}

interface Reply {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Asks the app's origin. Unlike `fetch`, sends paths and headers as they are. */
function get(
  path: string,
  { method = "GET", headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const options = { method, headers: { Host: app(), ...headers } };
    const asking = request({ host: "127.0.0.1", port, path, ...options }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => (body += text));
      response.once("end", () => {
        resolve({ status: response.statusCode, headers: response.headers, body });
      });
    });
    asking.once("error", reject).end();
  });
}

const app = (): string => `app.tabor.test:${port}`;
const view = (): string => `view.tabor.test:${port}`;
const getView = (path: string): Promise<Reply> => get(path, { headers: { Host: view() } });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tabor-web-"));
  await mkdir(join(folder, "dist", "app", "assets"), { recursive: true });
  await mkdir(join(folder, "dist", "view"), { recursive: true });
  await writeFile(join(folder, "secret.txt"), "secret");
  await writeFile(join(folder, "dist", "app", "index.html"), "<!doctype html><title>app</title>");
  await writeFile(join(folder, "dist", "app", "assets", "app-1a2b.js"), "export {};");
  await writeFile(join(folder, "dist", "app", "assets", "main-fetch-exit-1a2b.js"), "export {};");
  await mkdir(join(folder, "dist", "view", "~a"));
  await writeFile(join(folder, "dist", "view", "~boot.html"), "<!doctype html><title>boot</title>");
  await writeFile(join(folder, "dist", "view", "~sw.js"), "self;");
  await writeFile(join(folder, "dist", "view", "~a", "hooks.js"), "hooks;");
  await serve(join(folder, "dist"));
});

afterEach(async () => {
  asked.length = 0;
  for (const cleanup of cleanups.splice(0)) cleanup();
  await rm(folder, { recursive: true });
});

describe("the web app", () => {
  it("is served: its page asked for anew each time, hashed files kept", async () => {
    const page = await get("/");
    expect([page.status, page.body, page.headers["cache-control"]]).toEqual([
      200,
      "<!doctype html><title>app</title>",
      "no-cache",
    ]);
    const script = await get("/assets/app-1a2b.js");
    expect(script.status).toBe(200);
    expect(script.headers["content-type"]).toMatch(/^text\/javascript/);
    expect(script.headers["cache-control"]).toContain("immutable");
  });

  it.each([
    "/../secret.txt",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/assets/../../secret.txt",
    "/assets/%2e%2e%2f%2e%2e%2fsecret.txt",
    "/..\\secret.txt",
    "//etc/passwd",
    "/%00",
    "/%",
    "/nothing",
    "/__proto__",
  ])("has nothing at %s", async (path) => {
    const reply = await get(path);
    expect(reply.status).toBe(404);
    expect(reply.body).not.toContain("secret");
  });

  it("answers GET and HEAD only", async () => {
    expect(await get("/", { method: "HEAD" })).toMatchObject({ status: 200, body: "" });
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      expect(await get("/", { method })).toMatchObject({ status: 405, headers: { allow: "GET, HEAD" } });
    }
  });

  it("that is not built gets a sentence", async () => {
    for (const missing of [undefined, join(folder, "nowhere")]) {
      await serve(missing);
      const reply = await get("/");
      expect(reply.status).toBe(503);
      expect(reply.body).toContain("npm run build");
    }
  });
});

describe("security headers", () => {
  it("are on every answer", async () => {
    for (const path of ["/", "/nothing", "/tabor.json"]) {
      const { headers } = await get(path);
      expect(String(headers["content-security-policy"]).split(";")).toEqual([
        "default-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "object-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        `connect-src 'self' ws://${app()} wss://${app()}`,
        `frame-src ${view()} *.${view()}`,
        "worker-src 'self'",
        "manifest-src 'self'",
        "frame-ancestors 'none'",
      ]);
      expect(headers).toMatchObject({
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-dns-prefetch-control": "off",
      });
      expect(headers["permissions-policy"]).toContain("camera=()");
      expect(headers).not.toHaveProperty("x-powered-by");
    }
  });

  it("take no policy from the Host header", async () => {
    for (const Host of ["evil.example; script-src *", "evil.example *", "*", "a,b"]) {
      const { headers } = await get("/", { headers: { Host } });
      expect(headers["content-security-policy"]).toContain("connect-src 'self' 'self' 'self'");
    }
    const { headers } = await get("/", { headers: { Host: "[::1]:8080" } });
    expect(headers["content-security-policy"]).toContain("ws://[::1]:8080 wss://[::1]:8080");
  });

  it("let workers of the app compile WebAssembly, and its page not", async () => {
    const policyOf = async (path: string) => String((await get(path)).headers["content-security-policy"]);
    expect(await policyOf("/assets/app-1a2b.js")).toContain("script-src 'self' 'wasm-unsafe-eval';");
    expect(await policyOf("/assets/app-1a2b.js")).not.toContain("https:");
    // Only the worker that fetches for others may connect to sites.
    expect(await policyOf("/assets/main-fetch-exit-1a2b.js")).toContain(" http: https:;");
    expect(await policyOf("/")).toContain("script-src 'self';");
  });
});

describe("the view", () => {
  it("is the boot page and the service worker, and nothing else", async () => {
    expect(await getView("/~boot")).toMatchObject({
      status: 200,
      body: "<!doctype html><title>boot</title>",
    });
    expect(await getView("/~sw.js")).toMatchObject({ status: 200, headers: { "cache-control": "no-cache" } });
    expect((await getView("/~a/hooks.js")).headers["cache-control"]).toContain("immutable");
    const others = ["/", "/index.html", "/sw.js", "/tabor.json", "/~v/abcdef", "/assets/app-1a2b.js"];
    for (const path of [...others, "/app/index.html", "/view/~sw.js"]) {
      expect((await getView(path)).status).toBe(404);
    }
  });

  it("writes down no path of a page, which may tell where its user is", async () => {
    for (const path of ["/~boot", "/account/alice?x", "/~v/abcdef", "/~a/..%2fsecret.js"])
      await getView(path);
    await get("/~p/abcdef", { method: "POST", headers: { Host: `a1b2.${view()}` } });
    expect(asked.map(({ method, path }) => [method, path])).toEqual([
      ["GET", "/~boot"],
      ["GET", "(a page's)"],
      ["GET", "(a token)"],
      ["GET", "(a page's)"],
      ["POST", "(a token)"],
    ]);
  });

  it("connects to nothing, and is framed by the app alone", async () => {
    for (const path of ["/~boot", "/~sw.js", "/~v/abcdef"]) {
      const { headers } = await getView(path);
      expect(String(headers["content-security-policy"]).split(";")).toEqual([
        "default-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "object-src 'none'",
        "script-src 'self'",
        "worker-src 'self'",
        "frame-src 'self'",
        `frame-ancestors ${app()}`,
      ]);
      expect(headers).toMatchObject({
        "connection-allowlist": "(response-origin)",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
      });
      expect(headers).not.toHaveProperty("x-frame-options");
    }
  });

  it("has the browser forget its cookies where the app asks for it, and nowhere else", async () => {
    const forgetting = await getView("/~forget");
    expect(forgetting).toMatchObject({ status: 200, headers: { "clear-site-data": '"cookies"' } });
    // By which the app sees that it came, and no page of the browser's own in its place.
    expect(forgetting.body).toContain("<iframe></iframe>");
    for (const reply of [await getView("/~boot"), await get("/~forget")])
      expect(reply.headers).not.toHaveProperty("clear-site-data");
  });

  it("has names below its own", async () => {
    const reply = await get("/~boot", { headers: { Host: `a1b2.${view()}` } });
    expect(reply.body).toContain("boot");
  });
});

describe("any other name", () => {
  it.each([
    "127.0.0.1",
    "localhost",
    "[::1]",
    "tabor.test",
    "xapp.tabor.test",
    "app.tabor.test.evil.example",
  ])("leads from %s to the app", async (name) => {
    const { status, headers } = await get("/some/path?x", { headers: { Host: `${name}:${port}` } });
    expect([status, headers.location]).toEqual([307, `//${app()}/some/path?x`]);
  });

  it("leads nowhere else", async () => {
    for (const path of ["//evil.example/", "/\\evil.example", "*"]) {
      const { headers } = await get(path, { headers: { Host: "localhost" } });
      expect(headers.location).toMatch(/^\/\/app\.tabor\.test\/[^/]*$/);
    }
    const { headers } = await get("/", { headers: { Host: "evil example:99" } });
    expect(headers.location).toBe("//app.tabor.test/");
  });

  it("still says what the network is", async () => {
    expect((await get("/tabor.json", { headers: { Host: "127.0.0.1" } })).status).toBe(200);
  });
});

describe("tabor.json", () => {
  it("says what the network is, and is never cached", async () => {
    const reply = await get("/tabor.json");
    expect(JSON.parse(reply.body)).toEqual(info);
    expect(reply.headers).toMatchObject({ "content-type": "application/json", "cache-control": "no-store" });
  });

  it("may be read by pages of allowed origins only", async () => {
    const friend = await get("/tabor.json", { headers: { Origin: "https://friend.example" } });
    expect(friend.headers["access-control-allow-origin"]).toBe("https://friend.example");
    const stranger = await get("/tabor.json", { headers: { Origin: "https://evil.example" } });
    expect(stranger.headers).not.toHaveProperty("access-control-allow-origin");
  });
});
