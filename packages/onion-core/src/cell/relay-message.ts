import {
  decodeBegin,
  decodeConnected,
  decodeEnd,
  decodeFetch,
  decodeResolve,
  decodeResolved,
  decodeXoff,
  decodeXon,
  encodeBegin,
  encodeConnected,
  encodeEnd,
  encodeFetch,
  encodeResolve,
  encodeResolved,
  encodeXoff,
  encodeXon,
  type Begin,
  type Connected,
  type End,
  type FetchOrigin,
  type ResolvedAnswer,
  type Xon,
} from "./stream-bodies.ts";
import {
  decodeExtend2,
  decodeExtended2,
  decodeSendme,
  decodeTruncated,
  encodeExtend2,
  encodeExtended2,
  encodeSendme,
  encodeTruncated,
  type Extend2,
} from "./circuit-bodies.ts";
import {
  decodeConfluxLink,
  decodeConfluxSwitch,
  encodeConfluxLink,
  encodeConfluxSwitch,
  type ConfluxLink,
} from "./conflux-bodies.ts";
import type { DestroyReason } from "./control.ts";
import {
  decodeCircuitPadded,
  decodeCircuitPadding,
  encodeCircuitPadded,
  encodeCircuitPadding,
  type CircuitPaddingAnswer,
  type CircuitPaddingRequest,
} from "./padding-bodies.ts";
import { TaborError } from "../errors.ts";

/**
 * What a client and one of its hops say to each other inside the layers (SPEC §4.3):
 *
 *     command u8 | length u16 | [stream id u16] | data (length) | zeros
 */
export const MESSAGE_LENGTH = 1907;
const HEADER_LENGTH = 3;
const STREAM_ID_LENGTH = 2;
export const MAX_STREAM_DATA = MESSAGE_LENGTH - HEADER_LENGTH - STREAM_ID_LENGTH;

/** A stream's number on its circuit, 1…65535 (SPEC §7). */
export type StreamId = number & { readonly __brand: "StreamId" };

export type StreamMessage =
  | ({ readonly command: "BEGIN"; readonly streamId: StreamId } & Begin)
  | { readonly command: "FETCH"; readonly streamId: StreamId; readonly origin: FetchOrigin }
  | { readonly command: "BEGIN_SIGNAL"; readonly streamId: StreamId }
  | { readonly command: "DATA"; readonly streamId: StreamId; readonly data: Uint8Array }
  | ({ readonly command: "END"; readonly streamId: StreamId } & End)
  | { readonly command: "CONNECTED"; readonly streamId: StreamId; readonly connected: Connected | undefined }
  | { readonly command: "RESOLVE"; readonly streamId: StreamId; readonly name: string }
  | { readonly command: "RESOLVED"; readonly streamId: StreamId; readonly answers: readonly ResolvedAnswer[] }
  | { readonly command: "XOFF"; readonly streamId: StreamId }
  | ({ readonly command: "XON"; readonly streamId: StreamId } & Xon);

export type CircuitMessage =
  | { readonly command: "SENDME"; readonly tag: Uint8Array }
  | { readonly command: "TRUNCATE" }
  | { readonly command: "TRUNCATED"; readonly reason: DestroyReason }
  | { readonly command: "DROP" }
  | ({ readonly command: "EXTEND2" } & Extend2)
  | { readonly command: "EXTENDED2"; readonly hdata: Uint8Array }
  | ({ readonly command: "PADDING_NEGOTIATE" } & CircuitPaddingRequest)
  | ({ readonly command: "PADDING_NEGOTIATED" } & CircuitPaddingAnswer);

/** What joins circuits to a set (SPEC §14). */
export type ConfluxMessage =
  | ({ readonly command: "CONFLUX_LINK" } & ConfluxLink)
  | ({ readonly command: "CONFLUX_LINKED" } & ConfluxLink)
  | { readonly command: "CONFLUX_LINKED_ACK" }
  | { readonly command: "CONFLUX_SWITCH"; readonly relative: number };

export type RelayMessage = StreamMessage | CircuitMessage | ConfluxMessage;
export type RelayCommand = RelayMessage["command"];

