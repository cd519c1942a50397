import { existsSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import sirv from "sirv";
import { answerText } from "./answer.ts";

export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

/** Vite puts what carries a hash of its content in its name here. */
const HASHED = "/assets/";

/**
 * The built web app. Its files are listed once, at the start: only these names exist, whatever a path says.
 * @param folder Vite's output; without one, or before it is built, people are told so.
 */
export function staticSite(folder: string | undefined): RequestListener {
  if (folder === undefined || !existsSync(join(folder, "index.html"))) return answerNotBuilt;
  const serve = sirv(folder, { etag: true, setHeaders: setCaching });
  return (request, response) => {
    serve(request, response, () => {
      answerText(response, 404, "There is nothing at this address.");
    });
  };
}

/** What has a hash in its name never changes; everything else is asked for again each time. */
function setCaching(response: ServerResponse, pathname: string): void {
  const isHashed = pathname.startsWith(HASHED);
  response.setHeader("Cache-Control", isHashed ? "public, max-age=31536000, immutable" : "no-cache");
}

function answerNotBuilt(_request: IncomingMessage, response: ServerResponse): void {
  answerText(
    response,
    503,
    "The directory is running, but the web app is not there: build it with `npm run build`, then start again.",
  );
}
