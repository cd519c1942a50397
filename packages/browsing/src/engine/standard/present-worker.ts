import type { FetchResponse } from "../../fetching/api.ts";
import { workerPrelude } from "../../page/index.ts";
import { bareUrl } from "../../view/http-url.ts";
import { textAnswer } from "../present-part.ts";
import type { ViewAnswer, ViewRequest } from "../view-answer.ts";
import { Label } from "./label.ts";

/** The first script of a worker, with the hooks before it on its first line. */
export function presentWorker(
  script: string,
  request: ViewRequest,
  { url, status }: FetchResponse,
): ViewAnswer {
  const { place, resultingClient } = request;
  if (!(place instanceof Label)) return textAnswer("text/javascript", script, status);
  const page = place.worker(resultingClient, request.content.tab, bareUrl(url));
  const config = place.configOf(page, place.initiator);
  const prelude = workerPrelude(config, isModule(script) ? "module" : "classic", place.viewOrigin);
  return textAnswer("text/javascript", prelude + script, status);
}

/** The browser does not tell which kind it asks for. A module without any import or export is taken for a classic script. */
function isModule(script: string): boolean {
  return /(?:^|[\n;}])\s*(?:import\s*(?:[\w*{]|["'])|export\s*(?:[{*]|default\b|const\b|let\b|var\b|function\b|class\b|async\b))/.test(
    script,
  );
}
