import { readUpTo } from "@tabor/http";
import fc from "fast-check";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { FetchOutcome } from "./api.ts";
import { browse, redirect, response, textOf } from "./testing/browse.ts";
import { bytesOf, page, type SiteEnd } from "./testing/memory-web.ts";

const EVIL = "https://evil.test/";
const GOOD = "https://good.test/";

/** A site that does what `attack` does, and another that must not notice. */
function attacked(attack: (end: SiteEnd) => string | Promise<string | Uint8Array | undefined>) {
  const all = browse();
  all.web.site("evil.test:443", (_, end) => attack(end)).site("good.test:443", () => page("good"));
  const whole = () => all.fetch(EVIL).then(response).then(textOf);
  /** One clear error, and everything else goes on. */
  const refused = async (code: string) => {
    await expect(all.clock.until(whole())).rejects.toMatchObject({ code, where: "site" });
    expect(await all.text(GOOD)).toBe("good");
    expect(all.web.alive.map(({ host }) => host)).toEqual(["good.test"]);
  };
  return { ...all, whole, refused };
}

describe("a hostile site gets one clear error, and nobody else notices", () => {
  test.each<[string, string, string]>([
    ["says two lengths", "HTTP/1.1 200 OK\nContent-Length: 3\nContent-Length: 4\n\nabcd", "malformed"],
    [
      "says a length and chunks",
      "HTTP/1.1 200 OK\nContent-Length: 3\nTransfer-Encoding: chunked\n\n0\n\n",
      "malformed",
    ],
    ["lies about a chunk", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nabc\n0\n\n", "malformed"],
    [
      "splits its answer with a lone CR",
      "HTTP/1.1 200 OK\nX: a\rSet-Cookie: b=c\nContent-Length: 0\n\n",
      "malformed",
    ],
    ["puts a NUL into a field", "HTTP/1.1 200 OK\nX: a\0b\n\n", "malformed"],
    ["speaks another protocol", "SSH-2.0-OpenSSH_9.2\n", "malformed"],
    ["switches to another protocol", "HTTP/1.1 101 x\nUpgrade: websocket\n\n", "malformed"],
    [
      "compresses twice",
      "HTTP/1.1 200 OK\nContent-Encoding: gzip, gzip\nContent-Length: 1\n\nx",
      "malformed",
    ],
    [
      "compresses as nobody asked",
      "HTTP/1.1 200 OK\nContent-Encoding: zstd\nContent-Length: 1\n\nx",
      "malformed",
    ],
    ["sends endless interim answers", "HTTP/1.1 103 x\n\n".repeat(20), "resource-limit"],
    ["sends too many fields", `HTTP/1.1 200 OK\n${"A: b\n".repeat(300)}\n`, "resource-limit"],
    [
      "sends an endless chunk extension",
      `HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1;${"x".repeat(9000)}\n`,
      "resource-limit",
    ],
    ["redirects to nowhere", page("x", "Location: http://", "302 x"), "malformed"],
    ["redirects to two places", page("x", "Location: /a\nLocation: /b", "302 x"), "malformed"],
  ])("that %s", async (_, answer, code) => {
    await attacked(() => answer).refused(code);
  });

  test("that sends header fields without end", async () => {
    await attacked(async (end) => {
      await end.say("HTTP/1.1 200 OK\nX: ");
      for (let i = 0; i < 1000; i++) await end.say(new Uint8Array(4096).fill(0x41));
      return undefined;
    }).refused("resource-limit");
  });

  test.each(["", "HTTP/1.1 200 OK\nContent-Le", "HTTP/1.1 200 OK\nContent-Length: 9\n\nhalf"])(
    "that falls silent after %j",
    async (said) => {
      await attacked(async (end) => {
        await end.say(said);
        await new Promise(() => undefined);
        return undefined;
      }).refused("timeout");
    },
  );

  test.each([
    "",
    "HTTP/1.1 200 OK\nContent-Length: 9\n\nhalf",
    "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n4\nhalf",
  ])("that closes after %j", async (said) => {
    await attacked(async (end) => {
      await end.say(said);
      end.end();
      return undefined;
    }).refused("closed");
  });

  test("that answers before it is asked: its surplus is nobody's answer", async () => {
    const { text } = attacked(() => page("first") + page("planted"));
    expect(await text(`${EVIL}1`)).toBe("first");
    expect(await text(`${EVIL}2`)).toBe("first");
  });

  test("that sends a bomb: its reader's bound, and the connection ends", async () => {
    const bomb = gzipSync(Buffer.alloc(256 << 20));
    const { fetch, web, clock } = attacked(async (end) => {
      await end.say("HTTP/1.1 200 OK\nContent-Encoding: gzip\n\n");
      return new Uint8Array(bomb);
    });
    const { bytes, complete } = await readUpTo(response(await fetch(EVIL)).body, 1 << 20);
    expect([bytes.length, complete]).toEqual([1 << 20, false]);
    await clock.settle();
    expect(web.alive).toEqual([]);
  });

  test("that redirects in circles: one step at a time, whoever follows counts", async () => {
    const { web, fetch } = attacked(() => page("", "Location: /again", "302 x"));
    for (let step = 0; step < 5; step++) expect(redirect(await fetch(EVIL)).location.pathname).toBe("/again");
    expect(web.opened).toHaveLength(1);
  });

  test("that goes on for ever: no faster than it is read", async () => {
    let said = 0;
    const { fetch, clock } = attacked(async (end) => {
      await end.say("HTTP/1.1 200 OK\n\n");
      while (said < 1000 && (await end.say(new Uint8Array(10_000)))) said += 1;
      return undefined;
    });
    const answer = response(await fetch(EVIL));
    await answer.body.next();
    await clock.settle();
    expect(said).toBeLessThan(20);
    answer.close();
  });

  test("that sends a redirect with a body without end: it is not read", async () => {
    let said = 0;
    const { web, fetch, clock } = attacked(async (end) => {
      await end.say("HTTP/1.1 302 x\nLocation: /next\n\n");
      while (said < 1000 && (await end.say(new Uint8Array(10_000)))) said += 1;
      return undefined;
    });
    redirect(await fetch(EVIL));
    await clock.settle();
    expect(said).toBeLessThan(20);
    expect(web.alive).toEqual([]);
  });
});

test("any bytes at all end in an answer or in one clear error of the site", async () => {
  const part = fc.oneof(
    fc.constantFrom(
      "HTTP/1.1 200 OK\r\n",
      "HTTP/1.1 302 x\r\nLocation: /x\r\n",
      "HTTP/1.1 206 x\r\nContent-Range: bytes 0-4/9\r\n",
      "Content-Length: 3\r\n",
      "Transfer-Encoding: chunked\r\n",
      "Content-Encoding: gzip\r\n",
      "Set-Cookie: a=b; Domain=test\r\n",
      "Cache-Control: max-age=60\r\n",
      "\r\n",
      "3\r\nabc\r\n",
      "0\r\n\r\n",
    ),
    fc.uint8Array({ maxLength: 20 }).map((bytes) => String.fromCharCode(...bytes)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 12 }), async (parts) => {
      const { fetch, web, clock } = attacked(async (end) => {
        await end.say(bytesOf(parts.join("")));
        end.end();
        return undefined;
      });
      const read = async (outcome: FetchOutcome) => outcome.kind === "response" && textOf(outcome.response);
      const failed = await fetch(EVIL)
        .then(read)
        .then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
      if (failed !== undefined) expect(failed).toMatchObject({ name: "TaborError", where: "site" });
      await clock.settle();
      expect(web.alive.length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 150 },
  );
});
