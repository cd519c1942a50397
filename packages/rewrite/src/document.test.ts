import { expect, test } from "vitest";
import { documentOfMedia, documentOfText } from "./index.ts";
import { actingParts, foreignAddresses } from "./testing/requests.ts";

test("a text is shown as it is", () => {
  const html = documentOfText("\n<script>x</script>\r\n&amp;", "</title><script>");
  expect(html).toContain("\n\n&lt;script&gt;x&lt;/script&gt;\r\n&amp;amp;</pre>");
  expect(actingParts(html)).toEqual([]);
});

test.each(["image", "video", "audio"] as const)("%s is shown as a page", (kind) => {
  const html = documentOfMedia({ kind, source: '/~v/x"', title: '"><script>' });
  expect(html).toContain('src="/~v/x&quot;"');
  expect(actingParts(html)).toEqual([]);
  expect(foreignAddresses(html)).toEqual([]);
});
