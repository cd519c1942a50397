import { expect, it } from "vitest";
import { webPrimitives } from "../crypto/web-primitives.ts";
import { MemoryNetwork, type RelayPlan } from "../testing/memory-network.ts";
import { pickSeeds, SeededRandom, withSeed } from "../testing/seeded-random.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";

const RELAYS: readonly RelayPlan[] = [
  { flags: ["Guard", "Fast", "Stable"] },
  { flags: ["Guard", "Fast", "Stable"] },
  { flags: ["Exit", "Fast", "Stable"], sites: {} },
  { flags: ["Exit", "Fast", "Stable"], sites: {} },
];

for (const seed of pickSeeds(1, Math.random)) {
  it(withSeed("when no exit is left, the person hears what the exits said", seed), async () => {
    const clock = new VirtualClock();
    const random = new SeededRandom(seed);
    const network = await MemoryNetwork.start(RELAYS, { clock, random, primitives: webPrimitives });
    const client = network.client();
    const opening = client.openStream({ host: "nowhere.test", port: 80 }, { isolation: "a" });
    await expect(clock.until(opening)).rejects.toMatchObject({ code: "resolve-failed", where: "exit" });
    client.close();
  });
}
