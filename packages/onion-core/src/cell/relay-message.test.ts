import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DESTROY_REASONS, type DestroyReason } from "./control.ts";
import { END_REASONS, type EndReason } from "./end-reason.ts";
import {
  decodeRelayMessage,
  encodeRelayMessage,
  INBOUND_COMMANDS,
  MAX_STREAM_DATA,
  MESSAGE_LENGTH,
  OUTBOUND_COMMANDS,
  type RelayCommand,
  type RelayMessage,
  type StreamId,
} from "./relay-message.ts";
import { ascii, concat, hexToBytes } from "../bytes/bytes.ts";
import { compareBytes } from "../bytes/compare.ts";
import { alterations, inside } from "../testing/hostile-bytes.ts";

const malformed = expect.objectContaining({
  code: "malformed",
  where: expect.any(String) as unknown,
}) as Error;
const all: ReadonlySet<RelayCommand> = new Set([...OUTBOUND_COMMANDS, ...INBOUND_COMMANDS]);

/** Lengths of a layer's content, from the deepest slot to the first (SPEC §4.2). */
const contentLengths = Array.from({ length: 8 }, (_, i) => MESSAGE_LENGTH + 17 * i);

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const streamId = fc.integer({ min: 1, max: 0xffff }).map((id) => id as StreamId);
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const ipv4 = bytes(4).filter((address) => address.some((byte) => byte !== 0));
const address = fc.oneof(ipv4, bytes(16));
const connected = fc.record({ address, ttl: u32 });
const host = fc.oneof(fc.domain(), fc.ipV4(), fc.constantFrom("::1", "2001:db8::7", "::ffff:192.0.2.1"));
const hdata = fc.uint8Array({ maxLength: 150 });
const reason = fc.constantFrom(...(Object.keys(END_REASONS) as EndReason[]));
const ended = fc.oneof(
  reason.map((why) => ({ reason: why })),
  connected.map((refused) => ({ reason: "exit-policy" as const, refused })),
);
const resolved = fc.oneof(
  fc.record({
    type: fc.constant("name" as const),
    name: fc.domain().filter((name) => name.length < 80),
    ttl: u32,
  }),
  fc.record({ type: fc.constant("address" as const), address, ttl: u32 }),
  fc.record({ type: fc.constant("error" as const), transient: fc.boolean() }),
);

const paddingRequest = {
  action: fc.constantFrom("start" as const, "stop" as const),
  machine: fc.integer({ min: 1, max: 255 }),
  counter: fc.integer({ min: 0, max: 0xffff_ffff }),
};
const u53 = fc.maxSafeNat();
const confluxLink = { nonce: bytes(32), lastSent: u53, lastReceived: u53 };
const anyMessage: fc.Arbitrary<RelayMessage> = fc.oneof(
  fc.record({
    command: fc.constant("BEGIN" as const),
    streamId,
    target: fc.record({ host, port: fc.integer({ min: 1, max: 0xffff }) }),
    preference: fc.record({
      ipv6Allowed: fc.boolean(),
      ipv4Refused: fc.boolean(),
      ipv6Preferred: fc.boolean(),
    }),
  }),
  fc.record({ command: fc.constant("BEGIN_SIGNAL" as const), streamId }),
  fc.record({
    command: fc.constant("DATA" as const),
    streamId,
    data: fc.uint8Array({ minLength: 1, maxLength: MAX_STREAM_DATA }),
  }),
  fc.tuple(streamId, ended).map(([id, end]) => ({ command: "END" as const, streamId: id, ...end })),
  fc.record({
    command: fc.constant("CONNECTED" as const),
    streamId,
    connected: fc.option(connected, { nil: undefined }),
  }),
  fc.record({ command: fc.constant("RESOLVE" as const), streamId, name: fc.domain() }),
  fc.record({
    command: fc.constant("RESOLVED" as const),
    streamId,
    answers: fc.array(resolved, { minLength: 1, maxLength: 2 }),
  }),
  fc.record({
    command: fc.constant("FETCH" as const),
    streamId,
    origin: fc.record({
      scheme: fc.constantFrom("http" as const, "https" as const),
      host,
      port: fc.integer({ min: 1, max: 0xffff }),
    }),
  }),
  fc.record({ command: fc.constant("XOFF" as const), streamId }),
  fc.record({ command: fc.constant("XON" as const), streamId, kbps: fc.nat(2 ** 32 - 1) }),
  fc.record({ command: fc.constant("SENDME" as const), tag: bytes(16) }),
  fc.record({ command: fc.constant("TRUNCATE" as const) }),
  fc.record({
    command: fc.constant("TRUNCATED" as const),
    reason: fc.constantFrom(...(Object.keys(DESTROY_REASONS) as DestroyReason[])),
  }),
  fc.record({ command: fc.constant("DROP" as const) }),
  fc.record({
    command: fc.constant("EXTEND2" as const),
    identity: bytes(32),
    htype: fc.integer({ min: 0, max: 0xffff }),
    hdata,
  }),
  fc.record({ command: fc.constant("EXTENDED2" as const), hdata }),
  fc.record({ command: fc.constant("PADDING_NEGOTIATE" as const), ...paddingRequest }),
  fc.record({ command: fc.constant("PADDING_NEGOTIATED" as const), ...paddingRequest, ok: fc.boolean() }),
  fc.record({ command: fc.constant("CONFLUX_LINK" as const), ...confluxLink }),
  fc.record({ command: fc.constant("CONFLUX_LINKED" as const), ...confluxLink }),
  fc.record({ command: fc.constant("CONFLUX_LINKED_ACK" as const) }),
  fc.record({
    command: fc.constant("CONFLUX_SWITCH" as const),
    relative: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  }),
);

