import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { BODY_LENGTH } from "./cell.ts";
import {
  decodeExtend2,
  decodeExtended2,
  decodeSendme,
  decodeTruncated,
  encodeExtended2,
} from "./circuit-bodies.ts";
import {
  decodeCreate2,
  decodeCreated2,
  decodeDestroy,
  encodeCreate2,
  encodeCreated2,
  encodeDestroy,
} from "./control.ts";
import { decodeRelayMessage, encodeRelayMessage, INBOUND_COMMANDS, MESSAGE_LENGTH } from "./relay-message.ts";
import {
  decodeBegin,
  decodeConnected,
  decodeEnd,
  decodeResolve,
  decodeResolved,
  encodeBegin,
  encodeConnected,
  encodeEnd,
  encodeResolve,
  encodeResolved,
} from "./stream-bodies.ts";
import { bytesToHex, concat, hexToBytes } from "../bytes/bytes.ts";

/** Encodings that C tor and arti test themselves with; the file names where each list comes from. */
interface Message {
  readonly command: number;
  readonly name: string;
  readonly body: string;
  readonly fields: Record<string, unknown>;
}
interface RelayCell {
  readonly format: number;
  readonly prefix: string;
  readonly zero_fill?: boolean;
  readonly error?: string;
  readonly fields: { readonly command: number; readonly stream_id: number | null; readonly body?: string };
}
const file = new URL("../../test-vectors/cells.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8")) as {
  relay_messages: Message[];
  relay_messages_invalid: Message[];
  channel_messages: Message[];
  relay_cells: RelayCell[];
  relay_cells_invalid: RelayCell[];
};

const malformed = expect.objectContaining({ code: "malformed" }) as Error;

function bodies(list: readonly Message[], name: string): [string, Message][] {
  const found = list.filter((message) => message.name === name);
  if (found.length === 0) throw new Error(`no vectors for ${name}`);
  return found.map((message) => [message.body, message]);
}

/** Text form of an address of the wire, as far as the vectors use it. */
function addressText(address: Uint8Array): string {
  if (address.length === 4) return [...address].join(".");
  const groups = Array.from({ length: 8 }, (_, i) => bytesToHex(address.subarray(2 * i, 2 * i + 2)));
  const short = groups.map((group) => group.replace(/^0{1,3}/, "")).join(":");
  return short.replace(/(?:^|:)0(?::0)+(?::|$)/, "::");
}

function dialled(connected: { address: Uint8Array; ttl: number } | undefined): Record<string, unknown> {
  return connected === undefined ? {} : { address: addressText(connected.address), ttl: connected.ttl };
}

describe("BEGIN", () => {
  const noFlags = "00000000";

  test.each(bodies(vectors.relay_messages, "BEGIN"))("%s", (body, { fields }) => {
    // Tor leaves flags of zero out; SPEC §7.1 has one form, with them.
    const complete = fields["flags"] === 0 ? body + noFlags : body;
    const begin = decodeBegin(hexToBytes(complete));
    expect(begin.target).toEqual({ host: fields["address"], port: fields["port"] });
    const { ipv6Allowed, ipv4Refused, ipv6Preferred } = begin.preference;
    expect(Number(ipv6Allowed) + 2 * Number(ipv4Refused) + 4 * Number(ipv6Preferred)).toBe(fields["flags"]);
    expect(bytesToHex(encodeBegin(begin))).toBe(complete);
    if (complete !== body) expect(() => decodeBegin(hexToBytes(body))).toThrow(malformed);
  });

  test.each(bodies(vectors.relay_messages_invalid, "BEGIN"))("invalid: %s", (body) => {
    expect(() => decodeBegin(hexToBytes(body))).toThrow(malformed);
    expect(() => decodeBegin(hexToBytes(body + noFlags))).toThrow(malformed);
    expect(() => decodeBegin(hexToBytes(`${body}00${noFlags}`))).toThrow(malformed);
  });
});

describe("CONNECTED", () => {
  test.each(bodies(vectors.relay_messages, "CONNECTED"))("%j", (body, { fields }) => {
    const connected = decodeConnected(hexToBytes(body));
    expect(dialled(connected)).toEqual(fields);
    expect(bytesToHex(encodeConnected(connected))).toBe(body);
  });

  test.each(bodies(vectors.relay_messages_invalid, "CONNECTED"))("invalid: %s", (body) => {
    expect(() => decodeConnected(hexToBytes(body))).toThrow(malformed);
  });
});

describe("END", () => {
  const reasons: Record<number, string> = { 1: "misc", 4: "exit-policy", 6: "done" };
  /** Two short forms of Tor's that SPEC §7.3 does not have: no reason, and an address without a TTL. */
  const short = ["", "047f000007"];
  const published = bodies(vectors.relay_messages, "END");

  test.each(published.filter(([body]) => !short.includes(body)))("%s", (body, { fields }) => {
    const end = decodeEnd(hexToBytes(body));
    const { reason, ...refused } = fields;
    expect(end.reason).toBe(reasons[Number(reason)]);
    expect(dialled(end.refused)).toEqual(refused);
    expect(bytesToHex(encodeEnd(end))).toBe(body);
  });

  test.each(published.filter(([body]) => short.includes(body)))("%j is not ours", (body) => {
    expect(() => decodeEnd(hexToBytes(body))).toThrow(malformed);
  });
});

