import { END_REASONS, type EndReason, type FetchOrigin } from "@tabor/onion-core";

/** What page and worker say to each other; each fetch has a port of its own for its bytes. Both are ours. */
export interface FetchMessage {
  readonly type: "fetch";
  readonly origin: FetchOrigin;
}

/** On the port, before the stream is aborted: what the client is told. */
export interface RefusedMessage {
  readonly type: "refused";
  readonly reason: EndReason;
}

export function isRefused(message: unknown): message is RefusedMessage {
  if (typeof message !== "object" || message === null) return false;
  const { type, reason } = message as Partial<Record<"type" | "reason", unknown>>;
  return type === "refused" && typeof reason === "string" && reason in END_REASONS;
}
