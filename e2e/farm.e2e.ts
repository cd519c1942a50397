/** The farm does what its sites promise, as a client of Node's sees it: else the journeys would prove nothing. */
import { expect, test } from "@playwright/test";
import iconv from "iconv-lite";
import { gunzipSync } from "node:zlib";
import { HOSTILE_CERTIFICATES } from "./farm/network/hostile-certificates.ts";
import { type Farm, environmentFor, startFarm } from "./farm/network/farm.ts";
import { visit } from "./farm/network/visitor.ts";
import { SHOPPER } from "./farm/sites/shop.ts";
import { LETTERED } from "./farm/sites/wiki.ts";
import { bytesOf } from "./fixtures/content.ts";
import { Program } from "./fixtures/program.ts";

let farm: Farm;
test.beforeAll(async () => {
  farm = await startFarm();
});
test.afterAll(() => farm.close());

const FORM = { "content-type": "application/x-www-form-urlencoded" };

test("the news page has the parts of a large page", async () => {
  const { body, headers } = await visit(farm, "https://news.test/", {
    headers: { "accept-encoding": "gzip" },
  });
  expect(headers["content-encoding"]).toBe("gzip");
  const text = gunzipSync(body).toString();
  const hosts = new Set([...text.matchAll(/(?:https:)?\/\/([\w.]+test)/g)].map(([, host]) => host));
  expect(hosts.size).toBeGreaterThanOrEqual(12);
  expect((await visit(farm, "https://img1.news.test/png/0/160x90.png")).headers["content-type"]).toBe(
    "image/png",
  );
});

test("hosts speak the versions of TLS they are told to, and plain http leads to https", async () => {
  for (const host of ["photos.test/photo.jpg", "static.news.test/css/main.css", "news.test/"])
    await visit(farm, `https://${host}`);
  const version = (host: string): string | undefined => farm.visitsTo(host).at(-1)?.tls;
  expect(["photos.test", "static.news.test", "news.test"].map(version)).toEqual([
    "TLSv1.2",
    "TLSv1.3",
    "TLSv1.3",
  ]);
  const { status, headers } = await visit(farm, "http://news.test/article/1");
  expect([status, headers.location]).toEqual([301, "https://news.test/article/1"]);
  expect((await visit(farm, "http://plain.test/")).status).toBe(200);
});

for (const fault of [...Object.keys(HOSTILE_CERTIFICATES), "tls11"]) {
  test(`a client that checks refuses ${fault}.bad.test`, async () => {
    await expect(visit(farm, `https://${fault}.bad.test/`)).rejects.toThrow();
    expect(farm.visitsTo(`${fault}.bad.test`)).toEqual([]);
  });
}

test("the shop knows its customers by cookie, and refuses forms from elsewhere", async () => {
  const first = await visit(farm, "https://shop.test/account");
  expect([first.status, first.headers.location]).toEqual([302, "/login?next=%2Faccount"]);
  const cookie = (first.headers["set-cookie"] ?? []).map((line) => line.split(";")[0]).join("; ");
  const body = new URLSearchParams({
    email: SHOPPER.name,
    password: SHOPPER.password,
    next: "/account",
  }).toString();
  const post = { method: "POST", body, headers: { ...FORM, cookie } };
  const wrong = await visit(farm, "https://shop.test/login", { ...post, body: "email=a&password=b" });
  expect(wrong.status).toBe(401);
  const foreign = { ...post, headers: { ...post.headers, origin: "https://news.test" } };
  expect((await visit(farm, "https://shop.test/login", foreign)).status).toBe(403);
  const welcome = await visit(farm, "https://shop.test/login", post);
  expect([welcome.status, welcome.headers.location]).toEqual([303, "/account"]);
  const account = await visit(farm, "https://shop.test/account", { headers: { cookie } });
  expect(account.body.toString()).toContain(`Hello, ${SHOPPER.name}`);
});

test("pages in many character sets hold the same text", async () => {
  for (const [path, { charset, text }] of Object.entries(LETTERED)) {
    const { body } = await visit(farm, `https://letters.test/${path}`);
    expect(iconv.decode(body, charset), path).toContain(text);
  }
});

test("a film and files come in ranges", async () => {
  const range = (value: string) => ({ headers: { range: value } });
  const part = await visit(farm, "https://media.video.test/clip.webm", range("bytes=0-3"));
  expect([part.status, part.body.toString("hex")]).toEqual([206, "1a45dfa3"]);
  const tail = await visit(farm, "https://downloads.test/bytes/1000", range("bytes=-10"));
  expect(tail.headers["content-range"]).toBe("bytes 990-999/1000");
  expect(tail.body).toEqual(bytesOf(1000).subarray(990));
  const middle = await visit(farm, "https://downloads.test/bytes/5000000", range("bytes=4000001-4000020"));
  expect(middle.body).toEqual(bytesOf(4_000_021).subarray(4_000_001));
  expect((await visit(farm, "https://downloads.test/bytes/10", range("bytes=10-"))).status).toBe(416);
  const stale = { range: "bytes=1-2", "if-range": '"other"' };
  expect((await visit(farm, "https://downloads.test/bytes/10", { headers: stale })).status).toBe(200);
  const whole = await visit(farm, "https://downloads.test/bytes/3000000");
  expect(whole.body.equals(bytesOf(3_000_000))).toBe(true);
});

test("a forum keeps what was uploaded", async () => {
  const form = new FormData();
  form.set("author", "Ada");
  form.set("text", "See <this>");
  form.append("files", new File([new Uint8Array(bytesOf(100_000))], "naïve 狐.bin"));
  const request = new Request("https://forum.test/thread/3", { method: "POST", body: form });
  const headers = { "content-type": request.headers.get("content-type") ?? "" };
  const sent = Buffer.from(await request.arrayBuffer());
  const reply = await visit(farm, "https://forum.test/thread/3", { method: "POST", headers, body: sent });
  expect(reply.headers.location).toBe("/thread/3#post-0");
  const file = await visit(farm, "https://forum.test/thread/3/0/0");
  expect(file.body.equals(bytesOf(100_000))).toBe(true);
});

test("odd hosts are odd", async () => {
  expect((await visit(farm, "https://chunked.test/")).body.toString()).toContain("It came whole.");
  expect((await visit(farm, "https://http10.test/")).body.toString()).toContain("It came whole.");
  expect((await visit(farm, "https://slow.test/drip/3?every=1")).body.toString()).toContain("It came whole.");
  for (const host of [
    "short",
    "endless-head",
    "endless-line",
    "endless-status",
    "bad-chunk",
    "smuggling",
    "not-http",
    "hangs-up",
  ])
    await expect(visit(farm, `https://${host}.test/`), host).rejects.toThrow();
  const bomb = await visit(farm, "https://bomb.test/8");
  expect(bomb.body.length).toBeLessThan(20_000);
  expect(gunzipSync(bomb.body).length).toBe(8 * 1024 * 1024);
});

test("a program that is told the routes finds the farm by name, at the ports of the web", async () => {
  const program = new Program({
    name: "names",
    script: "e2e/farm/network/find.ts",
    env: environmentFor(farm),
  });
  expect((await program.line(/^news.*/))[0]).toBe("news.test 443 connected");
  expect((await program.line(/^plain.*/))[0]).toBe("plain.test 443 ECONNREFUSED");
  expect((await program.line(/^nobody.*/))[0]).toBe("nobody.test 443 ENOTFOUND");
  await program.exited;
});
