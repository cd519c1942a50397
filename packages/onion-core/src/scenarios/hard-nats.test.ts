import { expect, it } from "vitest";
import { ECHO, startNetwork } from "./support.ts";
import type { NatClass } from "../directory/nat.ts";
import type { RelayPlan } from "../testing/memory-network.ts";
import { pickSeeds, withSeed } from "../testing/seeded-random.ts";

const [seed = 0] = pickSeeds(1, Math.random);
const echo = { host: "echo.test", port: 80 };
const guard = (nat: NatClass): RelayPlan => ({ flags: ["Guard", "Fast", "Stable"], nat });

it(withSeed("two behind hard NATs are never linked, nor neighbours in a circuit", seed), async () => {
  const { clock, network } = await startNetwork(seed, {
    ...{ guards: 0, middles: 0, exits: 0 },
    others: [
      ...[guard("hard"), guard("easy")],
      ...(["hard", "hard", "turn", "unknown"] as const).map(
        (nat) => ({ flags: ["Fast", "Stable"], nat }) as const,
      ),
      { flags: ["Exit", "Fast", "Stable"], nat: "hard", sites: ECHO },
    ],
  });
  const behindHard = network.entries.filter(({ descriptor }) => descriptor.nat === "hard");
  const hard = new Set<string>(["client", ...behindHard.map(({ descriptor }) => descriptor.identity)]);
  const client = network.client({ nat: () => "hard" });
  for (let i = 0; i < 12; i++) {
    const { circuit } = await clock.until(client.openStream(echo, { isolation: String(i) }));
    expect(circuit.hops.map(({ relay }) => hard.has(relay))).toEqual([false, false, true]);
  }
  expect(network.channels.filter(({ from, to }) => hard.has(from) && hard.has(to))).toEqual([]);
  client.close();
});
