import { expect, test } from "vitest";
import { bootstrap, directoryReady, relayLinks, socksListening } from "./messages.ts";

test("each message is understood by its reader alone", () => {
  const ready = { type: "ready", port: 8080, authority: "A" };
  const relay = { type: "relay", id: "R", links: 0 };
  const listening = { type: "listening", port: 9150 };
  const step = { type: "bootstrap", percent: 45, doing: "connecting" };
  const found = [directoryReady, relayLinks, socksListening, bootstrap].map((read) =>
    [ready, relay, listening, step].map((message) => read(message)),
  );
  expect(found).toEqual([
    [{ port: 8080, authority: "A" }, undefined, undefined, undefined],
    [undefined, 0, undefined, undefined],
    [undefined, undefined, 9150, undefined],
    [undefined, undefined, undefined, { percent: 45, doing: "connecting" }],
  ]);
});

test.each([
  undefined,
  null,
  "ready",
  7,
  [],
  {},
  { type: "ready", port: "8080", authority: "A" },
  { type: "relay" },
])("anything else is none: %j", (message) => {
  for (const read of [directoryReady, relayLinks, socksListening, bootstrap])
    expect(read(message)).toBeUndefined();
});
