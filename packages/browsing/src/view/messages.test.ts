import { TaborError } from "@tabor/onion-core";
import { describe, expect, it } from "vitest";
import { parseViewAnswer, parseViewRequest } from "./messages.ts";

const valid = {
  type: "view-request",
  token: "abc",
  method: "GET",
  query: "",
  fragment: "",
  fields: { range: "bytes=0-" },
  destination: "image",
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
    ["another method", { ...valid, method: "PUT" }],
    ["another field", { ...valid, fields: { cookie: "a" } }],
    ["another key", { ...valid, url: "https://a.example/" }],
    ["an endless token", { ...valid, token: "a".repeat(100_000) }],
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
