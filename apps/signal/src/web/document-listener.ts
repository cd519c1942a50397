import type { ServerResponse } from "node:http";
import { CONSENSUS_PATH, VOTE_PATH } from "@tabor/signal-protocol";
import { RateLimiterMemory } from "rate-limiter-flexible";
import type { ConsensusHistory } from "../directory/consensus-history.ts";
import { answerText } from "./answer.ts";
import type { DocumentListener } from "./static-site.ts";

/** Documents that one address may have in 10 s: each may be large. */
const DOCUMENTS_PER_WINDOW = 60;
const WINDOW_SECONDS = 10;

/** `/tabor/consensus`, `/tabor/consensus/DIGEST`, `/tabor/vote/DIGEST`. */
const PATH = new RegExp(`^(${CONSENSUS_PATH}|${VOTE_PATH})(?:/([\\w-]{43}))?$`);

/** What the directory says, for anybody who wants to look into it (SPEC §9.1). @returns whether a request was for such a document. */
export function documentListener(
  history: Pick<ConsensusHistory, "newest" | "consensus" | "vote">,
): DocumentListener {
  const limiter = new RateLimiterMemory({ points: DOCUMENTS_PER_WINDOW, duration: WINDOW_SECONDS });
  return ({ method, url = "", socket }, response) => {
    const [, path, digest] = PATH.exec(url) ?? [];
    if (path === undefined || (method !== "GET" && method !== "HEAD")) return false;
    limiter.consume(socket.remoteAddress ?? "").then(
      () => {
        answer(response, path === VOTE_PATH ? history.vote(digest ?? "") : consensus(digest));
      },
      () => {
        answerText(response, 429, "Too many documents were asked for from this address. Try again in 10 s.");
      },
    );
    return true;
  };

  function consensus(digest: string | undefined): Uint8Array | undefined {
    return digest === undefined ? history.newest : history.consensus(digest);
  }
}

function answer(response: ServerResponse, document: Uint8Array | undefined): void {
  if (document === undefined) {
    answerText(response, 404, "This directory does not have that document, or no longer.");
    return;
  }
  response.writeHead(200, { "Content-Type": "application/octet-stream", "Cache-Control": "no-store" });
  response.end(document);
}
