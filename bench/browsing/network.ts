import { fileURLToPath } from "node:url";
import { startNetwork, type RunningNetwork } from "../../e2e/fixtures/network.ts";
import { environmentFor, type Farm, startFarm } from "../../e2e/farm/network/farm.ts";
import { delayedPort } from "./delayed-port.ts";
import { benchWebApp } from "./web-app.ts";

/** A site farm, and a network to it with the web app, all on this machine. */
export interface BrowsingNetwork {
  /** With the routes that lead there over the long way. */
  readonly farm: Farm;
  readonly network: RunningNetwork;
  stop(): Promise<void>;
}

export interface BrowsingNetworkOptions {
  /** Middle relays and guards; there is one exit besides. */
  readonly relays: number;
  /** Added to each link in each direction; the browser's own links are for `delayChannels` in its page. */
  readonly delayMs: number;
}

export async function startBrowsingNetwork(options: BrowsingNetworkOptions): Promise<BrowsingNetwork> {
  const { relays, delayMs } = options;
  const near = await startFarm();
  const ports = new Map(
    await Promise.all(
      [...new Set(near.routes.map(({ to }) => to))].map(
        async (to) => [to, await delayedPort(to, delayMs)] as const,
      ),
    ),
  );
  const farm = {
    ...near,
    routes: near.routes.map((route) => ({ ...route, to: ports.get(route.to)?.port ?? route.to })),
  };
  const web = await benchWebApp(farm.authority.rootPem);
  const delayed = delayedEnvironment(delayMs);
  const names = environmentFor(farm);
  const network = await startNetwork({
    relays,
    exits: 1,
    web: web.folder,
    relayEnvironment: delayed,
    exitEnvironment: {
      ...delayed,
      ...names,
      NODE_OPTIONS: [delayed, names].map(({ NODE_OPTIONS }) => NODE_OPTIONS).join(" "),
    },
  });
  return {
    farm,
    network,
    stop: async () => {
      await network.stop();
      await web.remove();
      await near.close();
      for (const port of ports.values()) port.close();
    },
  };
}

function delayedEnvironment(delayMs: number): Readonly<Record<string, string>> {
  const hook = fileURLToPath(new URL("delay-node.mjs", import.meta.url));
  return { NODE_OPTIONS: `--import ${hook}`, TABOR_BENCH_DELAY_MS: String(delayMs) };
}
