import { describe, expect, it } from "vitest";
import { content, failure, readAll, startNetwork, writeAll } from "./support.ts";
import type { FetchOrigin } from "../cell/stream-bodies.ts";
import type { OnionClient } from "../client/onion-client.ts";
import { TaborError } from "../errors.ts";
import type { Duplex } from "../stream/duplex.ts";
import { ExitRefusal, type FetchConnector } from "../stream/exit-port.ts";
import { memoryDuplex } from "../testing/memory-duplex.ts";
import { pickSeeds, withSeed } from "../testing/seeded-random.ts";

const [seed = 0] = pickSeeds(1, Math.random);
const origin: FetchOrigin = { scheme: "https", host: "site.test", port: 443 };
const a = { isolation: "a" };

/** A fetcher of which a test plays the other side. */
function played() {
  const asked: FetchOrigin[] = [];
  const far: Duplex[] = [];
  const fetcher: FetchConnector = {
    fetch: (wanted) => {
      const [near, theirs] = memoryDuplex();
      asked.push(wanted);
      far.push(theirs);
      return Promise.resolve(near);
    },
  };
  return { fetcher, asked, far };
}

function ready(client: OnionClient): Promise<void> {
  return new Promise((resolve) => {
    const isReady = (): void => {
      if (client.status.stage === "ready") resolve();
    };
    client.subscribe(isReady);
    isReady();
  });
}

/** Three relays, of which one is an exit, and it can but fetch. */
function fetchNetwork(fetcher: FetchConnector) {
  return startNetwork(seed, {
    exits: 0,
    others: [{ flags: ["Fetch", "Fast", "Stable"], fetcher }],
  });
}

describe(withSeed("an exit that fetches", seed), () => {
  it("carries bytes both ways, once the person allows it", async () => {
    const { fetcher, asked, far } = played();
    const { clock, network } = await fetchNetwork(fetcher);
    const client = network.client();
    client.allowFetchExits(true);
    await clock.until(ready(client));
    expect(client.exitKindFor(origin)).toBe("fetch");
    const stream = await clock.until(client.openFetch(origin, a));
    expect(asked).toEqual([origin]);
    expect(stream.circuit.hops.map(({ readsContent }) => readsContent)).toEqual([false, false, true]);
    const [request, answer] = [content(1, 200_000), content(2, 300_000)];
    const site = far[0] as Duplex;
    const sent = writeAll(stream, request).then(() => {
      stream.end();
    });
    expect(Buffer.compare(await clock.until(readAll(site)), request)).toBe(0);
    const answered = writeAll(site, answer).then(() => {
      site.end();
    });
    expect(Buffer.compare(await clock.until(readAll(stream)), answer)).toBe(0);
    await Promise.all([sent, answered]);
    client.close();
  });

  it("is used for nothing unless the person allows it", async () => {
    const { fetcher, asked } = played();
    const { network, clock } = await fetchNetwork(fetcher);
    const client = network.client();
    expect(client.exitKindFor(origin)).toBe("stream");
    expect(await failure(client.openFetch(origin, a))).toMatchObject({ code: "usage", where: "here" });
    expect(await failure(clock.until(client.openStream(origin, a)))).toMatchObject({
      code: "no-path",
      message: "no relay in the network is an exit",
    });
    expect(asked).toEqual([]);
    client.close();
  });

  it("comes after every exit that carries streams, and carries none itself", async () => {
    const { fetcher } = played();
    const { network, clock } = await startNetwork(seed, {
      others: [{ flags: ["Fetch", "Fast", "Stable"], fetcher }],
    });
    const client = network.client();
    client.allowFetchExits(true);
    expect(client.exitKindFor(origin)).toBe("stream");
    const fetching = await clock.until(client.openFetch(origin, a));
    const streaming = await clock.until(client.openStream({ host: "echo.test", port: 443 }, a));
    expect(fetching.circuit.id).not.toBe(streaming.circuit.id);
    expect(streaming.circuit.hops.at(-1)).toMatchObject({ role: "exit", readsContent: false });
    client.close();
  });

  it.each([
    ["unreadable", "refused", "site"],
    ["redirected", "refused", "site"],
    ["timeout", "timeout", "site"],
    ["hibernating", "resource-limit", "exit"],
  ] as const)("that breaks off says why: %s", async (reason, code, where) => {
    const near: Duplex = {
      read: () => Promise.reject(new ExitRefusal(reason)),
      write: () => Promise.resolve(),
      end: () => undefined,
      abort: () => undefined,
    };
    const { network, clock } = await fetchNetwork({ fetch: () => Promise.resolve(near) });
    const client = network.client();
    client.allowFetchExits(true);
    const stream = await clock.until(client.openFetch(origin, a));
    expect(await failure(clock.until(stream.read()))).toMatchObject({ code, where });
    client.close();
  });

  it("that refuses is told from one that breaks off", async () => {
    const { network, clock } = await fetchNetwork({
      fetch: () => Promise.reject(new ExitRefusal("exit-policy")),
    });
    const client = network.client();
    client.allowFetchExits(true);
    expect(await failure(clock.until(client.openFetch(origin, a)))).toMatchObject({ code: "exit-policy" });
    client.close();
  });

  it("waits for a client that does not read", async () => {
    const { fetcher, far } = played();
    const { network, clock } = await fetchNetwork(fetcher);
    const client = network.client();
    client.allowFetchExits(true);
    const stream = await clock.until(client.openFetch(origin, a));
    const site = far[0] as Duplex;
    const piece = content(3, 65_536);
    let written = 0;
    const endless = async (): Promise<never> => {
      for (;;) {
        await site.write(piece);
        written += piece.length;
      }
    };
    endless().catch(() => undefined);
    await clock.advance(600_000);
    // SPEC §12.4: a stream keeps 9 MB for a slow reader; the rest waits where it comes from.
    expect(written).toBeLessThan(10 * 2 ** 20);
    const held = written;
    await clock.advance(600_000);
    expect(written).toBe(held);
    stream.abort(new TaborError("aborted", "here", "enough"));
    client.close();
  });
});
