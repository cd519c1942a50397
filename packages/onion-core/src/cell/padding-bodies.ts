import { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";

/** Bodies of what two ends say about padding: on a link (SPEC §13.1), and on a circuit (SPEC §13.2). */

const VERSION = 0;
const STOP = 1;
const START = 2;

export type PaddingCommand = "start" | "stop";

/** PADDING_NEGOTIATE of a link: what a client asks its guard to do. */
export type LinkPaddingRequest =
  | { readonly command: "stop" }
  /** Milliseconds of silence, each 0…65535; 0: as the network has it. */
  | { readonly command: "start"; readonly low: number; readonly high: number };

export function encodeLinkPadding(request: LinkPaddingRequest): Uint8Array {
  const { low, high } = request.command === "start" ? request : { low: 0, high: 0 };
  return new Writer(6).u8(VERSION).u8(commandNumber(request.command)).u16(low).u16(high).finish();
}

/** @param body of a cell: zeros follow. @throws malformed. */
export function decodeLinkPadding(body: Uint8Array): LinkPaddingRequest {
  const reader = new Reader(body, "PADDING_NEGOTIATE");
  const command = readStart(reader);
  const [low, high] = [reader.u16(), reader.u16()];
  reader.zeros();
  if (command === "start") return { command, low, high };
  if (low !== 0 || high !== 0) throw reader.malformed("stop with times");
  return { command };
}

/** PADDING_NEGOTIATE of a circuit: a client asks a hop to start or stop a machine. */
export interface CircuitPaddingRequest {
  readonly action: PaddingCommand;
  /** 1…255: which machine. */
  readonly machine: number;
  /** u32, which of the machines of a circuit, one after another, is meant. */
  readonly counter: number;
}

/** PADDING_NEGOTIATED: what has come of it, or that the machine has ended by itself. */
export interface CircuitPaddingAnswer extends CircuitPaddingRequest {
  readonly ok: boolean;
}

export function encodeCircuitPadding({ action, machine, counter }: CircuitPaddingRequest): Uint8Array {
  return new Writer(8).u8(VERSION).u8(commandNumber(action)).u8(machine).u8(0).u32(counter).finish();
}

/** @throws malformed. */
export function decodeCircuitPadding(data: Uint8Array): CircuitPaddingRequest {
  const reader = new Reader(data, "PADDING_NEGOTIATE");
  const action = readStart(reader);
  const machine = readMachine(reader);
  if (reader.u8() !== 0) throw reader.malformed("unused byte");
  const request = { action, machine, counter: reader.u32() };
  reader.finish();
  return request;
}

const OK = 1;
const ERROR = 2;

export function encodeCircuitPadded(answer: CircuitPaddingAnswer): Uint8Array {
  const { action, ok, machine, counter } = answer;
  return new Writer(8)
    .u8(VERSION)
    .u8(commandNumber(action))
    .u8(ok ? OK : ERROR)
    .u8(machine)
    .u32(counter)
    .finish();
}

/** @throws malformed. */
export function decodeCircuitPadded(data: Uint8Array): CircuitPaddingAnswer {
  const reader = new Reader(data, "PADDING_NEGOTIATED");
  const action = readStart(reader);
  const response = reader.u8();
  if (response !== OK && response !== ERROR) throw reader.malformed("response");
  const answer = { action, ok: response === OK, machine: readMachine(reader), counter: reader.u32() };
  reader.finish();
  return answer;
}

function readStart(reader: Reader): PaddingCommand {
  if (reader.u8() !== VERSION) throw reader.malformed("version");
  const command = reader.u8();
  if (command !== START && command !== STOP) throw reader.malformed("command");
  return command === START ? "start" : "stop";
}

function readMachine(reader: Reader): number {
  const machine = reader.u8();
  if (machine === 0) throw reader.malformed("machine 0");
  return machine;
}

function commandNumber(command: PaddingCommand): number {
  return command === "start" ? START : STOP;
}
