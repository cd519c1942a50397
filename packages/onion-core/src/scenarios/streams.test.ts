import { describe, expect, it } from "vitest";
import { webAead } from "../crypto/web-aead.ts";
import { MemoryNetwork, type RelayPlan, type Sites } from "../testing/memory-network.ts";
import { pickSeeds, SeededRandom, withSeed } from "../testing/seeded-random.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { pump } from "../stream/duplex.ts";

const echo: Sites = {
  "echo.test": (connection) => void pump(connection, connection).catch(() => undefined),
};

const FOUR: readonly RelayPlan[] = [
  { flags: ["Guard", "Fast", "Stable"] },
  { flags: ["Guard", "Fast", "Stable"] },
  { flags: ["Exit", "Fast", "Stable"], sites: echo },
  { flags: ["Exit", "Fast", "Stable"], sites: echo },
];

describe("a network in memory", () => {
  for (const seed of pickSeeds(1)) {
    it(withSeed("carries a stream through three hops and back", seed), async () => {
      const clock = new VirtualClock();
      const network = await MemoryNetwork.start(FOUR, {
        clock,
        random: new SeededRandom(seed),
        aead: webAead,
      });
      const client = network.client();
      const stream = await clock.until(
        client.openStream({ host: "echo.test", port: 80 }, { isolation: "a" }),
      );
      const sent = new Uint8Array(3_000_000).map((_, i) => (i * 7) & 0xff);
      const received: Uint8Array[] = [];
      const reading = (async () => {
        for (let bytes = await stream.read(); bytes !== null; bytes = await stream.read())
          received.push(bytes);
      })();
      const writing = stream.write(sent).then(() => {
        stream.end();
      });
      await clock.until(Promise.all([reading, writing]));
      expect(Buffer.concat(received).equals(sent)).toBe(true);
      expect(new Set(stream.circuit.hops.map((hop) => hop.relay)).size).toBe(3);
      client.close();
    });
  }
});