const COMMANDS: Readonly<Record<RelayCommand, number>> = {
  BEGIN: 1,
  DATA: 2,
  END: 3,
  CONNECTED: 4,
  SENDME: 5,
  TRUNCATE: 8,
  TRUNCATED: 9,
  DROP: 10,
  RESOLVE: 11,
  RESOLVED: 12,
  EXTEND2: 14,
  EXTENDED2: 15,
  CONFLUX_LINK: 19,
  CONFLUX_LINKED: 20,
  CONFLUX_LINKED_ACK: 21,
  CONFLUX_SWITCH: 22,
  FETCH: 23,
  PADDING_NEGOTIATE: 41,
  PADDING_NEGOTIATED: 42,
  XOFF: 43,
  XON: 44,
  BEGIN_SIGNAL: 45,
};

const COMMAND_NAMES = new Map<number, RelayCommand>(
  Object.entries(COMMANDS).map(([name, number]) => [number, name as RelayCommand]),
);

/** What a relay may be told by a client. */
export const OUTBOUND_COMMANDS: ReadonlySet<RelayCommand> = new Set<RelayCommand>([
  "BEGIN",
  "FETCH",
  "BEGIN_SIGNAL",
  "DATA",
  "END",
  "SENDME",
  "XOFF",
  "XON",
  "TRUNCATE",
  "DROP",
  "RESOLVE",
  "EXTEND2",
  "PADDING_NEGOTIATE",
  "CONFLUX_LINK",
  "CONFLUX_LINKED_ACK",
  "CONFLUX_SWITCH",
]);

/** What a client may be told by a hop. */
export const INBOUND_COMMANDS: ReadonlySet<RelayCommand> = new Set<RelayCommand>([
  "DATA",
  "END",
  "CONNECTED",
  "SENDME",
  "XOFF",
  "XON",
  "TRUNCATED",
  "DROP",
  "RESOLVED",
  "EXTENDED2",
  "PADDING_NEGOTIATED",
  "CONFLUX_LINKED",
  "CONFLUX_SWITCH",
]);

/** Writes `message`, and zeros after it, to `content`, which has at least 1907 bytes. */
export function encodeRelayMessage(message: RelayMessage, content: Uint8Array): void {
  const data = encodeBody(message);
  const start = HEADER_LENGTH + ("streamId" in message ? STREAM_ID_LENGTH : 0);
  if (start + data.length > MESSAGE_LENGTH)
    throw new TaborError("usage", "here", "relay message is too long");
  content[0] = COMMANDS[message.command];
  writeU16(content, 1, data.length);
  if ("streamId" in message) writeU16(content, HEADER_LENGTH, message.streamId);
  content.set(data, start);
  content.fill(0, start + data.length);
}

/**
 * Reads a message from the content of a layer. Data in it are views of `content`.
 * @param accepts commands that this place may receive: others are refused before their body is looked at.
 * @throws malformed or protocol.
 */
export function decodeRelayMessage(content: Uint8Array, accepts: ReadonlySet<RelayCommand>): RelayMessage {
  const command = COMMAND_NAMES.get(content[0] ?? 0);
  if (command === undefined) throw malformed("unknown command");
  if (!accepts.has(command)) throw new TaborError("protocol", "relay", `${command} is not allowed here`);
  const length = readU16(content, 1);
  const start = HEADER_LENGTH + (hasStreamId(command) ? STREAM_ID_LENGTH : 0);
  if (start + length > MESSAGE_LENGTH) throw malformed("length");
  requireZeros(content, start + length);
  const data = content.subarray(start, start + length);
  return hasStreamId(command)
    ? decodeStreamMessage(command, streamIdFrom(readU16(content, HEADER_LENGTH)), data)
    : decodeCircuitMessage(command, data);
}

type StreamCommand = StreamMessage["command"];

function hasStreamId(command: RelayCommand): command is StreamCommand {
  switch (command) {
    case "BEGIN":
    case "FETCH":
    case "BEGIN_SIGNAL":
    case "DATA":
    case "END":
    case "CONNECTED":
    case "RESOLVE":
    case "RESOLVED":
    case "XOFF":
    case "XON":
      return true;
    case "SENDME":
    case "TRUNCATE":
    case "TRUNCATED":
    case "DROP":
    case "EXTEND2":
    case "EXTENDED2":
    case "PADDING_NEGOTIATE":
    case "PADDING_NEGOTIATED":
    case "CONFLUX_LINK":
    case "CONFLUX_LINKED":
    case "CONFLUX_LINKED_ACK":
    case "CONFLUX_SWITCH":
      return false;
  }
}

