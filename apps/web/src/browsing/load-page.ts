import {
  charsetOfText,
  contentKind,
  fileNameOf,
  get,
  peek,
  readUpTo,
  SNIFF_LENGTH,
  targetOf,
  type ContentKind,
  type GetOutcome,
  type HttpResponse,
} from "@tabor/http";
import { toTaborError, type Clock, type ClientStream } from "@tabor/onion-core";
import type { CleanDocument } from "../clean/document.ts";
import type { CleanableContent, PageCleaner } from "../clean/page-cleaner.ts";
import type { Network } from "../services/network.ts";
import { isCircuitLoss } from "./explain.ts";
import { untilReady } from "./until-ready.ts";
import type { DocumentPage, OfferPage, Page } from "./page.ts";
import { afterGetProgress, afterStreamProgress, STARTING, type LoadProgress } from "./progress.ts";

/** Bounds on what is held in memory to be shown; a longer page is cut and says so. */
const MAX_PAGE_BYTES = 8 << 20;
const MAX_IMAGE_BYTES = 16 << 20;
/** How often a page is asked for anew after its circuit was lost in the middle. */
const MAX_RECOVERIES = 3;

export interface LoadDeps {
  readonly network: Pick<Network, "openStream" | "state">;
  readonly cleaner: PageCleaner;
  readonly clock: Clock;
  readonly isolationOf: (url: URL) => string;
}

export interface LoadTask {
  readonly url: URL;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: LoadProgress) => void;
  /** A circuit was lost in the middle; the page is asked for again over a new one. */
  readonly onRecovery: () => void;
}

/** What is offered for saving; `body` waits unread until the person has chosen. */
export interface Offered {
  readonly page: OfferPage;
  readonly body: AsyncGenerator<Uint8Array, void>;
  readonly close: () => void;
}

export type Loaded = { readonly page: Exclude<Page, OfferPage> } | Offered;

/** Fetches an address through the network and makes it safe to show. @throws TaborError. */
export async function loadPage(task: LoadTask, deps: LoadDeps): Promise<Loaded> {
  for (let recoveries = 0; ; recoveries++) {
    try {
      return await loadOnce(task, deps);
    } catch (thrown) {
      const error = toTaborError(thrown, "here", "loading a page");
      if (task.signal.aborted || !isCircuitLoss(error) || recoveries === MAX_RECOVERIES) throw error;
      task.onRecovery();
    }
  }
}

async function loadOnce(task: LoadTask, deps: LoadDeps): Promise<Loaded> {
  let progress = STARTING;
  const report = (next: LoadProgress): void => {
    progress = next;
    task.onProgress(next);
  };
  let stream: ClientStream | undefined;
  const outcome = await get(task.url, {
    clock: deps.clock,
    signal: task.signal,
    open: async (url, request, signal) => {
      await untilReady(deps.network.state, signal, (sentence) => {
        report({ ...progress, sentence });
      });
      stream = await deps.network.openStream(targetOf(url), {
        isolation: deps.isolationOf(url),
        early: request,
        signal,
        onProgress: (step) => {
          report(afterStreamProgress(progress, step, url.host));
        },
      });
      return stream;
    },
    onProgress: (step) => {
      report({ ...afterGetProgress(progress, step), circuit: stream?.circuit ?? progress.circuit });
    },
  });
  return present(outcome, stream, task, deps);
}

async function present(
  outcome: GetOutcome,
  stream: ClientStream | undefined,
  task: LoadTask,
  deps: LoadDeps,
): Promise<Loaded> {
  const { url } = outcome;
  switch (outcome.kind) {
    case "needs-tls":
      return { page: { kind: "needs-tls", url, insecure: insecureForm(outcome) } };
    case "unsupported-scheme":
      return { page: { kind: "unsupported", url } };
    case "response":
      return presentResponse({ url, response: outcome.response, stream }, task, deps);
  }
}

/** None if a site redirects its `http:` to `https:`: trying it again would only go in a circle. */
function insecureForm({ url, redirects }: GetOutcome): URL | undefined {
  const insecure = new URL(url);
  insecure.protocol = "http:";
  return redirects.some(({ host }) => host === insecure.host) ? undefined : insecure;
}

interface Answer {
  readonly url: URL;
  readonly response: HttpResponse;
  readonly stream: ClientStream | undefined;
}

async function presentResponse(answer: Answer, task: LoadTask, deps: LoadDeps): Promise<Loaded> {
  const { url, response, stream } = answer;
  const { start, body } = await peek(response.body, SNIFF_LENGTH);
  const content = contentKind(response.fields, start);
  const circuit = stream?.circuit;
  if (content.kind === "download") {
    const fileName = fileNameOf(response.fields, url);
    const page: OfferPage = {
      kind: "offer",
      url,
      fileName,
      type: content.type,
      length: response.length,
      circuit,
    };
    return {
      page,
      body,
      close: () => {
        response.close();
      },
    };
  }
  const limit = content.kind === "image" ? MAX_IMAGE_BYTES : MAX_PAGE_BYTES;
  const read = await readUpTo(body, limit);
  const { html, title } = await makeDocument({ content, ...read, answer }, task, deps);
  const page: DocumentPage = { kind: "document", url, title, html, status: response.status, circuit };
  return { page };
}

interface Content {
  readonly content: Exclude<ContentKind, { kind: "download" }>;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly complete: boolean;
  readonly answer: Answer;
}

async function makeDocument(
  { content, bytes, complete, answer: { url, response } }: Content,
  { signal }: LoadTask,
  { cleaner }: LoadDeps,
): Promise<CleanDocument> {
  const cleanable: CleanableContent =
    content.kind === "image"
      ? { ...content, name: fileNameOf(response.fields, url) }
      : { ...content, charset: charsetOfText(response.fields, bytes, content.kind === "html") };
  return cleaner.clean({ content: cleanable, bytes, url: url.href, cut: !complete }, signal);
}
