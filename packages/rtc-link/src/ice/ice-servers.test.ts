import { VirtualClock } from "@tabor/onion-core/testing";
import { expect, test } from "vitest";
import { currentIceServers } from "./ice-servers.ts";

const HOUR = 3_600_000;
const named = (username: string) => ({
  iceServers: [{ urls: ["turn:t.example"], username, credential: "c" }],
});

test("credentials are asked for anew before they run out, and later again if nobody answers", async () => {
  const clock = new VirtualClock();
  const answers = [() => Promise.reject(new Error("away")), () => Promise.resolve(named("2"))];
  let asked = 0;
  const ask = () => (answers[asked++] ?? (() => Promise.resolve(named("3"))))();
  const servers = currentIceServers(named("1"), { ask, clock });
  const name = () => servers()[0]?.username;
  await clock.advance(6 * HOUR - 1);
  expect([name(), asked]).toEqual(["1", 0]);
  await clock.advance(1);
  expect([name(), name(), asked]).toEqual(["1", "1", 1]);
  await clock.advance(10 * 60_000);
  expect([name(), asked]).toEqual(["1", 2]);
  await clock.advance(1);
  expect([name(), asked]).toEqual(["2", 2]);
});
