import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ascii, bytesToHex, concat, hexToBytes } from "@tabor/onion-core";
import { SocksHandshake, type HandshakeStep } from "./handshake.ts";

const NO_AUTH = "05 01 00";
const USER_AUTH = "05 01 02";
const CONNECT_IPV4 = "05 01 00 01 c0000201 0050";
const CONNECT_NAME = "05 01 00 03 0b 6578616d706c652e636f6d 01bb";
const CONNECT_IPV6 = "05 01 00 04 20010db8000000000000000000000001 0050";

/** Hexadecimal, with spaces between the fields. */
function hex(...parts: readonly string[]): Uint8Array {
  return hexToBytes(parts.join("").replaceAll(" ", ""));
}

function pushed(...parts: readonly string[]): HandshakeStep {
  return new SocksHandshake().push(hex(...parts));
}

function nameRequest(name: string, command = "01"): Uint8Array {
  return concat(hex("05", command, "00 03"), Uint8Array.of(name.length), ascii(name), hex("0050"));
}

describe("a request is accepted", () => {
  test.each([
    ["IPv4", CONNECT_IPV4, { host: "192.0.2.1", port: 80 }],
    ["a name", CONNECT_NAME, { host: "example.com", port: 443 }],
    ["IPv6", CONNECT_IPV6, { host: "2001:db8::1", port: 80 }],
  ])("CONNECT to %s", (_, request, target) => {
    expect(pushed(NO_AUTH, request)).toEqual({
      kind: "request",
      reply: hex("05 00"),
      accepted: { request: { command: "connect", target }, credentials: undefined, early: new Uint8Array(0) },
    });
  });

  test("Tor's RESOLVE and RESOLVE_PTR", () => {
    const step = pushed(NO_AUTH, "05 f0 00 03 0b 6578616d706c652e636f6d 0000");
    expect(step).toMatchObject({ accepted: { request: { command: "resolve", host: "example.com" } } });
    const reverse = pushed(NO_AUTH, "05 f1 00 01 c0000201 0000");
    expect(reverse).toMatchObject({
      accepted: { request: { command: "resolve-ptr", address: Uint8Array.of(192, 0, 2, 1) } },
    });
  });

  test("with a user name and a password, of up to 255 bytes", () => {
    for (const length of [0, 1, 255]) {
      const field = concat(Uint8Array.of(length), new Uint8Array(length).fill(0xe9));
      const step = new SocksHandshake().push(concat(hex(USER_AUTH, "01"), field, field, hex(CONNECT_IPV4)));
      const secret = new Uint8Array(length).fill(0xe9);
      expect(step).toMatchObject({
        reply: hex("05 02 01 00"),
        accepted: { credentials: { user: secret, password: secret } },
      });
    }
  });

  test("asks for a user name when both are offered, since it tells circuits apart", () => {
    expect(pushed("05 03 00 01 02")).toEqual({ kind: "more", reply: hex("05 02") });
  });

  test.each([["::1"], ["[::1]"], ["127.0.0.1"], ["site.example."], ["onion.example"]])(
    "a name may be %s",
    (name) => {
      const step = new SocksHandshake().push(concat(hex(NO_AUTH), nameRequest(name)));
      expect(step).toMatchObject({ accepted: { request: { target: { host: name.replace(/[[\]]/g, "") } } } });
    },
  );

  test("and what follows it is kept for the site", () => {
    const step = pushed(NO_AUTH, CONNECT_IPV4, "c0ffee");
    expect(step).toMatchObject({ accepted: { early: hex("c0ffee") } });
  });
});

