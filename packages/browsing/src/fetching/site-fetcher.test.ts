import { TaborError } from "@tabor/onion-core";
import { describe, expect, test } from "vitest";
import { browse, response, textOf } from "./testing/browse.ts";
import { page } from "./testing/memory-web.ts";

describe("a page", () => {
  test("comes over https, with what TLS agreed on and the circuit that carried it", async () => {
    const { web, fetch } = browse();
    web.site("a.test:443", () => page("hello"));
    const answer = response(await fetch("https://a.test/x?y#z"));
    expect(await textOf(answer)).toBe("hello");
    expect(answer).toMatchObject({ status: 200, length: 5, fromCache: false, circuit: { id: 1 } });
    expect(answer.tls?.version).toBe("TLS 1.3");
    expect(answer.url.href).toBe("https://a.test/x?y#z");
    expect(web.requests[0]?.target).toBe("/x?y");
  });

  test("of another scheme is not fetched", async () => {
    const { web, fetch } = browse();
    await expect(fetch("ftp://a.test/")).rejects.toMatchObject({ code: "usage", where: "here" });
    expect(web.opened).toEqual([]);
  });
});

describe("https first", () => {
  const refused = new TaborError("refused", "site", "the site refused the connection");

  test("an http address is asked over https", async () => {
    const { web, fetch } = browse();
    web.site("a.test:443", () => page("safe")).site("a.test:80", () => page("plain"));
    const answer = response(await fetch("http://a.test/"));
    expect(answer.url.href).toBe("https://a.test/");
    expect(await textOf(answer)).toBe("safe");
    expect(web.opened.map(({ port }) => port)).toEqual([443]);
  });

  test.each([
    ["refuses", refused],
    ["breaks off", new TaborError("reset", "site", "reset")],
    ["does not answer", new TaborError("timeout", "site", "no answer")],
    ["does not speak TLS", new TaborError("protocol", "site", "no TLS")],
  ])("where it %s the person is asked, and nothing plain is sent", async (_, error) => {
    const { web, fetch } = browse();
    web.site("a.test:443", error).site("a.test:80", () => page("plain"));
    expect(await fetch("http://a.test/x")).toMatchObject({
      kind: "needs-consent",
      url: { href: "http://a.test/x" },
      reason: error.message,
    });
    expect(web.opened).toEqual([]);
  });
});