function encode(message: RelayMessage, length = MESSAGE_LENGTH): Uint8Array {
  const content = new Uint8Array(length);
  encodeRelayMessage(message, content);
  return content;
}

/** A message made by hand: hexadecimal, then zeros. */
function raw(start: string, length = MESSAGE_LENGTH): Uint8Array {
  const head = hexToBytes(start.replaceAll(" ", ""));
  return concat(head, new Uint8Array(length - head.length));
}

test("every message is decoded as it was encoded, in the content of each slot, wherever it lies", () => {
  fc.assert(
    fc.property(anyMessage, fc.constantFrom(...contentLengths), (message, length) => {
      expect(decodeRelayMessage(inside(encode(message, length)), all)).toEqual(message);
    }),
    { numRuns: 400 },
  );
});

test("a message may be encoded into a view, and leaves what lies around it alone", () => {
  const message: RelayMessage = { command: "DATA", streamId: 7 as StreamId, data: ascii("abc") };
  const buffer = new Uint8Array(MESSAGE_LENGTH + 20);
  encodeRelayMessage(message, buffer.subarray(10, 10 + MESSAGE_LENGTH));
  expect(buffer).toEqual(concat(new Uint8Array(10), encode(message), new Uint8Array(10)));
});

test.each<[RelayMessage, string]>([
  [{ command: "DATA", streamId: 0x0102 as StreamId, data: ascii("hi") }, "02 0002 0102 6869"],
  [{ command: "BEGIN_SIGNAL", streamId: 1 as StreamId }, "2d 0000 0001"],
  [{ command: "XOFF", streamId: 1 as StreamId }, "2b 0001 0001 00"],
  [{ command: "XON", streamId: 1 as StreamId, kbps: 0x01020304 }, "2c 0005 0001 00 01020304"],
  [{ command: "SENDME", tag: new Uint8Array(16).fill(0xab) }, `05 0013 01 0010 ${"ab".repeat(16)}`],
  [{ command: "TRUNCATE" }, "08 0000"],
  [{ command: "TRUNCATED", reason: "timeout" }, "09 0001 0a"],
  [{ command: "DROP" }, "0a 0000"],
  [
    { command: "CONFLUX_LINK", nonce: new Uint8Array(32).fill(0xab), lastSent: 0, lastReceived: 0 },
    `13 0032 01 ${"ab".repeat(32)} ${"00".repeat(16)} 03`,
  ],
  [
    { command: "CONFLUX_LINKED", nonce: new Uint8Array(32).fill(0xab), lastSent: 258, lastReceived: 3 },
    `14 0032 01 ${"ab".repeat(32)} 0000000000000102 0000000000000003 03`,
  ],
  [{ command: "CONFLUX_LINKED_ACK" }, "15 0000"],
  [{ command: "CONFLUX_SWITCH", relative: 0x01020304 }, "16 0004 01020304"],
  [
    { command: "EXTEND2", identity: new Uint8Array(32).fill(1), htype: 3, hdata: Uint8Array.of(9, 8) },
    `0e 0029 01 03 20 ${"01".repeat(32)} 0003 0002 0908`,
  ],
  [{ command: "EXTENDED2", hdata: Uint8Array.of(9) }, "0f 0003 0001 09"],
  [{ command: "PADDING_NEGOTIATE", action: "start", machine: 1, counter: 7 }, "29 0008 00 02 01 00 00000007"],
  [
    { command: "PADDING_NEGOTIATED", action: "stop", ok: true, machine: 1, counter: 7 },
    "2a 0008 00 01 01 01 00000007",
  ],
  [{ command: "END", streamId: 5 as StreamId, reason: "done" }, "03 0001 0005 06"],
  [{ command: "RESOLVE", streamId: 5 as StreamId, name: "a.b" }, "0b 0004 0005 612e6200"],
  [
    { command: "FETCH", streamId: 5 as StreamId, origin: { scheme: "https", host: "a.b", port: 443 } },
    "17 0009 0005 01 612e623a343433 00",
  ],
  [
    { command: "FETCH", streamId: 5 as StreamId, origin: { scheme: "http", host: "::1", port: 80 } },
    "17 000a 0005 00 5b3a3a315d3a3830 00",
  ],
])("%o is laid out as SPEC §4.3 says", (message, layout) => {
  expect(encode(message)).toEqual(raw(layout));
});

