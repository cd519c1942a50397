import { protectiveHeaders, type HeaderList, type ViewRequestMessage } from "@tabor/browsing/view";
import { BOOT_PATH } from "./paths.ts";
import { Question, type Answered } from "./question.ts";
import type { FetchedRequest, ServiceWorkerScope, ViewClient } from "./worker-types.ts";

type Clients = ServiceWorkerScope["clients"];

const TOKEN_PATH = /^\/~v\/([A-Za-z0-9_-]+)$/;
/** Statuses whose responses have no body (Fetch, "null body status"). */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

/** Never fails: whatever stands in the way is a response that says so, and shows nothing of the site. */
export async function answerOf(request: FetchedRequest, clients: Clients): Promise<Response> {
  try {
    return await ask(request, clients);
  } catch {
    return refusal(
      request,
      502,
      "Tabor's app did not answer. Reload the page; if that does not help, the app.",
    );
  }
}

async function ask(request: FetchedRequest, clients: Clients): Promise<Response> {
  const url = new URL(request.url);
  const token = TOKEN_PATH.exec(url.pathname)?.[1];
  if (url.origin !== location.origin || token === undefined)
    return refusal(request, 404, "There is nothing here.");
  // In a window of its own a page would be outside of the app: without its frame, and without its address.
  if (request.destination === "document") return refusal(request, 403, "Open this in Tabor's app.");
  const body = request.method === "POST" ? await request.blob() : undefined;
  const message = messageOf(request, token, body);
  if (message === undefined) return refusal(request, 405, "Only GET and POST are answered here.");
  const boots = await clients.matchAll({ type: "window", includeUncontrolled: true });
  const question = await firstOf(boots.filter(isBoot), (boot) => new Question(boot, message, body));
  if (question === undefined)
    return refusal(request, 404, "Tabor's app does not know this page any more. Open it anew.");
  request.signal.addEventListener("abort", () => {
    question.withdraw();
  });
  return responseOf(await question.answer(), url);
}

function messageOf(
  request: FetchedRequest,
  token: string,
  body: Blob | undefined,
): ViewRequestMessage | undefined {
  const { method, destination, headers, cache, isHistoryNavigation } = request;
  if (method !== "GET" && method !== "POST") return undefined;
  const range = headers.get("range") ?? undefined;
  const contentType = headers.get("content-type") ?? undefined;
  return {
    type: "view-request",
    token,
    method,
    query: queryOf(request.url),
    fragment: new URL(request.url).hash,
    fields: {
      ...(range === undefined ? {} : { range }),
      ...(contentType === undefined ? {} : { contentType }),
    },
    destination,
    reload: cache === "reload" || cache === "no-cache",
    traversed: isHistoryNavigation,
    ...(body === undefined ? {} : { bodyLength: body.size }),
  };
}

/** Unlike `URL.search`, tells an empty query from none. */
function queryOf(url: string): string {
  const [withoutFragment = ""] = url.split("#");
  const at = withoutFragment.indexOf("?");
  return at < 0 ? "" : withoutFragment.slice(at);
}

/** Every window of the app has a boot page; pages of sites are below `/~v/`. */
function isBoot({ url }: ViewClient): boolean {
  return new URL(url).pathname === BOOT_PATH;
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

function responseOf({ message: { status, headers, hasBody }, body }: Answered, url: URL): Response {
  const response = new Response(hasBody && !BODILESS.has(status) ? body : null, { status, headers });
  const location = response.headers.get("location");
  // A response that was made here has no address that a relative one could be relative to.
  if (location !== null) response.headers.set("location", new URL(location, url).href);
  return response;
}

/** For documents a sentence, for everything else what browsers make of a failed request. */
function refusal({ destination }: Request, status: number, sentence: string): Response {
  if (destination !== "iframe" && destination !== "document") return Response.error();
  const own: HeaderList = [["Content-Type", "text/plain; charset=utf-8"]];
  const headers = [...protectiveHeaders("safest"), ...own].map(([name, value]): [string, string] => [
    name,
    value,
  ]);
  return new Response(`${sentence}\n`, { status, headers });
}
