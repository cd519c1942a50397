import { addressesOf, WHAT_SCRIPTS_MAY } from "../address.ts";
import type { Rewriting } from "../api.ts";
import { StandardOutcomes } from "../standard/outcome.ts";
import { parseXml } from "./parse.ts";
import { writeXml } from "./write.ts";

/** SVG, XHTML and whatever else is XML, for Standard. Frames in XHTML that carry their own content go without it. */
export function rewriteXmlDocument(text: string, rewriting: Rewriting): string {
  const document = parseXml(text);
  const addresses = addressesOf(rewriting, { data: WHAT_SCRIPTS_MAY });
  const outcomes = new StandardOutcomes(addresses, rewriting, () => undefined);
  return writeXml(document, (element) => outcomes.outcome(element));
}
