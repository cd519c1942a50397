import { TaborError } from "@tabor/onion-core";
import { expect, test } from "vitest";
import type { NetworkState } from "../services/network.ts";
import { Store } from "../services/store.ts";
import { untilReady } from "./until-ready.ts";

const away = new TaborError("unreachable", "directory", "the directory cannot be reached");

function waitIn(state: Partial<NetworkState>) {
  const client = { stage: "directory", percent: 10, doing: "", problem: undefined } as const;
  const store = new Store<NetworkState>({ client, directory: { phase: "loading" }, circuits: [], ...state });
  const leaving = new AbortController();
  const said: string[] = [];
  const ready = untilReady(store, leaving.signal, (sentence) => said.push(sentence));
  return { store, leaving, said, ready, client };
}

test("it says what is being waited for", async () => {
  const { store, said, ready, client } = waitIn({});
  const tell = (change: Partial<NetworkState>): void => {
    store.value = { ...store.value, ...change };
  };
  tell({ client: { ...client, doing: "linking to a guard" } });
  tell({ directory: { phase: "lost", reason: away, retryAt: 0 } });
  tell({ directory: { phase: "offline" } });
  tell({ client: { ...client, stage: "ready" } });
  await ready;
  expect(said).toEqual([
    "Waiting for the network",
    "Waiting for the network: linking to a guard",
    "Waiting for the network: the directory cannot be reached",
    "Waiting for the network: this device is offline",
  ]);
});

test("it ends when nobody wants to wait any more, and where there is no way in", async () => {
  const { leaving, ready } = waitIn({});
  leaving.abort();
  await expect(ready).rejects.toMatchObject({ code: "aborted" });
  await expect(waitIn({ directory: { phase: "failed", reason: away } }).ready).rejects.toBe(away);
});
