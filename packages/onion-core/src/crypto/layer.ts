import { mapMaybe } from "./maybe-promise.ts";
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
  /** The GCM tag, by which SENDME acknowledges the cell (SPEC §6.4). */
  readonly tag: Uint8Array;
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
  #cells = 0;

  constructor(key: AeadKey, slot: Slot) {
    this.#key = key;
    this.#slot = slot;
  }

  /** Seals a message of or for this hop. */
  sealMessage(message: RelayMessage): MaybePromise<Sealed> {
    const plaintext = this.#plaintext(MESSAGE).fill(0, 1);
    encodeRelayMessage(message, plaintext.subarray(1));
    return this.#key.seal(nonceOf(this.#count()), plaintext, sealedRoom);
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
    const sealed = body.subarray(0, sealedLength(this.#slot));
    const opened = this.#key.open(nonceOf(this.#count()), sealed, nextOpenedRoom());
    return mapMaybe(opened, (plaintext) => openedFrom(plaintext, tagOf(sealed)));
  }

  #sealForward(cell: number, body: Uint8Array): MaybePromise<Sealed> {
    const plaintext = this.#plaintext(FORWARD);
    plaintext.set(body.subarray(0, plaintext.length - 1), 1);
    return this.#key.seal(nonceOf(cell), plaintext, sealedRoom);
  }

  #plaintext(flag: number): Uint8Array {
    const plaintext = plaintextRoom.subarray(0, 1 + contentLength(this.#slot));
    plaintext[0] = flag;
    return plaintext;
  }

  /** The number of the cell that enters now. */
  #count(): number {
    if (this.#cells >= MAX_CELLS) throw new TaborError("resource-limit", "here", "layer is used up");
    this.#cells += 1;
    return this.#cells - 1;
  }
}

/** Where every plaintext is put together: ciphers take what they are given before they return (ports/aead.ts). */
const plaintextRoom = new Uint8Array(BODY_LENGTH);
const sealedRoom = new Uint8Array(BODY_LENGTH);
/** Two, in turn: what the layer of one hop held is what the next one opens. */
const openedRooms = [new Uint8Array(BODY_LENGTH), new Uint8Array(BODY_LENGTH)] as const;
let turn: 0 | 1 = 0;

function nextOpenedRoom(): Uint8Array {
  turn = turn === 0 ? 1 : 0;
  return openedRooms[turn];
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

function openedFrom(plaintext: Uint8Array | null, tag: Uint8Array): Opened {
  if (plaintext === null)
    throw new TaborError("not-authentic", "relay", "cell was altered, replayed or moved");
  const flag = plaintext[0];
  if (flag !== FORWARD && flag !== MESSAGE) throw new TaborError("protocol", "relay", "unknown layer flag");
  return { isMessage: flag === MESSAGE, content: plaintext.subarray(1), tag };
}
