/** A volunteering tab that loses its network comes back by itself: the same relay, with what it has done, carrying again. */
import { expect, test } from "@playwright/test";
import { bytesOf, sha256 } from "./fixtures/content.ts";
import { namespaceFlags, runInNamespace } from "./leak/harness.ts";
import type { Found } from "./nat/lost.ts";

const flags = namespaceFlags();

test("a tab whose link, or whose house's, is lost and comes back is the same relay again, and carries", async () => {
  test.skip(
    flags === undefined,
    "No network was lost: this machine makes no network namespaces (Linux, `unshare`, `ip`, root or user namespaces).",
  );
  test.setTimeout(1_800_000);
  const lines: string[] = [];
  const program = ["e2e/nat/namespace.sh", "e2e/nat/lost.ts"];
  const code = await runInNamespace({ flags: flags ?? "", program }, (line) => lines.push(line));
  expect(code).toBe(0);
  const { meanwhile, seen } = JSON.parse(lines.at(-1) ?? "") as Found;
  expect(meanwhile[0]).toContain("this device is offline");
  expect(seen).toHaveLength(3);
  expect(new Set(seen.map(({ relay }) => relay)).size).toBe(1);
  const file = sha256(bytesOf(300_000));
  expect(seen.map(({ sha256 }) => sha256)).toEqual([file, file, file]);
  const totals = seen.map(({ total }) => total);
  expect(totals).toEqual([...totals].sort((a, b) => a - b));
});
