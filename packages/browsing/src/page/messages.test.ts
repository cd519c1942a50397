import { TaborError } from "@tabor/onion-core";
import { describe, expect, it } from "vitest";
import {
  MAX_SOCKET_MESSAGE,
  parsePageHello,
  parsePageMessage,
  parseSocketMessage,
  type PageMessage,
  type SocketMessage,
} from "./messages.ts";

describe("what hooks say", () => {
  it.each<PageMessage>([
    { type: "cookie", cookie: "a=b; Path=/" },
    { type: "navigating", url: "https://a.example/x", kind: "push" },
    { type: "location", url: "https://a.example/x#y", kind: "replace" },
    { type: "title", title: "" },
    { type: "open", url: "https://b.example/", activated: true },
    { type: "websocket", url: "wss://a.example/", protocols: ["chat", "superchat"] },
  ])("$type is read", (message) => {
    expect(parsePageMessage(message)).toEqual(message);
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["text", "cookie"],
    ["another kind", { type: "fetch", url: "https://a.example/" }],
    ["another key", { type: "title", title: "", tab: 3 }],
    ["an endless cookie", { type: "cookie", cookie: "a".repeat(5000) }],
    ["an endless address", { type: "open", url: "a".repeat(100_000), activated: false }],
    [
      "a protocol that splits a field",
      { type: "websocket", url: "wss://a.example/", protocols: ["a\r\nHost: b"] },
    ],
    ["endless protocols", { type: "websocket", url: "wss://a.example/", protocols: Array(1000).fill("a") }],
    ["an object that answers", { type: "title", title: { toString: () => "x" } }],
  ])("is refused if it is %s", (_what, message) => {
    expect(() => parsePageMessage(message)).toThrow(TaborError);
  });

  it("begins with who it is", () => {
    expect(parsePageHello({ type: "tabor-page", page: 3 })).toEqual({ type: "tabor-page", page: 3 });
    for (const other of [null, "tabor-page", { type: "tabor-page" }, { type: "tabor-page", page: -1 }])
      expect(parsePageHello(other)).toBeUndefined();
  });
});

describe("what hooks say of a WebSocket", () => {
  it.each<SocketMessage>([
    { type: "text", text: "" },
    { type: "binary", bytes: Uint8Array.of(1) },
    { type: "credit", bytes: 1 },
    { type: "close", reason: "" },
    { type: "close", code: 4999, reason: "done" },
  ])("$type is read", (message) => {
    expect(parseSocketMessage(message)).toEqual(message);
  });

  it.each<[string, unknown]>([
    ["bytes that are none", { type: "binary", bytes: [1, 2] }],
    ["a long text", { type: "text", text: "a".repeat(MAX_SOCKET_MESSAGE + 1) }],
    ["long bytes", { type: "binary", bytes: new Uint8Array(MAX_SOCKET_MESSAGE + 1) }],
    ["no credit", { type: "credit", bytes: 0 }],
    ["endless credit", { type: "credit", bytes: Number.MAX_SAFE_INTEGER }],
    ["a code of no meaning", { type: "close", code: 99, reason: "" }],
    ["a long reason", { type: "close", code: 1000, reason: "a".repeat(124) }],
  ])("is refused if it is %s", (_what, message) => {
    expect(() => parseSocketMessage(message)).toThrow(TaborError);
  });
});
