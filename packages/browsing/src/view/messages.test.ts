import { TaborError } from "@tabor/onion-core";
import { describe, expect, it } from "vitest";
import { parseViewAnswer, parseViewRequest, type ViewRequestMessage } from "./messages.ts";

const valid: ViewRequestMessage = {
  type: "view-request",
  path: "/~v/abc?",
  method: "GET",
  fragment: "",
  fields: [["range", "bytes=0-"]],
  destination: "image",
  mode: "no-cors",
  credentials: "include",
  redirect: "follow",
  client: "c",
  resultingClient: "",
  reload: false,
  traversed: false,
};

describe("a request of the view", () => {
  it("is read", () => {
    expect(parseViewRequest(valid)).toEqual(valid);
  });

  it.each([
    ["nothing", undefined],
    ["text", "view-request"],
    ["no method", { ...valid, method: "GET /" }],
    ["fields that are none", { ...valid, fields: { cookie: "a" } }],
    ["endless fields", { ...valid, fields: Array(1000).fill(["a", "b"]) }],
    ["another mode", { ...valid, mode: "websocket" }],
    ["another key", { ...valid, url: "https://a.example/" }],
    ["no path", { ...valid, path: "https://a.example/" }],
    ["an endless path", { ...valid, path: `/${"a".repeat(2_000_000)}` }],
    ["a body of no length", { ...valid, bodyLength: -1 }],
  ])("is refused if it is %s", (_what, message) => {
    expect(() => parseViewRequest(message)).toThrow(TaborError);
  });
});

it("an answer of the view is read, or is none", () => {
  const answer = { type: "answer", status: 200, headers: [["a", "b"]], hasBody: true };
  expect(parseViewAnswer(answer)).toEqual(answer);
  expect(parseViewAnswer({ type: "taken" })).toEqual({ type: "taken" });
  for (const other of [
    { type: "answer", status: 99 },
    { ...answer, status: 101 },
    { type: "credit", bytes: 1 },
    null,
  ]) {
    expect(parseViewAnswer(other)).toBeUndefined();
  }
});
