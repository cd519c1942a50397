import { describe, expect, test } from "vitest";
import { readSettings } from "./settings.ts";

describe("readSettings", () => {
  test("has a default for everything", () => {
    expect(readSettings({}, "/checkout")).toEqual({
      port: 8080,
      socksPort: 9150,
      exitPolicy: "",
      stateFolder: "/checkout/.tabor",
      directory: undefined,
      logLevel: "warn",
    });
  });

  test("takes what the environment says", () => {
    const environment = {
      TABOR_PORT: "0",
      TABOR_SOCKS_PORT: "65535",
      TABOR_EXIT_POLICY: "accept 127.0.0.0/8:*",
      TABOR_STATE: "/state",
      TABOR_DIRECTORY: "https://directory.example/path",
      TABOR_LOG: "debug",
    };
    expect(readSettings(environment, "/checkout")).toEqual({
      port: 0,
      socksPort: 65_535,
      exitPolicy: "accept 127.0.0.0/8:*",
      stateFolder: "/state",
      directory: "https://directory.example",
      logLevel: "debug",
    });
  });

  test.each([
    ["TABOR_PORT", "65536"],
    ["TABOR_PORT", "80 80"],
    ["TABOR_PORT", "-1"],
    ["TABOR_SOCKS_PORT", "0x10"],
    ["TABOR_EXIT_POLICY", "allow *:*"],
    ["TABOR_DIRECTORY", "directory.example"],
    ["TABOR_DIRECTORY", "ftp://directory.example"],
  ])("refuses %s=%s, and names it", (name, value) => {
    expect(() => readSettings({ [name]: value }, "/checkout")).toThrow(name);
  });
});
