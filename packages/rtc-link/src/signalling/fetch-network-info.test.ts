import { relayId } from "@tabor/onion-core";
import { VirtualClock } from "@tabor/onion-core/testing";
import { describe, expect, it } from "vitest";
import { fetchNetworkInfo } from "./fetch-network-info.ts";

const URL_ = "http://127.0.0.1:8080";
const info = { authorities: [relayId(new Uint8Array(32).fill(1))], servers: [], iceServers: [] };

function ask(fetch: (url: string, init: RequestInit) => Promise<Response>, clock = new VirtualClock()) {
  const asFetch = ((url: URL, init: RequestInit) => fetch(String(url), init)) as typeof globalThis.fetch;
  return fetchNetworkInfo(URL_, { fetch: asFetch, clock });
}

describe("fetching tabor.json", () => {
  it("asks the directory's origin, without credentials and redirects", async () => {
    const asked: [string, RequestInit][] = [];
    const answer = await ask((url, init) => {
      asked.push([url, init]);
      return Promise.resolve(Response.json(info));
    });
    expect(answer).toEqual(info);
    expect(asked).toMatchObject([[`${URL_}/tabor.json`, { redirect: "error", credentials: "omit" }]]);
  });

  it.each([
    ["another status", () => new Response("{}", { status: 404 }), "unreachable"],
    ["something else", () => new Response("<!doctype html>"), "malformed"],
    ["bytes that are no UTF-8", () => new Response(Uint8Array.of(0xff, 0xfe)), "malformed"],
    ["more than it may have", () => new Response(endless()), "malformed"],
    ["nothing", () => new Response(null), "malformed"],
  ])("refuses %s", async (_what, answer, code) => {
    await expect(ask(() => Promise.resolve(answer()))).rejects.toMatchObject({ code, where: "directory" });
  });

  it("reports a directory that cannot be reached", async () => {
    await expect(ask(() => Promise.reject(new TypeError("fetch failed")))).rejects.toMatchObject({
      code: "unreachable",
    });
  });

  it("gives up, and tells the transport, when no answer comes", async () => {
    const clock = new VirtualClock();
    let signal: AbortSignal | null | undefined;
    const work = ask((_url, init) => {
      signal = init.signal;
      return new Promise(() => undefined);
    }, clock);
    await expect(clock.until(work)).rejects.toMatchObject({ code: "timeout" });
    expect(clock.monotonic()).toBe(10_000);
    expect(signal?.aborted).toBe(true);
  });
});

function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull: (controller) => {
      controller.enqueue(new Uint8Array(1024).fill(0x20));
    },
  });
}
