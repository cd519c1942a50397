import { TaborError } from "@tabor/onion-core";
import { describe, expect, test } from "vitest";
import { readUpTo } from "./collect.ts";
import { get, type GetOutcome, type GetProgress } from "./get.ts";
import { ManualClock, ScriptedStream, wire } from "./testing/scripted-stream.ts";

/** A web of sites: the answer for each URL, as text with "\n" for CRLF. */
function fetchFrom(web: Record<string, string>, url: string) {
  const opened: string[] = [];
  const streams: ScriptedStream[] = [];
  const progress: GetProgress[] = [];
  const outcome = get(new URL(url), {
    clock: new ManualClock(),
    signal: new AbortController().signal,
    open: ({ href, host }, request) => {
      opened.push(href);
      expect(String.fromCharCode(...request)).toContain(`Host: ${host}\r\n`);
      const stream = new ScriptedStream([wire(web[href] ?? "HTTP/1.1 404 \nContent-Length: 0\n\n")]);
      streams.push(stream);
      return Promise.resolve(stream);
    },
    onProgress: (step) => progress.push(step),
  });
  return { outcome, opened, streams, progress };
}

const redirect = (location: string, status = 302): string =>
  `HTTP/1.1 ${String(status)} x\nLocation: ${location}\nContent-Length: 0\n\n`;

async function textOf(outcome: GetOutcome): Promise<string> {
  if (outcome.kind !== "response") throw new Error(outcome.kind);
  return String.fromCharCode(...(await readUpTo(outcome.response.body, 1000)).bytes);
}

describe("redirects", () => {
  test("are followed from site to site, each over a stream of its own", async () => {
    const { outcome, opened, streams } = fetchFrom(
      {
        "http://a.test/1": redirect("/2", 301),
        "http://a.test/2": redirect("http://b.test/3", 307),
        "http://b.test/3": "HTTP/1.1 200 OK\n\nhello",
      },
      "http://a.test/1",
    );
    const result = await outcome;
    expect(result.url.href).toBe("http://b.test/3");
    expect(result.redirects.map(({ href }) => href)).toEqual(["http://a.test/1", "http://a.test/2"]);
    expect(await textOf(result)).toBe("hello");
    expect(opened).toHaveLength(3);
    expect(streams.slice(0, 2).every(({ aborted }) => aborted !== undefined)).toBe(true);
  });

  test("keep the fragment unless they bring their own", async () => {
    const web = { "http://a.test/#x": redirect("/b"), "http://a.test/#y": redirect("/b#z") };
    expect((await fetchFrom(web, "http://a.test/#x").outcome).url.href).toBe("http://a.test/b#x");
    expect((await fetchFrom(web, "http://a.test/#y").outcome).url.href).toBe("http://a.test/b#z");
  });

  test("keep bytes above ASCII as they are", async () => {
    const { outcome } = fetchFrom({ "http://a.test/": redirect("/\xc3\xa9") }, "http://a.test/");
    expect((await outcome).url.href).toBe("http://a.test/%C3%A9");
  });

  test("to https end the fetch: nothing is sent there", async () => {
    const { outcome, opened } = fetchFrom(
      { "http://a.test/": redirect("https://a.test/x") },
      "http://a.test/",
    );
    expect(await outcome).toMatchObject({ kind: "needs-tls", url: { href: "https://a.test/x" } });
    expect(opened).toEqual(["http://a.test/"]);
  });

  test.each(["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "about:blank"])(
    "to %s go nowhere",
    async (to) => {
      const { outcome, opened } = fetchFrom({ "http://a.test/": redirect(to) }, "http://a.test/");
      expect((await outcome).kind).toBe("unsupported-scheme");
      expect(opened).toHaveLength(1);
    },
  );

  test("in a circle end after twenty", async () => {
    const { outcome, opened } = fetchFrom({ "http://a.test/": redirect("/") }, "http://a.test/");
    await expect(outcome).rejects.toMatchObject({ code: "resource-limit", where: "site" });
    expect(opened).toHaveLength(21);
  });

  test("to two places, or to no possible one, are refused", async () => {
    const two = "HTTP/1.1 302 x\nLocation: /a\nLocation: /b\nContent-Length: 0\n\n";
    for (const answer of [two, redirect("http://[")]) {
      await expect(fetchFrom({ "http://a.test/": answer }, "http://a.test/").outcome).rejects.toMatchObject({
        code: "malformed",
        where: "site",
      });
    }
  });

  test("without a place are pages like others", async () => {
    const { outcome } = fetchFrom(
      { "http://a.test/": "HTTP/1.1 302 x\nContent-Length: 2\n\nhi" },
      "http://a.test/",
    );
    expect(await textOf(await outcome)).toBe("hi");
  });
});

test("an https address is not opened at all", async () => {
  const { outcome, opened } = fetchFrom({}, "https://a.test/");
  expect((await outcome).kind).toBe("needs-tls");
  expect(opened).toEqual([]);
});

test("progress names the stages and where", async () => {
  const { outcome, progress } = fetchFrom(
    { "http://a.test/": "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi" },
    "http://a.test/",
  );
  await textOf(await outcome);
  expect(progress.map(({ stage, url }) => `${stage} ${url.host}`)).toEqual([
    "opening a.test",
    "waiting a.test",
    "receiving a.test",
    "receiving a.test",
  ]);
});

test("a stream that does not open is its opener's error", async () => {
  const refused = new TaborError("refused", "site", "connection refused");
  const options = {
    clock: new ManualClock(),
    signal: new AbortController().signal,
    open: () => Promise.reject(refused),
  };
  await expect(get(new URL("http://a.test/"), options)).rejects.toBe(refused);
});
