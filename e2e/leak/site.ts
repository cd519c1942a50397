import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { protectiveHeaders } from "@tabor/browsing/view";
import { rewriteCss, rewriteHtml, type Rewriting } from "@tabor/rewrite";
import { picture } from "../farm/content/pictures.ts";
import { VECTORS } from "./vectors/all.ts";
import type { Canary, Vector } from "./vectors/vector.ts";

/**
 * How pages are shown. `open`: as they are, in plain frames; it must leak, or the harness is blind. `policy`: as they are, with the
 * view's headers and sandbox. `rewritten`: rewritten, in the sandbox, without its headers. `safest`: all three.
 * `app`, `app-standard`: in Tabor's web app, through a network, at one level or the other.
 */
export const MODES = ["open", "policy", "rewritten", "safest", "app", "app-standard"] as const;
export type Mode = (typeof MODES)[number];
export type AppMode = Extract<Mode, "app" | "app-standard">;

/** What pages of the open web may in their frames: without it some vectors would end before they ask anybody. */
const PERMITTED = [
  "payment",
  "publickey-credentials-get",
  "publickey-credentials-create",
  "identity-credentials-get",
]
  .map((feature) => `${feature} *`)
  .join("; ");

/** Serves the vectors: as pages of an open web, and as a view that rewrites them. */
export class LeakSite {
  /** What frames asked the view for that is no token: an address that was not rewritten. */
  readonly strays: string[] = [];
  /** Vectors whose click led on, to where the view was asked for. */
  readonly followed = new Set<string>();
  /** Vectors of which the view was asked for a document. */
  readonly shown = new Set<string>();
  readonly port: number;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on("request", (request, response) => this.#answer(request, response));
  }

  static async start(): Promise<LeakSite> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new LeakSite(server);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** The address of a page with a frame for each of these. */
  shell(mode: Mode, run: string, vectors: readonly Vector[]): string {
    return `http://app.leak.localhost:${this.port}/${mode}/${run}?${vectors.map(({ name }) => name).join("&")}`;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, search } = new URL(request.url ?? "/", "http://site");
    const [, first = "", second = "", third = "", fourth = ""] = pathname.split("/");
    const host = request.headers.host ?? "";
    if (host.startsWith("app."))
      return this.#sendShell(response, first as Mode, second, search.slice(1).split("&"));
    const part = first === "~v" ? opened(fourth) : undefined;
    if (part !== undefined) return this.#sendPart(response, second as Mode, third, part);
    // Of a page that was opened in a tab of its own.
    if (pathname !== "/favicon.ico") this.strays.push(request.url ?? "");
    response.writeHead(404).end();
  }

  #sendShell(response: ServerResponse, mode: Mode, run: string, names: readonly string[]): void {
    const view = `http://view.leak.localhost:${this.port}`;
    const frames = names.map((name) => {
      const src = `${view}/~v/${mode}/${run}/${token({ use: "document", url: `https://${name}.site.test/dir/page` })}`;
      const kept =
        mode === "open"
          ? ` allow="${PERMITTED}"`
          : ' sandbox="allow-same-origin allow-forms" allow="" referrerpolicy="no-referrer"';
      return `<iframe name="${name}" src="${src}" width="300" height="200"${kept}></iframe>`;
    });
    response.writeHead(200, {
      "content-type": "text/html",
      ...(mode === "open" ? {} : { "content-security-policy": `default-src 'none'; frame-src ${view}` }),
    });
    response.end(`<!doctype html><meta charset="utf-8"><title>${mode}</title>${frames.join("")}`);
  }

  #sendPart(response: ServerResponse, mode: Mode, run: string, { use, url }: Part): void {
    const protective =
      mode === "open" || mode === "rewritten"
        ? {}
        : Object.fromEntries(protectiveHeaders("safest", `http://view.leak.localhost:${this.port}`));
    const rewriting: Rewriting = {
      level: "safest",
      base: new URL(url),
      mint: (to, kind) => `/~v/${mode}/${run}/${token({ use: kind, url: to.href })}`,
    };
    const rewrites = mode === "rewritten" || mode === "safest";
    const send = (
      type: string,
      body: string | Buffer,
      more: Readonly<Record<string, string>> = {},
      status = 200,
    ): void => void response.writeHead(status, { ...more, "content-type": type, ...protective }).end(body);
    if (use === "style") {
      const css = `body { background: url(${canaryOf("nested-style", run).url}) }`;
      return send("text/css", rewrites ? rewriteCss(css, rewriting) : css);
    }
    if (use === "image") return send("image/png", picture("leak", 2, 2));
    if (!["document", "frame", "form"].includes(use)) return void response.writeHead(404, protective).end();
    const page = this.#pageAt(url, run);
    // The engine passes on none of a site's own fields: they are seen in the open, and with the whole app.
    const own = mode === "open" ? page.headers : {};
    send(page.type, rewrites ? rewriteHtml(page.html, rewriting).html : page.html, own, page.status);
  }

  #pageAt(url: string, run: string): VectorPage {
    const vector = VECTORS.find(({ name }) => url.startsWith(`https://${name}.site.test/`));
    if (vector === undefined) {
      this.followed.add(new URL(url).hostname.split(".")[0] ?? "");
      return { type: HTML, status: 200, html: "<!doctype html><title>Elsewhere</title>", headers: {} };
    }
    this.shown.add(vector.name);
    return pageOf(vector, run);
  }
}

const HTML = "text/html; charset=utf-8";

export interface VectorPage {
  readonly type: string;
  readonly status: number;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function pageOf(vector: Vector, run: string): VectorPage {
  const canary = canaryOf(vector.name, run);
  const text = vector.html(canary);
  return {
    type: vector.type ?? HTML,
    status: vector.status ?? 200,
    html: vector.type === undefined ? `<!doctype html><html><title>${vector.name}</title>${text}` : text,
    headers: vector.headers?.(canary) ?? {},
  };
}

export function canaryOf(name: string, run: string): Canary {
  const at = VECTORS.findIndex((vector) => vector.name === name) + 1;
  const host = `${name}.${run}.leak.test`;
  const address = `10.99.${1 + (at >> 8)}.${at & 255}`;
  const address6 = `[fd99::${at.toString(16)}]`;
  return { host, address, address6, url: `http://${host}:9090/p`, secure: `https://${host}/p` };
}

interface Part {
  readonly use: string;
  readonly url: string;
}

function token(part: Part): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}

/** @returns undefined if we never gave it out. */
function opened(sealed: string): Part | undefined {
  try {
    return JSON.parse(Buffer.from(sealed, "base64url").toString()) as Part;
  } catch {
    return undefined;
  }
}
