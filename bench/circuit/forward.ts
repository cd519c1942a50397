import type { DataChannel } from "@tabor/onion-core";
import { tell } from "./parent.ts";
import { Valve } from "./valve.ts";

/** Passes messages of up to 16 KiB on in both directions, and does nothing else. */
export async function forward(
  previous: DataChannel,
  dialled: Promise<DataChannel>,
  closed: () => void,
): Promise<void> {
  const onward = await dialled;
  const there = new Valve(onward);
  const back = new Valve(previous);
  previous.receive({
    message: (bytes) => {
      there.send(bytes);
    },
    drained: () => {
      back.drained();
    },
    closed,
  });
  onward.receive({
    message: (bytes) => {
      back.send(bytes);
    },
    drained: () => {
      there.drained();
    },
    closed,
  });
  tell({ type: "links", count: 2 });
}
