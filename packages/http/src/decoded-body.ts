import { toTaborError } from "@tabor/onion-core";
import type { HttpAnswer } from "./connection.ts";
import { decodeContent, type MoreCodings } from "./content-coding.ts";

/**
 * A body with its content coding taken off, to be iterated once; ending the iteration early closes the connection, even
 * while a decompressor waits for it. @throws TaborError, as `HttpAnswer.body`.
 */
export async function* decodedBody(
  { body, fields, close }: Pick<HttpAnswer, "body" | "fields" | "close">,
  more?: MoreCodings,
): AsyncGenerator<Uint8Array, void> {
  try {
    yield* decodeContent(body, fields, more);
  } catch (thrown) {
    throw toTaborError(thrown, "site", "reading a page");
  } finally {
    close();
  }
}
