import { describe, expect, it } from "vitest";
import { frameLabelsOf, pageLabelOf } from "./frame-labels.ts";
import { protectiveHeaders } from "./headers.ts";

const PAGE = "https://abcdefghijklmnopqrst.view.site.test:8443";
const FRAME = "https://abcdefghijklmnopqrst-c.view.site.test:8443";
const SAFEST = "https://view.site.test:8443";

describe("the labels set aside for frames", () => {
  it("follow from the page's name, and are the same seen from each of them", () => {
    const labels = frameLabelsOf(PAGE);
    expect(new Set(labels).size).toBe(12);
    expect(labels).toContain(FRAME);
    expect(labels).not.toContain(PAGE);
    expect(frameLabelsOf(FRAME)).toEqual(labels);
    expect([pageLabelOf(FRAME), pageLabelOf(PAGE), pageLabelOf(SAFEST)]).toEqual([PAGE, PAGE, SAFEST]);
  });

  it.each([
    SAFEST,
    "https://app.site.test",
    "https://abc.view.site.test",
    "https://abcdefghijklmnopqrst-z.view.site.test",
    "https://x.abcdefghijklmnopqrst.view.site.test",
  ])("are none of %s", (origin) => {
    expect(frameLabelsOf(origin)).toEqual([]);
  });
});

describe("the walls", () => {
  const headersOf = (origin: string) =>
    Object.fromEntries(protectiveHeaders(origin === SAFEST ? "safest" : "standard", origin));

  it("leave a page no names but its own and those set aside, written out", () => {
    const { "Connection-Allowlist": allowed = "", "Content-Security-Policy": policy = "" } = headersOf(PAGE);
    expect(allowed).toBe(
      `(response-origin ${frameLabelsOf(PAGE)
        .map((origin) => JSON.stringify(origin))
        .join(" ")});redirects=allow`,
    );
    expect(allowed + policy).not.toContain("*");
    expect(policy).toContain(`connect-src ${PAGE} data: blob:;`);
    expect(policy).toContain("default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:;");
  });

  it("leave a frame of another origin no way into its page's label", () => {
    const { "Connection-Allowlist": allowed = "", "Content-Security-Policy": policy = "" } = headersOf(FRAME);
    for (const text of [allowed, policy]) expect(text).not.toContain(PAGE);
  });

  it("name nothing else at Safest", () => {
    expect(headersOf(SAFEST)["Connection-Allowlist"]).toBe("(response-origin);redirects=allow");
  });
});
