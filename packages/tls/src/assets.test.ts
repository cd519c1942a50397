import { createHash, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { SeededRandom, VirtualClock } from "@tabor/onion-core/testing";
import { describe, expect, test } from "vitest";
import { rootsUrl, wasmUrl } from "./assets.ts";
import { parseRoots } from "./roots.ts";
import { tlsModule } from "./testing/client.ts";
import { tlsClient } from "./tls-client.ts";

describe("tls.wasm", () => {
  test("is what build.sh wrote down", async () => {
    const written = await readFile(new URL("../wasm/tls.wasm.sha256", import.meta.url), "utf8");
    const hash = createHash("sha256").update(await readFile(wasmUrl));
    expect(`${hash.digest("hex")}  tls.wasm\n`).toBe(written);
  });

  test("comes from the crates and compiler that its page names", async () => {
    const [page, lock] = await Promise.all(
      ["../wasm/README.md", "../build/packages.lock"].map((path) =>
        readFile(new URL(path, import.meta.url), "utf8"),
      ),
    );
    const named = [
      "librust-rustls-dev",
      "librust-rustls-webpki-dev",
      "librust-ring-dev",
      "rustc",
      "binaryen",
    ];
    for (const name of named) {
      const version = new RegExp(`^\\w+ ${name} ([\\d.]*\\d)`, "m").exec(lock ?? "")?.[1] ?? "no version";
      expect(page).toContain(version.replace(/-\d+$/, ""));
    }
  });

  test("asks its host for time, randomness and little else", async () => {
    const asked = WebAssembly.Module.imports(await tlsModule()).map(
      ({ module, name }) => `${module} ${name}`,
    );
    expect(asked.sort()).toEqual(
      ["clock_time_get", "environ_get", "environ_sizes_get", "fd_write", "proc_exit", "random_get"].map(
        (name) => `wasi_snapshot_preview1 ${name}`,
      ),
    );
  });
});

describe("mozilla.pem", () => {
  const read = async (): Promise<string> => readFile(rootsUrl, "utf8");

  test("is dated, and every issuer in it can be one", async () => {
    const { date, certificates } = parseRoots(await read());
    expect(Date.parse(date)).toBeGreaterThan(Date.UTC(2026, 0));
    expect(certificates.length).toBeGreaterThan(100);
    for (const certificate of certificates) expect(new X509Certificate(certificate).ca).toBe(true);
    const client = tlsClient({
      module: await tlsModule(),
      roots: certificates,
      random: new SeededRandom(1),
      clock: new VirtualClock(),
    });
    expect(client).toBeDefined();
  });

  test("is refused when it is no such list", () => {
    expect(() => parseRoots("")).toThrow("no list of trusted issuers");
    expect(() => parseRoots("# date: 2026-01-01\n<!doctype html>")).toThrow("no list of trusted issuers");
  });
});
