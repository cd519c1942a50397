import { mediaTypeOf, type Fields } from "@tabor/http";
import { TaborError } from "@tabor/onion-core";
import type { HeaderList } from "../../view/headers.ts";
import { bounded } from "../bodies.ts";
import type { Rewriter } from "../ports.ts";
import { present, textAnswer, textOf } from "../present-part.ts";
import { answer, type ViewAnswer, type ViewRequest } from "../view-answer.ts";
import { isExposed } from "./cors.ts";
import type { Fetched, Unfollowed } from "./cross-fetch.ts";
import { NOWHERE } from "./label.ts";
import { presentWorker } from "./present-worker.ts";

const MAX_SCRIPT_BYTES = 16 << 20;
const MAX_SVG_BYTES = 8 << 20;
const MAX_FONT_BYTES = 32 << 20;

/** What a page gets of a part of it, at Standard. @throws malformed for what is something else; resource-limit. */
export async function presentAtStandard(
  fetched: Fetched,
  request: ViewRequest,
  rewriter: Rewriter,
): Promise<ViewAnswer> {
  const { response } = fetched;
  const { use } = request.content;
  if (use === "fetch") return presentFetch(fetched);
  if (use === "font") return presentFont(fetched);
  if (use === "script") return presentScript(fetched, request, rewriter);
  if (use === "worker") return presentWorker(await scriptOf(fetched, request, rewriter), request, response);
  if (use === "image" && mediaTypeOf(response.fields)?.essence === "image/svg+xml")
    return textAnswer("image/svg+xml", await svgOf(fetched, request, rewriter), response.status);
  return present(response, request, rewriter);
}

/** Fetch §2.2.6: an opaque answer is none that a script could read. */
function presentFetch({ response, tainting, withCredentials, isRedirected }: Fetched): ViewAnswer {
  if (tainting === "opaque") {
    response.close();
    return answer({ status: 200 });
  }
  const { fields, length, status, body } = response;
  const isShown = tainting === "basic" ? () => true : isExposed(fields, withCredentials);
  const headers: HeaderList = [
    ...[...fields].filter(([name]) => isShown(name) && !NOT_PASSED.test(name)),
    ...(length === undefined ? [] : [["content-length", String(length)] as const]),
  ];
  const shown = answer({ status, headers, body });
  return isRedirected ? { ...shown, movedTo: response.url } : shown;
}

/** For the page an "opaque-redirect filtered response" (Fetch §2.2.6): browsers make it of any redirect, and do not tell where it leads. */
export function presentUnfollowed({ redirect: { status } }: Unfollowed): ViewAnswer {
  return answer({ status, headers: [["Location", NOWHERE]] });
}

/** What is ours to say of the answer, speaks of a body that is decoded by now, or makes browsers do something. */
const NOT_PASSED =
  /^(?:accept-ch|alt-svc|clear-site-data|connection|connection-allowlist.*|content-(?:encoding|length|security-policy.*)|critical-ch|cross-origin-.*|keep-alive|nel|origin-(?:agent-cluster|trial)|permissions-policy.*|refresh|report(?:-to|ing-endpoints)|service-worker.*|set-cookie2?|sourcemap|speculation-rules|strict-transport-security|trailer|transfer-encoding|x-sourcemap)$/;

function presentFont({ response }: Fetched): ViewAnswer {
  const { fields, status, body } = response;
  const type = mediaTypeOf(fields)?.essence ?? "";
  const isFont = /^(?:font\/[a-z0-9.+-]+|application\/(?:(?:x-)?font-[a-z0-9.+-]+|vnd\.ms-fontobject))$/.test(
    type,
  );
  const headers = [["Content-Type", isFont ? type : "application/octet-stream"]] as const;
  return answer({ status, headers, body: bounded(body, MAX_FONT_BYTES) });
}

async function presentScript(
  fetched: Fetched,
  request: ViewRequest,
  rewriter: Rewriter,
): Promise<ViewAnswer> {
  return textAnswer("text/javascript", await scriptOf(fetched, request, rewriter), fetched.response.status);
}

/** With the addresses that it imports from minted. */
async function scriptOf({ response }: Fetched, request: ViewRequest, rewriter: Rewriter): Promise<string> {
  if (!isScriptType(response.fields, request.mode === "cors")) {
    response.close();
    throw new TaborError("malformed", "site", "not a script");
  }
  const text = await textOf(response, MAX_SCRIPT_BYTES);
  return rewriter.module(text, rewritingOf(response.url, request));
}

function svgOf({ response }: Fetched, request: ViewRequest, rewriter: Rewriter): Promise<string> {
  return textOf(response, MAX_SVG_BYTES).then((text) =>
    rewriter.xml(text, rewritingOf(response.url, request)),
  );
}

function rewritingOf(base: URL, { content, place }: ViewRequest): Parameters<Rewriter["module"]>[1] {
  const { tab, firstParty } = content;
  const asker = { tab, url: base, address: undefined, firstParty, isFrame: true };
  return { level: place.level, base, mint: (url, use) => place.mint(asker, url, use) };
}

/** HTML §8.1.3 for modules; of classic scripts Fetch §3.6 refuses what is surely something else. */
function isScriptType(fields: Fields, isModule: boolean): boolean {
  const type = mediaTypeOf(fields)?.essence ?? "";
  if (/^(?:text|application)\/(?:x-)?(?:java|ecma)script$|^text\/(?:jscript|livescript)$/.test(type))
    return true;
  return !isModule && !/^(?:audio|image|video)\/|^text\/csv$/.test(type);
}