describe("hostile contents", () => {
  test("are either refused, or are the one encoding of what is read", () => {
    // Unknown reasons, and times that we do not keep, are the exceptions that SPEC §7.3 and §7.4 name.
    const canonical = (message: RelayMessage) =>
      message.command !== "END" && message.command !== "TRUNCATED" && message.command !== "RESOLVED";
    fc.assert(
      fc.property(anyMessage, (message) => {
        const content = encode(message);
        for (const altered of alterations(content.subarray(0, 48))) {
          const whole = concat(altered, content.subarray(48));
          const decoded = accepted(whole);
          if (decoded !== undefined && canonical(decoded) && decoded.command !== "DROP")
            expect(compareBytes(encode(decoded), whole)).toBe(0);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("throw nothing but our errors, whatever the bytes", () => {
    const noise = fc.tuple(
      fc.integer({ min: 0, max: 50 }),
      fc.integer({ min: 0, max: 60 }),
      fc.uint8Array({ maxLength: 64 }),
    );
    fc.assert(
      fc.property(noise, ([command, length, data]) => {
        const content = concat(
          Uint8Array.of(command, 0, length),
          data,
          new Uint8Array(MESSAGE_LENGTH - 3 - data.length),
        );
        accepted(content);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ["an unknown command", "f0 0000"],
    ["Tor's BEGIN_DIR", "0d 0000"],
    ["a stream's message with stream id 0", "02 0001 0000 ff"],
    ["DATA without data", "02 0000 0001"],
    ["a byte behind the message", "08 0000 00 01"],
    ["a byte behind the message, at the end of the content", `08 0000 ${"00".repeat(MESSAGE_LENGTH - 4)} 01`],
    ["TRUNCATE with a body", "08 0001 00"],
    ["XOFF without a version", "2b 0000 0001"],
    ["XOFF of version 1", "2b 0001 0001 01"],
    ["XOFF with a rate", "2b 0005 0001 00 00000001"],
    ["XON without a rate", "2c 0001 0001 00"],
    ["XON of version 1", "2c 0005 0001 01 00000001"],
    ["XON with two rates", "2c 0009 0001 00 00000001 00000001"],
    ["TRUNCATED without a reason", "09 0000"],
    ["TRUNCATED with two reasons", "09 0002 0101"],
    ["SENDME of version 0", "05 0000"],
    ["SENDME of version 2", `05 0013 02 0010 ${"00".repeat(16)}`],
    ["SENDME with a tag of 15 bytes", `05 0012 01 000f ${"00".repeat(15)}`],
    ["SENDME with a tag of 17 bytes", `05 0014 01 0011 ${"00".repeat(17)}`],
    ["EXTEND2 without a link specifier", "0e 0005 00 0003 0000"],
    ["EXTEND2 with two", `0e 0049 02 03 20 ${"01".repeat(32)} 03 20 ${"01".repeat(32)} 0003 0000`],
    ["EXTEND2 by another specifier", `0e 001b 01 02 14 ${"01".repeat(20)} 0003 0000`],
    ["EXTEND2 with a short identity", `0e 0026 01 03 1f ${"01".repeat(31)} 0003 0000`],
    ["FETCH of an unknown scheme", "17 0009 0005 02 612e623a343433 00"],
    ["FETCH without a port", "17 0005 0005 00 612e6200"],
    ["FETCH of port 0", "17 0007 0005 00 612e623a30 00"],
    ["FETCH of port 65536", "17 000b 0005 00 612e623a3635353336 00"],
    ["FETCH without the end of its target", "17 0006 0005 00 612e623a38"],
    ["FETCH with a path behind its target", "17 0008 0005 00 612e623a38 00 2f"],
    ["CONFLUX_LINK of version 0", `13 0032 00 ${"01".repeat(32)} ${"00".repeat(16)} 03`],
    ["CONFLUX_LINK with a nonce of 31 bytes", `13 0031 01 ${"01".repeat(31)} ${"00".repeat(16)} 03`],
    ["CONFLUX_LINK without a wish", `13 0031 01 ${"01".repeat(32)} ${"00".repeat(16)}`],
    ["CONFLUX_LINK with another wish", `13 0032 01 ${"01".repeat(32)} ${"00".repeat(16)} 01`],
    ["CONFLUX_LINK with two wishes", `13 0033 01 ${"01".repeat(32)} ${"00".repeat(16)} 03 03`],
    ["CONFLUX_LINK with a number above 2^53", `13 0032 01 ${"01".repeat(32)} ff${"00".repeat(15)} 03`],
    ["CONFLUX_LINKED that is cut off", `14 0021 01 ${"01".repeat(32)}`],
    ["CONFLUX_LINKED_ACK with a body", "15 0001 00"],
    ["CONFLUX_SWITCH to where it is", "16 0004 00000000"],
    ["CONFLUX_SWITCH that is cut off", "16 0003 000001"],
    ["CONFLUX_SWITCH with two numbers", "16 0008 00000001 00000001"],
    ["END without a reason", "03 0000 0001"],
    ["END with an address that its reason does not have", "03 0009 0001 01 7f000001 00000001"],
    ["END with a time missing", "03 0005 0001 04 7f000001"],
    ["RESOLVED without an answer", "0c 0000 0001"],
    ["RESOLVED with an error that says something", "0c 0007 0001 f0 01 aa 00000000"],
    ["RESOLVED with an unknown type", "0c 0006 0001 05 00 00000000"],
    ["RESOLVE without a name", "0b 0001 0001 00"],
    ["RESOLVE with something behind the name", "0b 0003 0001 61 00 61"],
    ["RESOLVE without an end", "0b 0002 0001 6161"],
  ])("%s is malformed", (_name, start) => {
    expect(() => decodeRelayMessage(raw(start), all)).toThrow(malformed);
  });

  test("lengths are bounded by the message, not by the content of the slot", () => {
    const data = (length: number, contentLength: number) =>
      raw(`02 ${length.toString(16).padStart(4, "0")} 0001 ff`, contentLength);
    for (const contentLength of contentLengths) {
      expect(decodeRelayMessage(data(MAX_STREAM_DATA, contentLength), all)).toMatchObject({
        command: "DATA",
      });
      for (const length of [MAX_STREAM_DATA + 1, contentLength, 0xffff]) {
        expect(() => decodeRelayMessage(data(length, contentLength), all)).toThrow(malformed);
      }
    }
    expect(decodeRelayMessage(raw("0a 0770"), all)).toEqual({ command: "DROP" });
    expect(() => decodeRelayMessage(raw("0a 0771"), all)).toThrow(malformed);
  });

  test("BEGIN of a target that is none is malformed", () => {
    const targets = [
      "",
      "host",
      "host:",
      ":80",
      "host:0",
      "host:080",
      "host:65536",
      "host:-1",
      "host: 80",
      "host:80 ",
    ];
    const more = [
      "ho st:80",
      "::1:80",
      "[::1]",
      "[::1]80",
      "[host]:80",
      "[]:80",
      "[::1:80",
      "a:b:80",
      `${"a".repeat(254)}:80`,
    ];
    for (const target of [...targets, ...more]) {
      const body = concat(ascii(target), new Uint8Array(5));
      const head = Uint8Array.of(1, body.length >> 8, body.length & 255, 0, 1);
      const content = concat(head, body, new Uint8Array(MESSAGE_LENGTH - 5 - body.length));
      expect(() => decodeRelayMessage(content, all), target).toThrow(malformed);
    }
  });
});

describe("what each side accepts", () => {
  const samples = new Map<RelayCommand, RelayMessage>();
  for (const message of fc.sample(anyMessage, { numRuns: 500, seed: 1 }))
    samples.set(message.command, message);

  test.each([
    ["a relay", OUTBOUND_COMMANDS],
    ["a client", INBOUND_COMMANDS],
  ])("%s refuses every other command, however well-formed", (_name, accepts) => {
    expect(samples.size).toBe(all.size);
    for (const [command, message] of samples) {
      const decode = () => decodeRelayMessage(encode(message), accepts);
      if (accepts.has(command)) expect(decode()).toEqual(message);
      else expect(decode).toThrow(expect.objectContaining({ code: "protocol" }) as Error);
    }
  });
});

describe("who sends", () => {
  test("may fill a message, and not more", () => {
    const sending = (length: number) => () =>
      encode({ command: "DATA", streamId: 1 as StreamId, data: new Uint8Array(length).fill(1) }, 2026);
    expect(sending(MAX_STREAM_DATA)).not.toThrow();
    expect(sending(MAX_STREAM_DATA + 1)).toThrow(expect.objectContaining({ code: "usage" }) as Error);
  });
});

/** @throws everything but refusals. */
function accepted(content: Uint8Array): RelayMessage | undefined {
  try {
    return decodeRelayMessage(content, all);
  } catch (error) {
    expect(error).toMatchObject({ name: "TaborError", code: "malformed" });
    return undefined;
  }
}
