import { expect, it } from "vitest";
import { startNetwork } from "./support.ts";
import { pickSeeds, withSeed } from "../testing/seeded-random.ts";

const [seed = 0] = pickSeeds(1, Math.random);
const echo = { host: "echo.test", port: 80 };

it(withSeed("a client that runs relays itself never goes through them", seed), async () => {
  const { clock, network } = await startNetwork(seed, { guards: 2, middles: 2, exits: 2 });
  const [guard, , middle, , exit] = [...network.relays.keys()];
  const ours = new Set([guard, middle, exit].flatMap((id) => id ?? []));
  const client = network.client({ ours });
  for (let i = 0; i < 10; i++) {
    const { circuit } = await clock.until(client.openStream(echo, { isolation: String(i) }));
    expect(circuit.hops.filter(({ relay }) => ours.has(relay))).toEqual([]);
  }
  client.close();
});
