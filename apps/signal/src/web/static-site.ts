import { existsSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import sirv from "sirv";
import { answerText } from "./answer.ts";

export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;
/** Answers, or says that it does not. */
export type DocumentListener = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface StaticSiteOptions {
  /** Vite's output; without one, or before it is built, people are told so. */
  readonly folder: string | undefined;
  /** A file that is always there: "index.html". */
  readonly page: string;
  /** Where the files are that never change: Vite puts a hash of their content in their names. */
  readonly hashed: string;
}

/** What Vite built. Its files are listed once, at the start: only these names exist, whatever a path says. */
export function staticSite({ folder, page, hashed }: StaticSiteOptions): RequestListener {
  if (folder === undefined || !existsSync(join(folder, page))) return answerNotBuilt;
  const serve = sirv(folder, { etag: true, setHeaders: setCaching(hashed) });
  return (request, response) => {
    serve(request, response, () => {
      answerText(response, 404, "There is nothing at this address.");
    });
  };
}

/** What is not hashed is asked for again each time. */
function setCaching(hashed: string): (response: ServerResponse, pathname: string) => void {
  return (response, pathname) => {
    const isHashed = pathname.startsWith(hashed);
    response.setHeader("Cache-Control", isHashed ? "public, max-age=31536000, immutable" : "no-cache");
  };
}

function answerNotBuilt(_request: IncomingMessage, response: ServerResponse): void {
  answerText(
    response,
    503,
    "The directory is running, but the web app is not there: build it with `npm run build`, then start again.",
  );
}
