import { bytesToBase64Url, consensusDigest, decodeConsensus, type RelayId } from "@tabor/onion-core";
import { TEST_NOW, testConsensus, testRelay, VirtualClock } from "@tabor/onion-core/testing";
import { beforeAll, expect, test } from "vitest";
import { tellConsensus } from "./consensus-program.ts";

const GOOD = "http://good.example";
/** What the good server has, by path; another server answers nothing. */
const served = new Map<string, Uint8Array>();
let authorities: readonly RelayId[];
let relay: RelayId;

const fetchServed = ((url: URL) => {
  const body = url.origin === GOOD ? served.get(url.pathname) : undefined;
  return Promise.resolve(
    body === undefined ? new Response(null, { status: 404 }) : new Response(Uint8Array.from(body)),
  );
}) as typeof globalThis.fetch;

const tell = (options: Partial<Parameters<typeof tellConsensus>[0]>) =>
  tellConsensus(
    { directory: [GOOD], authority: authorities, ...options },
    { fetch: fetchServed, clock: new VirtualClock(TEST_NOW + 1) },
  ).then((lines) => lines.join("\n"));

beforeAll(async () => {
  const [staying, coming] = await Promise.all([testRelay(), testRelay({ policy4: "accept 443" })]);
  relay = coming.key.id;
  const first = await testConsensus({ relays: [staying] });
  authorities = first.authorities;
  served.set("/tabor/consensus", first.bytes);
  const digest = bytesToBase64Url(await consensusDigest(decodeConsensus(first.bytes).body));
  served.set(`/tabor/consensus/${digest}`, first.bytes);
});

test("says who signed, who did not, and that there is nothing to compare with", async () => {
  const stranger = "A".repeat(43) as RelayId;
  const text = await tell({ authority: authorities });
  expect(text).toContain("Signed by 1 of 1 authorities; 1 are needed");
  expect(text).toContain(`signed     ${authorities[0] ?? ""}`);
  expect(text).toContain("no longer at hand");
  expect(text).toContain("1 relays");
  await expect(tell({ authority: [...authorities, stranger] })).rejects.toThrow(
    "signed by 1 of 2 authorities, and more than half are needed",
  );
});

test("asks the next server where one has nothing, and tells what each answered", async () => {
  expect(await tell({ directory: ["http://away.example", GOOD] })).toContain("Signed by 1");
  await expect(tell({ directory: ["http://away.example", "http://gone.example"] })).rejects.toThrow(
    /away\.example: .*\n.*gone\.example: /,
  );
});

test("of a relay that is not listed, says so", async () => {
  await expect(tell({ relay })).rejects.toThrow("No relay of the consensus begins with");
});
