/** When what was lost may be had again, nothing waits for its next try. */
import { expect, it } from "vitest";
import { startNetwork } from "./support.ts";
import { TaborError } from "../errors.ts";
import type { ChannelDialer } from "../directory/source.ts";
import { silentLog } from "../ports/log.ts";
import { RelayMesh } from "../relay/relay-mesh.ts";
import { pickSeeds, SeededRandom, withSeed } from "../testing/seeded-random.ts";

const [seed = 0] = pickSeeds(1, Math.random);
const TEN_MINUTES = 600_000;

/** Reaches nobody, and counts. */
function deadDialer(): ChannelDialer & { readonly dials: number } {
  let dials = 0;
  return {
    dial: () => {
      dials++;
      return Promise.reject(new TaborError("unreachable", "link", "no network"));
    },
    get dials() {
      return dials;
    },
  };
}

it(
  withSeed("a client that waits for its next try dials its guard now, and begins with short waits", seed),
  async () => {
    const { clock, network } = await startNetwork(seed);
    const dialer = deadDialer();
    const client = network.client({ dialer });
    await clock.advance(TEN_MINUTES);
    const before = dialer.dials;
    client.hurry();
    await clock.settle();
    expect(dialer.dials).toBe(before + 1);
    // Some tries only have the guards tried again: the third wait has ended by 10.5 s, and none of before would end within 15.
    await clock.advance(14_000);
    expect(dialer.dials).toBeGreaterThan(before + 1);
    client.close();
  },
);

it(withSeed("a relay that has lost all others does not wait to dial them again", seed), async () => {
  const { clock, network } = await startNetwork(seed);
  const [own, ...others] = network.relays.keys();
  const { relay, mesh: former } = network.relays.get(own ?? expect.unreachable()) ?? expect.unreachable();
  former.close();
  for (const other of others) network.kill(other);
  const dialer = deadDialer();
  const mesh = new RelayMesh({
    ...{ relay, directory: network.directory, dialer, maxLinks: 64, clock, random: new SeededRandom(seed) },
    log: silentLog,
  });
  await clock.advance(TEN_MINUTES);
  const before = dialer.dials;
  mesh.hurry();
  await clock.settle();
  expect(dialer.dials).toBeGreaterThan(before);
  mesh.close();
});
