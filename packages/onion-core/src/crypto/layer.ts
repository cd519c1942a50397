import { contentLength, sealedLength, type Slot } from "./slot.ts";
import { BODY_LENGTH } from "../cell/cell.ts";
import { TAG_LENGTH } from "../cell/circuit-bodies.ts";
import { encodeRelayMessage, type RelayMessage } from "../cell/relay-message.ts";
import { TaborError } from "../errors.ts";
import type { AeadKey, MaybePromise } from "../ports/aead.ts";

const FORWARD = 0;
const MESSAGE = 1;
const NONCE_LENGTH = 12;
/** SPEC §4.1: far below the limit of GCM, far above any circuit's life. */
const MAX_CELLS = 2 ** 32;

/** What a layer sealed: the first L(slot) bytes of a cell's body. It lies where the next will: see `Layer`. */
export type Sealed = Uint8Array;

/** What a layer held (SPEC §4.2). It lies where others will: see `Layer`. */
export interface Opened {
  /** Whether the content is a message of or for this hop; otherwise it is the next slot's. */
  readonly isMessage: boolean;
  /** L(slot + 1) bytes. */
  readonly content: Uint8Array;
  /** What was opened, as it was handed in. */
  readonly sealed: Sealed;
}

/**
 * One hop's key in one direction, with its counter (SPEC §4.1). The counter moves when a cell enters, before anything
 * is awaited, so cells may be sealed or opened in parallel. The key never leaves.
 *
 * What an immediate cipher returns lies in a buffer that all layers share, until the next seal, or the next open but one: it is
 * passed on at once, to another layer or a link, and who keeps it copies it. Buffers for each cell would cost more than sealing.
 */
export class Layer {
  readonly #key: AeadKey;
  readonly #slot: Slot;
  readonly #rooms: Rooms;
  #cells = 0;

  constructor(key: AeadKey, slot: Slot) {
    this.#key = key;
    this.#slot = slot;
    this.#rooms = roomsOf(slot);
  }

  /** Seals a message of or for this hop. */
  sealMessage(message: RelayMessage): MaybePromise<Sealed> {
    const { plaintext, content } = this.#rooms.draft;
    plaintext[0] = MESSAGE;
    encodeRelayMessage(message, content);
    return this.#key.seal(nonceOf(this.#count()), plaintext, this.#rooms.sealed);
  }

  /** Seals what the next slot's hop sealed. @param body at least L(slot + 1) bytes; what follows is left out. */
  sealForward(body: Uint8Array): MaybePromise<Sealed> {
    return this.#sealForward(this.#count(), body);
  }

  /** Takes the place in the order now, for content that is still being sealed. */
  sealForwardLater(): (body: Uint8Array) => MaybePromise<Sealed> {
    const cell = this.#count();
    return (body) => this.#sealForward(cell, body);
  }

  /** @param body a cell's body, or what the previous slot's layer held. @throws not-authentic if the tag does not match; protocol for an unknown flag. */
  open(body: Uint8Array): MaybePromise<Opened> {
    const sealed = firstOf(body, sealedLength(this.#slot));
    turn = turn === 0 ? 1 : 0;
    const room = this.#rooms.opened[turn];
    const plaintext = this.#key.open(nonceOf(this.#count()), sealed, room.plaintext);
    if (!(plaintext instanceof Promise)) return openedFrom(plaintext, room.content, sealed);
    return plaintext.then((promised) => openedFrom(promised, promised?.subarray(1), sealed));
  }

  #sealForward(cell: number, body: Uint8Array): MaybePromise<Sealed> {
    const { plaintext, content } = this.#rooms.draft;
    plaintext[0] = FORWARD;
    content.set(firstOf(body, content.length));
    return this.#key.seal(nonceOf(cell), plaintext, this.#rooms.sealed);
  }

  /** The number of the cell that enters now. */
  #count(): number {
    if (this.#cells >= MAX_CELLS) throw new TaborError("resource-limit", "here", "layer is used up");
    this.#cells += 1;
    return this.#cells - 1;
  }
}

/** A flag and the content after it, in one buffer. */
interface Room {
  readonly plaintext: Uint8Array;
  readonly content: Uint8Array;
}

/** Views of the shared buffers, as long as a slot wants them: making them for each cell would cost as much as copying it. */
interface Rooms {
  /** Where every plaintext is put together: ciphers take what they are given before they return (ports/aead.ts). */
  readonly draft: Room;
  readonly sealed: Uint8Array;
  /** Two, in turn: what the layer of one hop held is what the next one opens. */
  readonly opened: readonly [Room, Room];
}

const draft = new Uint8Array(BODY_LENGTH);
const sealed = new Uint8Array(BODY_LENGTH);
const odd = new Uint8Array(BODY_LENGTH);
const even = new Uint8Array(BODY_LENGTH);
const roomsBySlot = new Map<Slot, Rooms>();
let turn: 0 | 1 = 0;

function roomsOf(slot: Slot): Rooms {
  const rooms = roomsBySlot.get(slot) ?? {
    draft: roomIn(draft, slot),
    sealed: sealed.subarray(0, sealedLength(slot)),
    opened: [roomIn(odd, slot), roomIn(even, slot)],
  };
  roomsBySlot.set(slot, rooms);
  return rooms;
}

function roomIn(buffer: Uint8Array, slot: Slot): Room {
  const plaintext = buffer.subarray(0, 1 + contentLength(slot));
  return { plaintext, content: plaintext.subarray(1) };
}

function firstOf(bytes: Uint8Array, length: number): Uint8Array {
  return bytes.length === length ? bytes : bytes.subarray(0, length);
}

const nonce = new Uint8Array(NONCE_LENGTH);

/** SPEC §4.1: u32(0) | u64(cell); the number has 32 bits. Always in the same buffer. */
function nonceOf(cell: number): Uint8Array {
  nonce[8] = cell >>> 24;
  nonce[9] = cell >>> 16;
  nonce[10] = cell >>> 8;
  nonce[11] = cell;
  return nonce;
}

/** The GCM tag at the end of what a layer sealed; a view of it. */
export function tagOf(sealed: Sealed): Uint8Array {
  return sealed.subarray(sealed.length - TAG_LENGTH);
}

function openedFrom(plaintext: Uint8Array | null, content: Uint8Array | undefined, from: Sealed): Opened {
  if (plaintext === null || content === undefined)
    throw new TaborError("not-authentic", "relay", "cell was altered, replayed or moved");
  const flag = plaintext[0];
  if (flag !== FORWARD && flag !== MESSAGE) throw new TaborError("protocol", "relay", "unknown layer flag");
  return { isMessage: flag === MESSAGE, content, sealed: from };
}
