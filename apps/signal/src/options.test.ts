import { resolve } from "node:path";
import { relayId } from "@tabor/onion-core";
import { describe, expect, it, vi } from "vitest";
import { parseOptions } from "./options.ts";

const KEY_C = relayId(new Uint8Array(32).fill(3));
const KEY_D = relayId(new Uint8Array(32).fill(4));

/** What people read on stderr when the program does not start. */
function refusal(argv: readonly string[]): string {
  let text = "";
  vi.spyOn(process.stderr, "write").mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  vi.spyOn(process, "exit").mockImplementation((code) => {
    throw new Error(`exit ${String(code)}`);
  });
  expect(() => parseOptions(argv)).toThrow("exit 1");
  return text;
}

describe("options", () => {
  it("have safe defaults", () => {
    expect(parseOptions([])).toEqual({
      host: "127.0.0.1",
      port: 8080,
      stateFolder: resolve(".tabor/signal"),
      webFolder: undefined,
      site: "tabor.localhost",
      allowedOrigins: new Set(),
      iceServers: [],
      turnSecretFile: undefined,
      hosts: undefined,
      admission: "open",
      others: [],
      roundMs: 2000,
      printKey: false,
      logLevel: "info",
    });
  });

  it("share an open network's brokers by Redis, and no others'", () => {
    const redis = "redis://user:secret@127.0.0.1:6379";
    expect(parseOptions(["--redis", redis])).toMatchObject({ redis });
    const other = `https://b.example#${KEY_C}`;
    expect(refusal(["--redis", redis, "--admission", "members"])).toContain("--redis is for an open network");
    expect(refusal(["--redis", redis, "--peers", other])).toContain("--redis is for an open network");
    expect(refusal(["--redis", "127.0.0.1:6379"])).toContain("A Redis is like redis://127.0.0.1:6379.");
  });

  it("are read", () => {
    const argv = [
      "--host",
      "::1",
      "--port",
      "0",
      "--state",
      "/s",
      "--web",
      "/w",
      "--site",
      "b.example",
      "--admission",
      "members",
      "--log-level",
      "silent",
    ];
    const origins = ["--allow-origin", "https://a.example", "https://b.example:8443"];
    const ice = ["--ice-server", "stun:s.example:3478", "--ice-server", "turns:t.example"];
    const turn = ["--turn-secret-file", "/t"];
    const peers = ["--peers", `https://c.example/#${KEY_C},http://127.0.0.1:81#${KEY_D}`, "--round", "500"];
    expect(parseOptions([...argv, ...origins, ...ice, ...turn, ...peers, "--print-key"])).toEqual({
      host: "::1",
      port: 0,
      stateFolder: "/s",
      webFolder: "/w",
      site: "b.example",
      allowedOrigins: new Set(["https://a.example", "https://b.example:8443"]),
      iceServers: ["stun:s.example:3478", "turns:t.example"],
      turnSecretFile: "/t",
      hosts: undefined,
      admission: "members",
      others: [
        { url: "https://c.example", authority: KEY_C },
        { url: "http://127.0.0.1:81", authority: KEY_D },
      ],
      roundMs: 500,
      printKey: true,
      logLevel: "silent",
    });
  });

  it.each([
    [["--port", "65536"], "A port is 0 to 65535."],
    [["--port", "80x"], "A port is 0 to 65535."],
    [["--port", "-1"], "A port is 0 to 65535."],
    [["--allow-origin", "https://example.org/path"], "An origin is like https://example.org"],
    [["--allow-origin", "*"], "An origin is like https://example.org"],
    [["--site", "https://example.org"], "A domain is like example.org"],
    [["--site", "a..b"], "A domain is like example.org"],
    [["--ice-server", "http://example.org"], "An ICE server is like stun:"],
    [["--ice-server", "turn:t.example"], "needs --turn-secret-file"],
    [["--ice-server", ...Array.from({ length: 9 }, (_, i) => `stun:${i}.example`)], "At most 8"],
    [["--peers", "https://c.example"], "like https://b.example#KEY"],
    [["--peers", `ftp://c.example#${KEY_C}`], "like https://b.example#KEY"],
    [["--peers", `https://c.example#${KEY_C}`, `https://d.example#${KEY_C}`], "named twice"],
    [["--round", "99"], "A round takes"],
    [["--round", "1e4"], "A round takes"],
    [["--log-level", "loud"], "Allowed choices are"],
    [["--adhoc", "nowhere"], "is no host:port"],
    [["--unknown"], "unknown option"],
    [["stray"], "too many arguments"],
  ])("refuse %j with a sentence", (argv, sentence) => {
    expect(refusal(argv)).toContain(sentence);
  });
});
