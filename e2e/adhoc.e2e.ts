/** A network whose hosts elect their server: it begins, goes on, and stays one (SPEC §9.8). */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test, type WebSocket } from "@playwright/test";
import { AdhocHosts } from "./fixtures/adhoc.ts";
import { App } from "./fixtures/app.ts";
import { bytesOf, sha256 } from "./fixtures/content.ts";
import { type Site, startSite } from "./fixtures/site.ts";

/** How often six hosts start at once. The long form is 50. */
const ROUNDS = Number(process.env["TABOR_ADHOC_ROUNDS"] ?? 2);
const HOSTS = 6;
/** A slow machine takes a fraction of it. */
const UNITED = { timeout: 120_000 };
const KIB = 1024;

const run = promisify(execFile);

async function curl(socks: string, user: string, url: string): Promise<Buffer> {
  const proxy = ["--proxy", `socks5h://${user}:x@${socks}`];
  const args = ["--silent", "--show-error", "--fail", "--max-time", "200", ...proxy, url];
  const { stdout } = await run("curl", args, { encoding: "buffer", maxBuffer: 64 * KIB * KIB });
  return stdout;
}

/** All of them have joined one server. @param gone which it is not any more. */
async function untilUnited(hosts: AdhocHosts, gone?: string): Promise<string> {
  let server: string | undefined;
  const united = (): boolean => {
    const servers = new Set(hosts.servers);
    [server] = servers;
    return servers.size === 1 && server !== undefined && server !== gone;
  };
  await expect.poll(united, UNITED).toBe(true);
  return server ?? "";
}

for (let round = 1; round <= ROUNDS; round++) {
  test(`${HOSTS} hosts that start at once are one network (${round} of ${ROUNDS})`, async () => {
    const hosts = await AdhocHosts.create(HOSTS);
    for (let i = 0; i < HOSTS; i++) hosts.start(i, "--no-relay");
    const server = await untilUnited(hosts);
    expect(hosts.addresses).toContain(server);
    await hosts.stop();
  });
}

test.describe("a server that is killed", () => {
  let hosts: AdhocHosts;
  let site: Site;
  let socks: string;
  /** What the first server served: a client and a relay. */
  let app: App;
  const sockets: WebSocket[] = [];

  test.beforeAll(async ({ browser }) => {
    site = await startSite();
    hosts = await AdhocHosts.create(HOSTS);
    // It carries nothing: what is shown below is that circuits do not need their server.
    const server = hosts.start(0, "--no-relay");
    await server.line(/^Joined the network/);
    for (const i of [1, 2]) hosts.start(i);
    for (const i of [3, 4]) hosts.start(i, "--exit", "--policy", "accept 127.0.0.0/8:*");
    const user = hosts.start(5, "--no-relay", "--socks", "0");
    [, socks = ""] = await user.line(/^SOCKS 5 proxy on (\S+)$/);
    await user.line(/^Bootstrapped 100 %/);
    app = await App.open(await browser.newContext(), `http://${hosts.addresses[0]}`);
    app.page.on("websocket", (socket) => sockets.push(socket));
    await app.ready();
    await app.volunteer(4);
  });
  test.afterAll(async () => {
    await app.page.context().close();
    await hosts.stop();
    await site.close();
  });

  test("was believed at first contact, as every host says that was not told better", () => {
    const text = hosts.textOf(1);
    expect(text).toContain("whichever of its hosts serves signs alone what all others believe");
    expect(text).toContain(`${hosts.addresses[0]}  believed at first contact, and pinned then`);
  });

  test("ends no stream, and another serves", async () => {
    const before = await untilUnited(hosts);
    expect(before).toBe(hosts.addresses[0]);
    const pieces = 150;
    const stream = curl(socks, "running", `${site.origin}/drip/${pieces}?every=100`);
    await expect.poll(() => site.visits.length).toBe(1);
    const killed = Date.now();
    await hosts.kill(0);
    await untilUnited(hosts, before);
    console.log(
      `a new server, and all have joined it, ${Date.now() - killed} ms after the old one was killed`,
    );
    expect(sha256(await stream)).toBe(sha256(bytesOf(pieces * KIB)));
  });

  test("new circuits can be built", async () => {
    expect(sha256(await curl(socks, "afterwards", `${site.origin}/bytes/5000`))).toBe(sha256(bytesOf(5000)));
  });

  test("is replaced for a tab, too, which goes on as a client and as a relay", async () => {
    const [server] = hosts.servers;
    const open = () =>
      sockets.filter((socket) => !socket.isClosed() && new URL(socket.url()).host === server);
    await expect.poll(() => open().length).toBe(2);
    await app.page.getByTestId("new-tab").click();
    await app.goPlain(`${site.origin}/page`);
    await app.shows("document");
    await expect(app.document.locator("h1")).toBeVisible();
  });

  test("joins the new one when it is back, and a tab hears of it", async () => {
    const [server] = hosts.servers;
    hosts.start(0);
    expect(await untilUnited(hosts)).toBe(server);
    await app.page.getByTestId("view-volunteer").click();
    await app.linked(5);
  });
});
