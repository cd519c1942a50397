import { resolve } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { parseOptions } from "./options.ts";

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
      admission: "open",
      logLevel: "info",
    });
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
    expect(parseOptions([...argv, ...origins, ...ice])).toEqual({
      host: "::1",
      port: 0,
      stateFolder: "/s",
      webFolder: "/w",
      site: "b.example",
      allowedOrigins: new Set(["https://a.example", "https://b.example:8443"]),
      iceServers: [{ urls: ["stun:s.example:3478", "turns:t.example"] }],
      admission: "members",
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
    [["--log-level", "loud"], "Allowed choices are"],
    [["--unknown"], "unknown option"],
    [["stray"], "too many arguments"],
  ])("refuse %j with a sentence", (argv, sentence) => {
    expect(refusal(argv)).toContain(sentence);
  });
});
