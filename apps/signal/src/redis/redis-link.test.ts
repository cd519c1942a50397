/** A real Redis that answers, hangs, ends and comes back; and what brokers count together by it. */
import { setImmediate } from "node:timers/promises";
import { silentLog } from "@tabor/onion-core";
import { systemClock } from "@tabor/platform";
import { FAILED_JOINS_PER_WINDOW } from "@tabor/signal-protocol";
import { afterEach, beforeEach, expect, it } from "vitest";
import { EventLimits } from "../net/event-limits.ts";
import { RedisServer } from "../testing/redis-server.ts";
import { RedisLink } from "./redis-link.ts";

const TIMEOUT = 120_000;
let redis: RedisServer;
let link: RedisLink;

beforeEach(async () => {
  redis = await RedisServer.start();
  link = await RedisLink.connect({ url: redis.url, clock: systemClock, log: silentLog });
}, TIMEOUT);

afterEach(async () => {
  link.close();
  await redis.end();
});

/** Asks until Redis answers. */
async function back(): Promise<void> {
  while ((await link.command("PING").catch(() => undefined)) !== "PONG") await setImmediate();
}

it(
  "waits for no answer longer than its deadline, and finds Redis again",
  async () => {
    expect(await link.command("PING")).toBe("PONG");
    redis.hang();
    await expect(link.command("PING")).rejects.toMatchObject({ code: "timeout" });
    redis.goOn();
    await back();
    await redis.kill();
    await expect(link.command("PING")).rejects.toMatchObject({ code: "unreachable" });
    await redis.run();
    await back();
  },
  TIMEOUT,
);

it("says that Redis refused", async () => {
  await expect(link.script("return nonsense(", [], [])).rejects.toMatchObject({ code: "unreachable" });
});

it(
  "counts the failed joins of an address at all brokers, and lets it in without Redis",
  async () => {
    const brokers = [new EventLimits({ link, prefix: "test" }), new EventLimits({ link, prefix: "test" })];
    const [one, two] = brokers as [EventLimits, EventLimits];
    for (let i = 0; i < FAILED_JOINS_PER_WINDOW; i++) await one.joinFailed("192.0.2.2");
    expect(await two.allowConnection("192.0.2.2")).toBe(false);
    expect(await two.allowConnection("192.0.2.3")).toBe(true);
    await redis.kill();
    expect(await two.allowConnection("192.0.2.4")).toBe(true);
  },
  TIMEOUT,
);