function decodeStreamMessage(command: StreamCommand, streamId: StreamId, data: Uint8Array): StreamMessage {
  switch (command) {
    case "BEGIN":
      return { command, streamId, ...decodeBegin(data) };
    case "FETCH":
      return { command, streamId, origin: decodeFetch(data) };
    case "BEGIN_SIGNAL":
      requireEmpty(data);
      return { command, streamId };
    case "DATA":
      if (data.length === 0) throw malformed("DATA without data");
      return { command, streamId, data };
    case "END":
      return { command, streamId, ...decodeEnd(data) };
    case "CONNECTED":
      return { command, streamId, connected: decodeConnected(data) };
    case "RESOLVE":
      return { command, streamId, name: decodeResolve(data) };
    case "RESOLVED":
      return { command, streamId, answers: decodeResolved(data) };
    case "XOFF":
      decodeXoff(data);
      return { command, streamId };
    case "XON":
      return { command, streamId, ...decodeXon(data) };
  }
}

function decodeCircuitMessage(
  command: (CircuitMessage | ConfluxMessage)["command"],
  data: Uint8Array,
): CircuitMessage | ConfluxMessage {
  switch (command) {
    case "SENDME":
      return { command, tag: decodeSendme(data) };
    case "TRUNCATED":
      return { command, reason: decodeTruncated(data) };
    case "EXTEND2":
      return { command, ...decodeExtend2(data) };
    case "EXTENDED2":
      return { command, hdata: decodeExtended2(data) };
    case "PADDING_NEGOTIATE":
      return { command, ...decodeCircuitPadding(data) };
    case "PADDING_NEGOTIATED":
      return { command, ...decodeCircuitPadded(data) };
    case "CONFLUX_LINK":
    case "CONFLUX_LINKED":
      return { command, ...decodeConfluxLink(data) };
    case "CONFLUX_SWITCH":
      return { command, relative: decodeConfluxSwitch(data) };
    case "TRUNCATE":
    case "CONFLUX_LINKED_ACK":
      requireEmpty(data);
      return { command };
    case "DROP":
      return { command };
  }
}

function encodeBody(message: RelayMessage): Uint8Array {
  switch (message.command) {
    case "BEGIN":
      return encodeBegin(message);
    case "FETCH":
      return encodeFetch(message.origin);
    case "DATA":
      return message.data;
    case "END":
      return encodeEnd(message);
    case "CONNECTED":
      return encodeConnected(message.connected);
    case "RESOLVE":
      return encodeResolve(message.name);
    case "RESOLVED":
      return encodeResolved(message.answers);
    case "SENDME":
      return encodeSendme(message.tag);
    case "TRUNCATED":
      return encodeTruncated(message.reason);
    case "EXTEND2":
      return encodeExtend2(message);
    case "EXTENDED2":
      return encodeExtended2(message.hdata);
    case "PADDING_NEGOTIATE":
      return encodeCircuitPadding(message);
    case "PADDING_NEGOTIATED":
      return encodeCircuitPadded(message);
    case "XOFF":
      return encodeXoff();
    case "XON":
      return encodeXon(message);
    case "CONFLUX_LINK":
    case "CONFLUX_LINKED":
      return encodeConfluxLink(message);
    case "CONFLUX_SWITCH":
      return encodeConfluxSwitch(message.relative);
    case "BEGIN_SIGNAL":
    case "TRUNCATE":
    case "DROP":
    case "CONFLUX_LINKED_ACK":
      return new Uint8Array(0);
  }
}

/** These two run for every cell; a DataView for each would cost more than the rest of the codec. */
function readU16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

function streamIdFrom(number: number): StreamId {
  if (number === 0) throw malformed("stream id 0");
  return number as StreamId;
}

function requireEmpty(data: Uint8Array): void {
  if (data.length !== 0) throw malformed("bytes left over");
}

function requireZeros(content: Uint8Array, from: number): void {
  for (let i = from; i < content.length; i++) if (content[i] !== 0) throw malformed("padding is not zero");
}

function malformed(what: string): TaborError {
  return new TaborError("malformed", "relay", `relay message: ${what}`);
}
