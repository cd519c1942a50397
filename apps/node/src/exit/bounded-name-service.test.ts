import { describe, expect, test } from "vitest";
import { boundedNameService } from "./bounded-name-service.ts";
import type { NameAnswer, NameService } from "./name-service.ts";

const LOOPBACK = { found: [Uint8Array.of(127, 0, 0, 1)] };

/** A name service that answers when the test says so. */
function slowService(): { service: NameService; asked: string[]; answerAll: () => void } {
  const asked: string[] = [];
  const waiting: (() => void)[] = [];
  const service: NameService = {
    addresses: (host) => {
      asked.push(host);
      return new Promise<NameAnswer<Uint8Array>>((resolve) => waiting.push(() => resolve(LOOPBACK)));
    },
    names: () => Promise.resolve({ failed: "permanent" }),
  };
  return { service, asked, answerAll: () => waiting.splice(0).forEach((answer) => answer()) };
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, n) => `host${n}.example`);

describe("boundedNameService", () => {
  test("asks once for equal names under way, and again later", async () => {
    const { service, asked, answerAll } = slowService();
    const bounded = boundedNameService(service, 32);
    const both = [bounded.addresses("example.com"), bounded.addresses("EXAMPLE.com")];
    answerAll();
    expect(await Promise.all(both)).toEqual([LOOPBACK, LOOPBACK]);
    const again = bounded.addresses("example.com");
    answerAll();
    await again;
    expect(asked).toEqual(["example.com", "example.com"]);
  });

  test("asks 32 at a time, then the others in order", async () => {
    const { service, asked, answerAll } = slowService();
    const bounded = boundedNameService(service, 32);
    const answers = Promise.all(numbered(100).map((name) => bounded.addresses(name)));
    expect(asked).toEqual(numbered(32));
    while (asked.length < 100) {
      answerAll();
      await Promise.resolve();
    }
    answerAll();
    expect(await answers).toHaveLength(100);
    expect(asked).toEqual(numbered(100));
  });

  test("refuses what would wait behind too many", async () => {
    const { service, answerAll } = slowService();
    const bounded = boundedNameService(service, 32);
    const admitted = numbered(32 + 1024).map((name) => bounded.addresses(name));
    expect(await bounded.addresses("late.example")).toEqual({ failed: "resource-limit" });
    answerAll();
    expect(await admitted[0]).toEqual(LOOPBACK);
  });
});
