import type { Fields } from "@tabor/http";
import type { Duplex } from "@tabor/onion-core";
import type { HeaderList } from "../view/headers.ts";
import type { ViewRequestMessage } from "../view/messages.ts";
import type { TokenContent } from "../view/tokens.ts";
import type { Place } from "./place.ts";

/** A request of the browser's of which is known what it is for. */
export interface ViewRequest extends Pick<
  ViewRequestMessage,
  "method" | "fragment" | "mode" | "credentials" | "redirect" | "reload" | "traversed" | "resultingClient"
> {
  readonly content: TokenContent;
  readonly place: Place;
  /** Where it was asked for: path and query in the view. */
  readonly address: string;
  /** With its question mark, "?" if nothing follows; empty: none. What a form with GET adds to its action. */
  readonly query: string;
  readonly fields: Fields;
  readonly body: Uint8Array | { readonly length: number; readonly stream: Duplex } | undefined;
  /** Aborted when the browser no longer wants the answer. */
  readonly signal: AbortSignal;
}

export interface ViewAnswer {
  readonly status: number;
  readonly headers: HeaderList;
  /** Ending the iteration early gives up the rest. */
  readonly body: Uint8Array | AsyncGenerator<Uint8Array, void> | undefined;
  /** Where it came from, if a script asked and redirects led there. */
  readonly movedTo?: URL;
}

interface AnswerParts {
  readonly status?: number;
  /** What is let through of the site's fields, or is our own. */
  readonly headers?: HeaderList;
  readonly body?: ViewAnswer["body"];
}

export function answer({ status = 200, headers = [], body }: AnswerParts): ViewAnswer {
  return { status, headers, body };
}

export function htmlAnswer(html: string, status = 200): ViewAnswer {
  const headers = [["Content-Type", "text/html; charset=utf-8"]] as const;
  return answer({ status, headers, body: new TextEncoder().encode(html) });
}

/** The frame keeps showing what it shows. Chromium would take an answer of no type for a file to be saved. */
export function stayAnswer(): ViewAnswer {
  return answer({ status: 204, headers: [["Content-Type", "text/html"]] });
}
