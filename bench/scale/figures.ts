/** One, two and four broker processes on one Redis, with peers that join, stay, and hear of a relay; and what a client pays. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { RedisServer } from "../../apps/signal/src/testing/redis-server.ts";
import { usageOf } from "../circuit/usage.ts";
import { type Figure, figure } from "../lib/figures.ts";
import { median } from "../lib/stats.ts";
import { clientCostFigures } from "./client-cost.ts";
import { Crowd } from "./crowd.ts";
import { residentKib } from "./memory.ts";

const MAIN = fileURLToPath(new URL("../../apps/signal/src/main.ts", import.meta.url));
const BROKERS = [1, 2, 4];
/** Milliseconds in which the last relay has left, and in which everybody knows: an arrival soon after would wait for its consensus's turn. */
const REST = 3000;
const RELAYS = [100, 1000, 10_000];

export async function scaleFigures({ peers, rounds }: { peers: number; rounds: number }): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const relays of RELAYS) figures.push(...(await clientCostFigures(relays)));
  for (const brokers of BROKERS) figures.push(...(await brokerFigures(brokers, { peers, rounds })));
  return figures;
}

async function brokerFigures(
  count: number,
  { peers, rounds }: { peers: number; rounds: number },
): Promise<Figure[]> {
  const state = await mkdtemp(join(tmpdir(), "tabor-scale-"));
  const redis = await RedisServer.start();
  const brokers: Broker[] = [];
  const crowd = new Crowd();
  try {
    for (let i = 0; i < count; i++) brokers.push(await startBroker(state, redis.url));
    return await measured({ brokers, redis, crowd }, { peers, rounds });
  } finally {
    crowd.close();
    for (const { child } of brokers) await end(child);
    await redis.end();
    await rm(state, { recursive: true });
  }
}

interface Setting {
  readonly brokers: readonly Broker[];
  readonly redis: RedisServer;
  readonly crowd: Crowd;
}

async function measured(
  { brokers, redis, crowd }: Setting,
  { peers, rounds }: { peers: number; rounds: number },
): Promise<Figure[]> {
  const all = peers * brokers.length;
  const name = `scale.brokers${String(brokers.length)}`;
  const urls = brokers.map(({ url }) => url);
  // Whatever is compiled or allocated at the first join is not a join's.
  await crowd.join(urls, 20 * brokers.length);
  const atRedis = (): number => cpuMs(redis.pid ?? 0);
  const before = { memory: total(brokers, residentKib), cpu: total(brokers, cpuMs), redis: atRedis() };
  const took = await crowd.join(urls, all);
  const after = { memory: total(brokers, residentKib), cpu: total(brokers, cpuMs), redis: atRedis() };
  const sent = crowd.received;
  const arrivals: number[] = [];
  for (let i = 0; i < rounds; i++) {
    arrivals.push(await crowd.arrival(urls[i % urls.length] ?? ""));
    await setTimeout(REST);
  }
  const sending = (total(brokers, cpuMs) - after.cpu) / (crowd.received - sent);
  const perSecond = (1000 * all) / took;
  const each = brokers.length;
  return [
    figure(`${name}.sockets`, crowd.connected / each, "", "sockets that each process holds at the end"),
    figure(`${name}.joins.persecond`, perSecond / each, "/s", "joins at each process, all at once"),
    figure(
      `${name}.join.cpu.ms`,
      (after.cpu - before.cpu) / all,
      "ms",
      "processor time of a broker for a join",
    ),
    figure(`${name}.join.redis.cpu.ms`, (after.redis - before.redis) / all, "ms", "and of Redis"),
    figure(`${name}.consensus.cpu.ms`, sending, "ms", "processor time to send a peer a consensus"),
    figure(
      `${name}.peer.kib`,
      (after.memory - before.memory) / all,
      "KiB",
      "memory of a broker for a connected peer",
    ),
    figure(`${name}.arrival.ms.median`, median(arrivals), "ms", "from a relay's arrival to the last client"),
    figure(`${name}.arrival.ms.max`, Math.max(...arrivals), "ms", "the longest of these"),
  ];
}

interface Broker {
  readonly child: ChildProcess;
  readonly url: string;
}

async function startBroker(state: string, redis: string): Promise<Broker> {
  const options = ["--state", state, "--port", "0", "--redis", redis, "--log-level", "warn"];
  const child = fork(MAIN, options, {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  return { child, url: `http://127.0.0.1:${String(port)}` };
}

async function end(child: ChildProcess): Promise<void> {
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

const cpuMs = (pid: number): number => 1000 * usageOf(pid).cpuSeconds;

function total(brokers: readonly Broker[], of: (pid: number) => number): number {
  return brokers.reduce((sum, { child }) => sum + of(child.pid ?? 0), 0);
}
