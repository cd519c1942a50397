import { request } from "node:http";
import { VirtualClock } from "@tabor/onion-core/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { listenMetrics, type MetricsServer } from "./listen-metrics.ts";
import { MetricsPage } from "./metrics-page.ts";
import { rounded } from "./metric.ts";

let circuits: number;
let clock: VirtualClock;
let page: MetricsPage;
let server: MetricsServer | undefined;
beforeEach(() => {
  circuits = 3;
  clock = new VirtualClock();
  page = new MetricsPage(
    [
      { name: "circuits_total", help: "Circuits.", kind: "counter", bin: 8, value: () => circuits },
      {
        name: "links",
        help: "Links.",
        kind: "gauge",
        value: () => [
          [{ peer: "relay" }, 2],
          [{ peer: "client" }, 0],
        ],
      },
    ],
    clock,
  );
});
afterEach(() => server?.close());

test.each([
  [0, 8, 0],
  [1, 8, 8],
  [8, 8, 8],
  [9, 8, 16],
  [2.5, 1, 3],
])("rounded(%d, %d) is %d", (value, bin, expected) => {
  expect(rounded(value, bin)).toBe(expected);
});

test("a page has each value, rounded up, and says so", async () => {
  expect((await page.text()).split("\n").filter((line) => line !== "")).toEqual([
    "# HELP circuits_total Circuits. Rounded up to a multiple of 8.",
    "# TYPE circuits_total counter",
    "circuits_total 8",
    "# HELP links Links.",
    "# TYPE links gauge",
    'links{peer="relay"} 2',
    'links{peer="client"} 0',
  ]);
});

test("a page stays the same for ten seconds", async () => {
  await page.text();
  circuits = 20;
  await clock.advance(9_999);
  expect(await page.text()).toContain("circuits_total 8");
  await clock.advance(1);
  expect(await page.text()).toContain("circuits_total 24");
  await clock.advance(10_000);
  expect(await page.text()).toContain("circuits_total 24");
});

function ask(path: string, method = "GET", host?: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = host === undefined ? {} : { host };
    const asked = request({ host: "127.0.0.1", port: server?.port, path, method, headers }, (response) => {
      let text = "";
      response.on("data", (chunk) => (text += String(chunk)));
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, text });
      });
    });
    asked.on("error", reject).end();
  });
}

test("the page is served to this machine, under its own names only", async () => {
  server = await listenMetrics(page, 0);
  expect(await ask("/metrics")).toEqual({ status: 200, text: await page.text() });
  for (const own of ["localhost", "localhost:9100", "[::1]:9100"]) {
    expect((await ask("/metrics", "GET", own)).status).toBe(200);
  }
  for (const other of ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80"]) {
    expect(await ask("/metrics", "GET", other)).toEqual({ status: 403, text: "" });
  }
  expect(await ask("/")).toEqual({ status: 404, text: "" });
  expect(await ask("/metrics", "POST")).toEqual({ status: 405, text: "" });
});

test("a port that is taken: one sentence", async () => {
  server = await listenMetrics(page, 0);
  await expect(listenMetrics(page, server.port)).rejects.toThrow(`on port ${String(server.port)}: `);
});
