import { toTaborError } from "@tabor/onion-core";
import type { HttpAnswer } from "./connection.ts";
import { decodeContent, type MoreCodings } from "./content-coding.ts";

/**
 * An answer's body with its content coding taken off, to be iterated once; ending the iteration early closes the
 * connection, even while a decompressor waits for it. @throws TaborError, as `HttpAnswer.body`.
 * @param raw the body as it travels, if it does not come from the answer alone.
 */
export async function* decodedBody(
  answer: HttpAnswer,
  more?: MoreCodings,
  raw = answer.body,
): AsyncGenerator<Uint8Array, void> {
  try {
    yield* decodeContent(raw, answer.fields, more);
  } catch (thrown) {
    throw toTaborError(thrown, "site", "reading a page");
  } finally {
    answer.close();
  }
}
