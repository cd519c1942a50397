/** Two houses whose NATs and a firewall keep their relays apart: they link through a TURN server, and everybody is told so. */
import { expect, test } from "@playwright/test";
import { namespaceFlags, runInNamespace } from "./leak/harness.ts";
import type { Found } from "./nat/main.ts";

const flags = namespaceFlags();

test("what cannot be reached otherwise is reached through TURN, and shown to be", async () => {
  test.skip(
    flags === undefined,
    "No TURN server was tried: this machine makes no network namespaces (Linux, `unshare`, `ip`, root or user namespaces).",
  );
  test.setTimeout(900_000);
  const lines: string[] = [];
  const program = ["e2e/nat/namespace.sh", "e2e/nat/main.ts"];
  const code = await runInNamespace({ flags: flags ?? "", program }, (line) => lines.push(line));
  expect(code).toBe(0);
  const { nats, status, page, dropped } = JSON.parse(lines.at(-1) ?? "") as Found;
  expect(nats).toEqual(["behind a hard NAT, and no TURN server", "a TURN server lends an address"]);
  expect(status).toMatch(/^Links +2 to relays, .*; ≤ 8 through TURN$/m);
  expect(status).toMatch(/^NAT +hard, with a TURN server$/m);
  expect(page.nat).toBe("turn");
  expect(page.throughTurn).toBeGreaterThanOrEqual(1);
  expect(page.text).toContain("through a TURN server now");
  // They did try, and only the detour worked.
  expect(dropped).toBeGreaterThan(0);
});