describe("any split of the input gives the same", () => {
  const wholes = {
    "without credentials": hex(NO_AUTH, CONNECT_NAME, "c0ffee"),
    "with credentials": hex("05 02 00 02", "01 03 616263 02 7879", CONNECT_IPV6),
    refused: hex(NO_AUTH, "05 02 00 01 c0000201 0050"),
  };

  function run(pieces: readonly Uint8Array[]): { reply: string; last: HandshakeStep; early: string } {
    const handshake = new SocksHandshake();
    let reply = "";
    let last: HandshakeStep = { kind: "more", reply: new Uint8Array(0) };
    const rest: Uint8Array[] = [];
    for (const piece of pieces) {
      if (last.kind === "more") {
        last = handshake.push(piece);
        reply += bytesToHex(last.reply);
      } else rest.push(piece);
    }
    const early = last.kind === "request" ? concat(last.accepted.early, ...rest) : new Uint8Array(0);
    return { reply, last, early: bytesToHex(early) };
  }

  function meaning({ reply, last, early }: ReturnType<typeof run>): unknown {
    if (last.kind !== "request") return { reply, kind: last.kind };
    return { reply, request: last.accepted.request, credentials: last.accepted.credentials, early };
  }

  test.each(Object.entries(wholes))("byte by byte, %s", (_, whole) => {
    const bytes = Array.from(whole, (byte) => Uint8Array.of(byte));
    expect(meaning(run(bytes))).toEqual(meaning(run([whole])));
  });

  test.each(Object.entries(wholes))("anywhere, in views that do not start at zero, %s", (_, whole) => {
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length)), (cuts) => {
        const padded = concat(Uint8Array.of(9, 9), whole).subarray(2);
        const ends = [...cuts.sort((a, b) => a - b), whole.length];
        const pieces = ends.map((end, i) => padded.subarray(ends[i - 1] ?? 0, end));
        expect(meaning(run(pieces))).toEqual(meaning(run([whole])));
      }),
    );
  });

  test("every truncation waits for more", () => {
    const whole = hex("05 02 00 02", "01 03 616263 02 7879", CONNECT_NAME);
    for (let length = 0; length < whole.length; length++) {
      expect(new SocksHandshake().push(whole.subarray(0, length)).kind).toBe("more");
    }
  });
});

describe("refused", () => {
  const refusal = (code: string): string => `05${code}000100000000 0000`.replaceAll(" ", "");

  test.each([
    ["no acceptable method", ["05 02 01 80"], "05ff"],
    ["no method at all", ["05 00"], "05ff"],
    ["credentials of another version", [USER_AUTH, "05 01 61 01 62"], "05020101"],
    ["BIND", [NO_AUTH, "05 02 00 01 c0000201 0050"], `0500${refusal("07")}`],
    ["UDP ASSOCIATE", [NO_AUTH, "05 03 00 01 c0000201 0050"], `0500${refusal("07")}`],
    ["an unknown command", [NO_AUTH, "05 f2 00 01 c0000201 0050"], `0500${refusal("07")}`],
    ["an unknown address type", [NO_AUTH, "05 01 00 02 c0000201 0050"], `0500${refusal("08")}`],
    ["a reserved byte that is not zero", [NO_AUTH, "05 01 01 01 c0000201 0050"], `0500${refusal("01")}`],
    ["a request of another version", [NO_AUTH, "04 01 00 01 c0000201 0050"], `0500${refusal("01")}`],
    ["port 0", [NO_AUTH, "05 01 00 01 c0000201 0000"], `0500${refusal("01")}`],
    [
      "a reverse lookup of a name",
      [NO_AUTH, "05 f1 00 03 0b 6578616d706c652e636f6d 0000"],
      `0500${refusal("08")}`,
    ],
    ["SOCKS 4", ["04 01 0050 c0000201 00"], "005b000000000000"],
    ["another protocol", ["16 03 01"], ""],
  ])("%s", (_, input, reply) => {
    const step = pushed(...input);
    expect(step.kind).toBe("refuse");
    expect(bytesToHex(step.reply)).toBe(reply);
  });

  test.each([
    "",
    "2130706433",
    "0x7f.1",
    "fe80::1%eth0",
    "a b",
    "a\nb",
    "abcdefghij.onion",
    "ABC.Onion.",
    "onion",
    "x".repeat(255),
  ])("%j is no host: host unreachable", (name) => {
    const step = new SocksHandshake().push(concat(hex(NO_AUTH), nameRequest(name)));
    expect(step.kind).toBe("refuse");
    expect(bytesToHex(step.reply)).toBe(`0500${refusal("04")}`);
  });

  test.each(["GET / HTTP/1.1\r\n", "CONNECT site.example:443 HTTP/1.1\r\n", "P"])(
    "HTTP gets an answer in HTTP: %j",
    (text) => {
      const step = new SocksHandshake().push(ascii(text.replace(/[\r\n]/g, " ")));
      const answer = Buffer.from(step.reply).toString();
      expect(step.kind).toBe("refuse");
      expect(answer).toMatch(/^HTTP\/1\.0 501 [^\r\n]+\r\nContent-Type: text\/plain/);
      expect(answer).toContain("SOCKS");
    },
  );

  test("nothing is taken after the end", () => {
    const handshake = new SocksHandshake();
    handshake.push(hex("04"));
    expect(() => handshake.push(hex("05"))).toThrow("over");
  });

  test("no input at all makes it throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.boolean(), (bytes, valid) => {
        const input = valid ? concat(hex(NO_AUTH), bytes) : bytes;
        expect(["more", "refuse", "request"]).toContain(new SocksHandshake().push(input).kind);
      }),
    );
  });
});
