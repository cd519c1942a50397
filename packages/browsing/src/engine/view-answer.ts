import type { Duplex } from "@tabor/onion-core";
import type { SecurityLevel } from "../api.ts";
import { protectiveHeaders, type HeaderList } from "../view/headers.ts";
import type { ViewRequestMessage } from "../view/messages.ts";
import type { TokenContent } from "../view/tokens.ts";

/** A request of the browser's whose token has been opened. */
export interface ViewRequest extends Pick<
  ViewRequestMessage,
  "method" | "query" | "fragment" | "fields" | "reload" | "traversed"
> {
  readonly content: TokenContent;
  /** Where it was asked for: path and query in the view. */
  readonly address: string;
  readonly body: Uint8Array | { readonly length: number; readonly stream: Duplex } | undefined;
  /** Aborted when the browser no longer wants the answer. */
  readonly signal: AbortSignal;
}

export interface ViewAnswer {
  readonly status: number;
  readonly headers: HeaderList;
  /** Ending the iteration early gives up the rest. */
  readonly body: Uint8Array | AsyncGenerator<Uint8Array, void> | undefined;
}

interface AnswerParts {
  readonly level: SecurityLevel;
  readonly status?: number;
  /** What is let through of the site's fields, or is our own. */
  readonly headers?: HeaderList;
  readonly body?: ViewAnswer["body"];
}

export function answer({ level, status = 200, headers = [], body }: AnswerParts): ViewAnswer {
  return { status, headers: [...protectiveHeaders(level), ...headers], body };
}

export function htmlAnswer(level: SecurityLevel, html: string, status = 200): ViewAnswer {
  const headers = [["Content-Type", "text/html; charset=utf-8"]] as const;
  return answer({ level, status, headers, body: new TextEncoder().encode(html) });
}

/** The frame keeps showing what it shows. Chromium would take an answer of no type for a file to be saved. */
export function stayAnswer(level: SecurityLevel): ViewAnswer {
  return answer({ level, status: 204, headers: [["Content-Type", "text/html"]] });
}
