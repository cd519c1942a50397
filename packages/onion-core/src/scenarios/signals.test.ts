/** Offers that come through the mesh, from whoever sends them (SPEC §7.7, §11). */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  content,
  linkDeps,
  rawCircuit,
  rawLink,
  startNetwork,
  unheardFailures,
  type RawEnd,
} from "./support.ts";
import type { StreamId } from "../cell/relay-message.ts";
import { ANY_ADDRESS } from "../cell/stream-bodies.ts";
import type { RelayId } from "../crypto/ids.ts";
import type { Link } from "../link/link.ts";
import type { MemoryNetwork } from "../testing/memory-network.ts";
import { pickSeeds } from "../testing/seeded-random.ts";

const [seed = 0] = pickSeeds(1, Math.random);
const unheard = unheardFailures(process);
afterEach(() => {
  expect(unheard.splice(0)).toEqual([]);
});

const streamId = 1 as StreamId;

let scene: Awaited<ReturnType<typeof startNetwork>>;
let target: RelayId;
beforeEach(async () => {
  scene = await startNetwork(seed);
  [target] = [...scene.network.relays.keys()] as [RelayId];
});

const link = (network: MemoryNetwork): Promise<Link> =>
  scene.clock.until(rawLink(network, target, linkDeps(scene.clock, scene.random)));

const circuit = (over: Link): Promise<RawEnd> => scene.clock.until(rawCircuit(scene.network, over, target));

async function begin(over: Link): Promise<RawEnd> {
  const end = await circuit(over);
  end.say({ command: "BEGIN_SIGNAL", streamId });
  return end;
}

/** What was said of the end of the only stream. */
const ended = ({ heard }: RawEnd): readonly string[] =>
  heard.map((message) => (message.command === "END" ? message.reason : message.command));

describe(`a signal [seed ${seed}]`, () => {
  it("that is junk is ended, and its circuit and link stand", async () => {
    const over = await link(scene.network);
    const end = await begin(over);
    end.say({ command: "DATA", streamId, data: content(1, 500) });
    end.say({ command: "END", streamId, reason: "done" });
    await scene.clock.advance(100);
    expect(ended(end)).toEqual(["misc"]);
    expect(end.destroyed).toBeUndefined();
    expect(over.isClosed).toBe(false);
  });

  it("that says nothing is ended after ten seconds", async () => {
    const end = await begin(await link(scene.network));
    await scene.clock.advance(9000);
    expect(ended(end)).toEqual([]);
    await scene.clock.advance(1100);
    expect(ended(end)).toEqual(["timeout"]);
  });

  it("that is too long is ended", async () => {
    const end = await begin(await link(scene.network));
    for (let i = 0; i < 9; i++) end.say({ command: "DATA", streamId, data: content(i, 1900) });
    await scene.clock.advance(100);
    expect(ended(end)).toEqual(["resource-limit"]);
  });

  it.each([
    ["a second signal", (end: RawEnd) => end.say({ command: "BEGIN_SIGNAL", streamId: 2 as StreamId })],
    [
      "a stream to a site beside it",
      (end: RawEnd) =>
        end.say({
          ...{ command: "BEGIN", streamId: 2 as StreamId, preference: ANY_ADDRESS },
          target: { host: "echo.test", port: 80 },
        }),
    ],
    [
      "data of another stream",
      (end: RawEnd) => end.say({ command: "DATA", streamId: 2 as StreamId, data: content(1, 10) }),
    ],
  ])("costs its circuit with %s", async (_name, misdeed) => {
    const over = await link(scene.network);
    const end = await begin(over);
    misdeed(end);
    await scene.clock.advance(100);
    expect(end.destroyed).toBe("protocol");
    expect(over.isClosed).toBe(false);
  });

  it("after a stream costs its circuit", async () => {
    const end = await circuit(await link(scene.network));
    end.say({ command: "RESOLVE", streamId, name: "echo.test" });
    await scene.clock.advance(100);
    end.say({ command: "BEGIN_SIGNAL", streamId: 2 as StreamId });
    await scene.clock.advance(100);
    expect(end.destroyed).toBe("protocol");
  });

  it("finds a place although those of another link are taken, and those are few", async () => {
    const flooded = await link(scene.network);
    const flood: RawEnd[] = [];
    for (let i = 0; i < 12; i++) flood.push(await begin(flooded));
    await scene.clock.advance(100);
    expect(flood.filter((end) => ended(end)[0] === "resource-limit")).toHaveLength(4);
    const other = await begin(await link(scene.network));
    await scene.clock.advance(100);
    expect(ended(other)).toEqual([]);
    // The places are given back.
    await scene.clock.advance(11_000);
    const again = await begin(flooded);
    await scene.clock.advance(100);
    expect(ended(again)).toEqual([]);
  });
});