describe("RESOLVE, RESOLVED", () => {
  test.each(bodies(vectors.relay_messages, "RESOLVE"))("%s", (body, { fields }) => {
    expect(decodeResolve(hexToBytes(body))).toBe(fields["query"]);
    expect(bytesToHex(encodeResolve(String(fields["query"])))).toBe(body);
  });

  test.each(bodies(vectors.relay_messages, "RESOLVED"))("%s", (body, { fields }) => {
    const answers = decodeResolved(hexToBytes(body));
    const expected = fields["answers"] as { type: number; value: string; ttl: number }[];
    expect(answers).toHaveLength(expected.length);
    answers.forEach((answer, i) => {
      const { type, value, ttl } = expected[i] ?? {};
      switch (answer.type) {
        case "error":
          expect(type).toBe(answer.transient ? 0xf0 : 0xf1);
          break;
        case "name":
          expect([0, answer.name, answer.ttl]).toEqual([type, value, ttl]);
          break;
        case "address":
          expect([answer.address.length === 4 ? 4 : 6, addressText(answer.address), answer.ttl]).toEqual([
            type,
            value,
            ttl,
          ]);
      }
    });
    // We send errors with a TTL of zero, whatever Tor sends.
    const sent = bytesToHex(encodeResolved(answers));
    expect(sent).toBe(/^f[01]/.test(body) ? `${body.slice(0, 4)}00000000` : body);
  });

  test.each(bodies(vectors.relay_messages_invalid, "RESOLVED"))("invalid: %s", (body) => {
    expect(() => decodeResolved(hexToBytes(body))).toThrow(malformed);
  });
});

describe("messages of circuits", () => {
  test.each(bodies(vectors.relay_messages, "EXTENDED2"))("EXTENDED2 %s", (body, { fields }) => {
    const hdata = decodeExtended2(hexToBytes(body));
    expect(bytesToHex(hdata)).toBe(fields["handshake"]);
    expect(bytesToHex(encodeExtended2(hdata))).toBe(body);
  });

  test.each(bodies(vectors.relay_messages, "TRUNCATED"))("TRUNCATED %s", (body) => {
    expect(decodeTruncated(hexToBytes(body))).toBe("link-closed");
  });

  test.each(bodies(vectors.relay_messages, "EXTEND2"))(
    "EXTEND2 by address and RSA identity is not ours: %s",
    (body) => {
      expect(() => decodeExtend2(hexToBytes(body))).toThrow(malformed);
    },
  );

  test.each(bodies(vectors.relay_messages, "SENDME"))(
    "SENDME of version 0, or with a tag of 20 bytes, is not ours: %j",
    (body) => {
      expect(() => decodeSendme(hexToBytes(body))).toThrow(malformed);
    },
  );
});

describe("cells of circuits", () => {
  const padded = (body: string) => concat(hexToBytes(body), new Uint8Array(BODY_LENGTH - body.length / 2));

  test.each(bodies(vectors.channel_messages, "CREATE2"))("CREATE2 %s", (body, { fields }) => {
    const request = decodeCreate2(padded(body));
    expect(request.htype).toBe(fields["handshake_type"]);
    expect(bytesToHex(request.hdata)).toBe(fields["handshake"]);
    expect(bytesToHex(encodeCreate2(request))).toBe(body);
  });

  test.each(bodies(vectors.channel_messages, "CREATED2"))("CREATED2 %s", (body, { fields }) => {
    const hdata = decodeCreated2(padded(body));
    expect(bytesToHex(hdata)).toBe(fields["handshake"]);
    expect(bytesToHex(encodeCreated2(hdata))).toBe(body);
  });

  test.each(bodies(vectors.channel_messages, "DESTROY"))("DESTROY %s", (body) => {
    expect(decodeDestroy(padded(body))).toBe("hibernating");
    expect(bytesToHex(encodeDestroy("hibernating"))).toBe(body);
  });
});

describe("relay messages", () => {
  /** Tor's newer format (1) without its 16-byte tag is ours, up to the length (SPEC §4.3). */
  const content = ({ prefix }: RelayCell) => {
    const bytes = hexToBytes(prefix).slice(16);
    return concat(bytes, new Uint8Array(MESSAGE_LENGTH - bytes.length));
  };
  const usable = ({ format, fields, zero_fill }: RelayCell) =>
    format === 1 && fields.command !== 5 && !zero_fill;

  test.each(vectors.relay_cells.filter(usable))("$prefix", (cell) => {
    const message = decodeRelayMessage(content(cell), INBOUND_COMMANDS);
    expect(message).toMatchObject(
      message.command === "DATA"
        ? { streamId: cell.fields.stream_id, data: hexToBytes(cell.fields.body ?? "") }
        : { command: "EXTENDED2", hdata: hexToBytes((cell.fields.body ?? "").slice(4)) },
    );
    const encoded = new Uint8Array(MESSAGE_LENGTH);
    encodeRelayMessage(message, encoded);
    expect(encoded).toEqual(content(cell));
  });

  // Lengths above the bound of Tor's smaller cells are none of ours: those are in relay-message.test.ts.
  const invalid = vectors.relay_cells_invalid.filter(
    ({ format, error }) => format === 1 && !error?.includes("exceeds"),
  );
  test.each(invalid)("invalid: $error", (cell) => {
    expect(() => decodeRelayMessage(content(cell), INBOUND_COMMANDS)).toThrow(malformed);
  });
});
