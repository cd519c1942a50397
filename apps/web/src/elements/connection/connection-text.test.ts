import { TaborError, type BootstrapStage } from "@tabor/onion-core";
import { describe, expect, test } from "vitest";
import type { DirectoryPhase, NetworkState } from "../../services/network.ts";
import { connectionText } from "./connection-text.ts";

function stateAt(stage: BootstrapStage, directory: DirectoryPhase, problem?: TaborError): NetworkState {
  return { directory, client: { stage, percent: 45, doing: "", problem }, circuits: [] };
}

const joined: DirectoryPhase = { phase: "joined", problem: undefined };
const away = new TaborError("unreachable", "directory", "the directory cannot be reached");

describe("connectionText", () => {
  test("each stage has its own words, and the percentage never falls on the way", () => {
    const way = [
      stateAt("directory", { phase: "loading" }),
      stateAt("directory", { phase: "connecting" }),
      stateAt("directory", { phase: "authenticating" }),
      stateAt("directory", joined),
      stateAt("guard", joined),
      stateAt("ready", joined),
    ].map((state) => connectionText(state, 0));
    expect(new Set(way.map(({ headline }) => headline)).size).toBe(way.length);
    const percents = way.map(({ percent }) => percent);
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
    expect(percents.at(-1)).toBe(100);
  });

  test("counts down to the next try when the directory is away", () => {
    const lost = stateAt("directory", { phase: "lost", reason: away, retryAt: 5000 });
    expect(connectionText(lost, 1500)).toMatchObject({
      tone: "waiting",
      sentence: "The directory cannot be reached. Trying again in 4 s.",
    });
    expect(connectionText(lost, 6000).sentence).toContain("Trying again now.");
  });

  test("says that the device is offline, and nothing of a next try", () => {
    const text = connectionText(stateAt("directory", { phase: "offline" }), 0);
    expect(text).toMatchObject({ tone: "waiting", headline: "This device is offline" });
    expect(text.sentence).toContain("the network can't be reached");
    expect(connectionText(stateAt("ready", { phase: "offline" }), 0).tone).toBe("ready");
  });

  test("says what is in the way, where, and what to do", () => {
    const noExit = new TaborError("no-path", "directory", "no exit that allows port 80 is left");
    const text = connectionText(stateAt("circuit", joined, noExit), 0);
    expect(text).toMatchObject({ tone: "waiting", headline: "There are not enough relays just now" });
    expect(text.sentence).toContain("no exit that allows port 80 is left");
    expect(text.advice).toContain("volunteer");
  });

  test("a consensus that was refused is a problem, not silence", () => {
    const stranger = new TaborError("not-authentic", "directory", "signed by strangers");
    expect(connectionText(stateAt("directory", { phase: "joined", problem: stranger }), 0).tone).toBe(
      "waiting",
    );
  });

  test("a browser that cannot take part is told so at once", () => {
    const reason = new TaborError("unreachable", "here", "this browser has WebRTC switched off");
    expect(connectionText(stateAt("directory", { phase: "failed", reason }), 0)).toMatchObject({
      tone: "failed",
      percent: 0,
    });
  });

  test("once connected, a directory that is away does not alarm", () => {
    const text = connectionText(stateAt("ready", { phase: "lost", reason: away, retryAt: 0 }), 0);
    expect(text).toMatchObject({ tone: "ready", percent: 100 });
    expect(text.sentence).toContain("away");
  });
});
