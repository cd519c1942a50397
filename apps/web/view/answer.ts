import type { ViewRequestMessage } from "@tabor/browsing/view";
import { bootsOf } from "./boots.ts";
import { Question, type Answered } from "./question.ts";
import { levelOf, walled } from "./walls.ts";
import type { Clients, FetchEvent, ViewClient } from "./worker-types.ts";

const TOKEN_PATH = /^\/~v\/[A-Za-z0-9_-]+$/;
/** Statuses whose responses have no body (Fetch, "null body status"). */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

/** Never fails: whatever stands in the way is a response that says so, and shows nothing of the site. */
export async function answerOf(event: FetchEvent, clients: Clients): Promise<Response> {
  try {
    return await ask(event, clients);
  } catch {
    return refusal(
      event.request,
      502,
      "Tabor's app did not answer. Reload the page; if that does not help, the app.",
    );
  }
}

async function ask(event: FetchEvent, clients: Clients): Promise<Response> {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin || !isAnswered(url))
    return refusal(request, 404, "There is nothing here.");
  // In a window of its own a page would be outside of the app: without its frame, and without its address.
  if (request.destination === "document") return refusal(request, 403, "Open this in Tabor's app.");
  const body = hasBody(request) ? await request.blob() : undefined;
  const message = messageOf(event, body);
  const boots = await bootsOf(clients);
  const question = await firstOf(boots, (boot) => new Question(boot, message, body));
  if (question === undefined)
    return refusal(request, 404, "Tabor's app does not know this page any more. Open it anew.");
  request.signal.addEventListener("abort", () => {
    question.withdraw();
  });
  return responseOf(await question.answer(), request);
}

/** At Safest all addresses are tokens. */
function isAnswered({ pathname }: URL): boolean {
  return levelOf(location) === "standard" || TOKEN_PATH.test(pathname);
}

function hasBody({ method }: Request): boolean {
  return method !== "GET" && method !== "HEAD";
}

function messageOf(
  { request, clientId, resultingClientId }: FetchEvent,
  body: Blob | undefined,
): ViewRequestMessage {
  const { method, destination, headers, mode, credentials, redirect, cache, isHistoryNavigation } = request;
  return {
    ...{ type: "view-request", path: pathOf(request.url), method, destination, mode, credentials, redirect },
    ...{ fragment: new URL(request.url).hash, fields: [...headers] },
    ...{ client: clientId, resultingClient: resultingClientId },
    reload: cache === "reload" || cache === "no-cache",
    traversed: isHistoryNavigation ?? false,
    ...(body === undefined ? {} : { bodyLength: body.size }),
  };
}

/** Path and query; unlike `URL.search`, tells an empty query from none. */
function pathOf(url: string): string {
  const [withoutFragment = ""] = url.split("#");
  return withoutFragment.slice(new URL(url).origin.length);
}

/** Asks all of them; the one whose engine knows the token answers, the others are told that it is over. */
async function firstOf(
  boots: readonly ViewClient[],
  question: (boot: ViewClient) => Question,
): Promise<Question | undefined> {
  const questions = boots.map(question);
  const taken = await Promise.any(questions.map((asked) => asked.taken)).catch(() => undefined);
  for (const asked of questions) if (asked !== taken) asked.withdraw();
  return taken;
}

function responseOf(
  { message: { status, headers, hasBody: isFull }, body }: Answered,
  request: Request,
): Response {
  return walled(isFull && !BODILESS.has(status) ? body : null, { status, headers }, location, request);
}

/** For documents a sentence, for everything else what browsers make of a failed request. */
function refusal(request: Request, status: number, sentence: string): Response {
  const { destination } = request;
  if (destination !== "iframe" && destination !== "document") return Response.error();
  const headers = [["Content-Type", "text/plain; charset=utf-8"]] as const;
  return walled(`${sentence}\n`, { status, headers }, location, request);
}
