import { nodeAead } from "./node-aead.ts";
import { createCircuitHandshake, answerCircuitHandshake, HYBRID } from "../handshake/circuit-handshake.ts";
import {
  decodeRelayMessage,
  MAX_STREAM_DATA,
  type RelayCommand,
  type RelayMessage,
} from "../cell/relay-message.ts";
import { encodeCreate2, encodeCreated2, type DestroyReason } from "../cell/control.ts";
import { FLOW_PARAMETERS } from "../congestion/flow-parameters.ts";
import { TABOR_PARAMETERS } from "../congestion/vegas-parameters.ts";
import { relayIdToBytes, type RelayId } from "../crypto/ids.ts";
import { generateSigningKey } from "../crypto/ed25519.ts";
import { Layer, tagOf } from "../crypto/layer.ts";
import { slot } from "../crypto/slot.ts";
import { webHandshake, webPrimitives } from "../crypto/web-primitives.ts";
import { generateDhKeyPair } from "../crypto/x25519.ts";
import { TaborError } from "../errors.ts";
import type { CircuitHandler, LinkCircuit } from "../link/link-circuit.ts";
import type { Link, LinkDeps } from "../link/link.ts";
import { openLink } from "../link/open-link.ts";
import type { Aead, MaybePromise } from "../ports/aead.ts";
import type { Clock } from "../ports/clock.ts";
import { silentLog } from "../ports/log.ts";
import { randomFraction } from "../ports/random.ts";
import { pump, type Duplex } from "../stream/duplex.ts";
import { memoryDataChannel } from "../testing/memory-data-channel.ts";
import { MemoryNetwork, type NetworkOptions, type RelayPlan, type Sites } from "../testing/memory-network.ts";
import { SeededRandom } from "../testing/seeded-random.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";

/** Sends back whatever comes, and ends when the other side does. */
export const ECHO: Sites = {
  "echo.test": (connection) => void pump(connection, connection).catch(() => undefined),
};

export interface NetworkShape {
  readonly guards?: number;
  readonly middles?: number;
  readonly exits?: number;
  readonly sites?: Sites;
  /** More relays. */
  readonly others?: readonly RelayPlan[];
}

/** Relays that share out the positions: guards are guards only, and so on. */
function relays({ guards = 1, middles = 1, exits = 1, sites = ECHO, others = [] }: NetworkShape) {
  const many = (count: number, plan: RelayPlan): RelayPlan[] => Array.from({ length: count }, () => plan);
  return [
    ...many(guards, { flags: ["Guard", "Fast", "Stable"] }),
    ...many(middles, { flags: ["Fast", "Stable"] }),
    ...many(exits, { flags: ["Exit", "Fast", "Stable"], sites }),
    ...others,
  ];
}

/** A network whose relays are linked, and its clock. */
export async function startNetwork(
  seed: number,
  shape: NetworkShape = {},
  options: Pick<NetworkOptions, "channels" | "log" | "maxQueueMemory" | "brokerCarries"> & {
    readonly aead?: Aead | ((clock: VirtualClock) => Aead);
  } = {},
): Promise<{ clock: VirtualClock; network: MemoryNetwork; random: SeededRandom }> {
  const clock = new VirtualClock();
  const random = new SeededRandom(seed);
  const { aead: cipher = nodeAead } = options;
  const aead = typeof cipher === "function" ? cipher(clock) : cipher;
  const primitives = { ...webPrimitives, aead };
  const network = await MemoryNetwork.start(relays(shape), { ...options, clock, random, primitives });
  return { clock, network, random };
}

/** Writes in pieces, as programs do. */
export async function writeAll(sink: Duplex, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += 16_384) await sink.write(bytes.subarray(at, at + 16_384));
}

export async function readAll(source: Duplex): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let bytes = await source.read(); bytes !== null; bytes = await source.read()) chunks.push(bytes);
  return join(chunks);
}

export function join(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  return all;
}

/** Bytes that tell whose they are and where they belong: no two keys' agree for long, and none repeats soon. */
export function content(key: number, length: number): Uint8Array {
  return new SeededRandom(key).fill(new Uint8Array(length));
}

/** Sends all, ends, and reads all that comes back. */
export async function roundTrip(stream: Duplex, sent: Uint8Array): Promise<Uint8Array> {
  const writing = stream.write(sent).then(() => {
    stream.end();
  });
  const [received] = await Promise.all([readAll(stream), writing]);
  return received;
}

/** The error with which a promise fails; fails itself if it does not. */
export async function failure(promise: Promise<unknown>): Promise<TaborError> {
  const outcome = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(outcome instanceof TaborError)) throw new Error("it should have failed", { cause: outcome });
  return outcome;
}

/** Promises that failed unheard, and throws that reached nobody: in production they end the process. */
export function unheardFailures(events: {
  on(event: "unhandledRejection", listener: (thrown: unknown) => void): unknown;
}): unknown[] {
  const unheard: unknown[] = [];
  events.on("unhandledRejection", (thrown) => unheard.push(thrown));
  return unheard;
}

/** A cipher whose results come in any order, as those of many threads do. */
export function jitteryAead(aead: Aead, clock: Clock, random: SeededRandom): Aead {
  const late = async <T>(result: MaybePromise<T>): Promise<T> => {
    const value = await result;
    await new Promise<void>((resolve) => clock.after(Math.floor(randomFraction(random) * 5), resolve));
    return value;
  };
  return {
    importKey: async (bytes) => {
      const key = await aead.importKey(bytes);
      return {
        seal: (nonce, plaintext) => late(key.seal(nonce, plaintext)),
        open: (nonce, sealed) => late(key.open(nonce, sealed)),
      };
    },
  };
}

/** An anonymous client's link to a relay of the network, without a client behind it. */
export function rawLink(network: MemoryNetwork, to: RelayId, deps: LinkDeps): Promise<Link> {
  const channel = network.channelTo(to);
  const owner = { acceptCircuit: undefined };
  return openLink({ channel, initiator: true, identity: undefined, expected: to, owner }, deps);
}

export function linkDeps(clock: Clock, random: SeededRandom): LinkDeps {
  return { clock, random: random.fork(), log: silentLog };
}

const EVERY_COMMAND: ReadonlySet<RelayCommand> = new Set<RelayCommand>([
  ...([
    "BEGIN",
    "BEGIN_SIGNAL",
    "DATA",
    "END",
    "CONNECTED",
    "SENDME",
    "TRUNCATE",
    "TRUNCATED",
    "DROP",
    "RESOLVE",
  ] as const),
  ...(["FETCH", "RESOLVED", "EXTEND2", "EXTENDED2", "XOFF", "XON"] as const),
  ...(["PADDING_NEGOTIATE", "PADDING_NEGOTIATED"] as const),
  ...(["CONFLUX_LINK", "CONFLUX_LINKED", "CONFLUX_LINKED_ACK", "CONFLUX_SWITCH"] as const),
]);

/** One end of a one-hop circuit that says whatever it likes whenever it likes. */
export class RawEnd {
  readonly heard: RelayMessage[] = [];
  /** GCM tags of the cells that were heard, for SENDMEs. */
  readonly heardTags: Uint8Array[] = [];
  destroyed: DestroyReason | "link-closed" | undefined;
  circuit: LinkCircuit | undefined;
  created: (hdata: Uint8Array) => void = () => undefined;
  #layers: { readonly out: Layer; readonly in: Layer } | undefined;

  readonly handler: CircuitHandler = {
    relay: (body) => {
      this.#received(body);
    },
    created: (hdata) => {
      this.created(hdata);
    },
    destroyed: (reason) => {
      this.destroyed = reason;
    },
    linkClosed: () => {
      this.destroyed = "link-closed";
    },
  };

  use(layers: { readonly out: Layer; readonly in: Layer }): void {
    this.#layers = layers;
  }

  say(message: RelayMessage): void {
    if (this.#layers === undefined) throw new Error("no layers yet");
    this.sendBody(this.#layers.out.sealMessage(message));
  }

  /** Sends something for the hop after the other end, if there is one. */
  forward(body: Uint8Array): void {
    if (this.#layers === undefined) throw new Error("no layers yet");
    this.sendBody(this.#layers.out.sealForward(body));
  }

  sendBody(body: MaybePromise<Uint8Array>): void {
    if (body instanceof Promise) throw new Error("wants a synchronous cipher");
    this.circuit?.send("RELAY", body);
  }

  /** Tags by which SENDMEs would acknowledge what was heard (SPEC §6.4). */
  earnedTags(): Uint8Array[] {
    const tags = this.heardTags.filter((_, i) => this.heard[i]?.command === "DATA");
    return tags.filter((_, i) => (i + 1) % TABOR_PARAMETERS.sendmeInc === 0);
  }

  commands(): RelayCommand[] {
    return this.heard.map(({ command }) => command);
  }

  #received(body: Uint8Array): void {
    const opened = this.#layers?.in.open(body);
    if (opened === undefined || opened instanceof Promise) throw new Error("wants a synchronous cipher");
    this.heard.push(decodeRelayMessage(opened.content.slice(), EVERY_COMMAND));
    this.heardTags.push(tagOf(opened.sealed).slice());
  }
}

/** A client's end of a one-hop circuit to a relay of the network. @param layers made of the agreed keys. */
export async function rawCircuit(
  network: MemoryNetwork,
  link: Link,
  to: RelayId,
): Promise<RawEnd & { readonly circuit: LinkCircuit }> {
  const end = new RawEnd();
  const entry = network.entries.find(({ descriptor }) => descriptor.identity === to);
  if (entry === undefined) throw new Error("no such relay");
  const relay = { identity: relayIdToBytes(to), ntorKey: entry.descriptor.ntorKey };
  const handshake = await createCircuitHandshake(relay, slot(1), webHandshake);
  const answer = new Promise<Uint8Array>((resolve) => (end.created = resolve));
  end.circuit = link.openCircuit(end.handler);
  end.circuit.send("CREATE2", encodeCreate2(handshake));
  const keys = await handshake.finish((await answer).slice());
  end.use({ out: await layer(keys.outbound), in: await layer(keys.inbound) });
  return end as RawEnd & { readonly circuit: LinkCircuit };
}

/** A relay that a client may build its first hop through, and that then says what a test wants. */
export async function rawRelay(
  clock: Clock,
  random: SeededRandom,
  /** What goes out in place of each right answer to a handshake. */
  falsify: (hdata: Uint8Array) => Uint8Array = (hdata) => hdata,
): Promise<{
  readonly target: { readonly id: RelayId; readonly ntorKey: Uint8Array };
  /** The client's link; the relay's end of it. */
  readonly link: Link;
  readonly peer: Link;
  /** The relay's ends of the circuits, in the order in which they were asked for. */
  readonly ends: readonly RawEnd[];
}> {
  const { key: identity } = await generateSigningKey();
  const ntorKeys = await generateDhKeyPair();
  const ends: RawEnd[] = [];
  const acceptCircuit = (circuit: LinkCircuit, { htype, hdata }: { htype: number; hdata: Uint8Array }) => {
    const end = new RawEnd();
    end.circuit = circuit;
    ends.push(end);
    if (htype !== HYBRID) throw new Error("unknown handshake");
    void answer(end, hdata.slice());
    return end.handler;
  };
  const answer = async (end: RawEnd, hdata: Uint8Array): Promise<void> => {
    const own = { identity: identity.publicKey, ntorKeys };
    const keys = await answerCircuitHandshake(own, hdata, webHandshake);
    end.use({ out: await layer(keys.inbound, keys.slot), in: await layer(keys.outbound, keys.slot) });
    end.circuit?.send("CREATED2", encodeCreated2(falsify(keys.hdata)));
  };
  const channel = memoryDataChannel({ clock });
  const [link, peer] = await Promise.all([
    openLink(
      {
        channel: channel.a,
        initiator: true,
        identity: undefined,
        expected: identity.id,
        owner: { acceptCircuit: undefined },
      },
      linkDeps(clock, random),
    ),
    openLink(
      { channel: channel.b, initiator: false, identity, expected: undefined, owner: { acceptCircuit } },
      linkDeps(clock, random),
    ),
  ]);
  return { target: { id: identity.id, ntorKey: ntorKeys.publicKey }, link, peer, ends };
}

async function layer(key: Uint8Array, hopSlot = slot(1)): Promise<Layer> {
  return new Layer(await nodeAead.importKey(key), hopSlot);
}

/** In cells: what earns an XOFF at once, and what may come after it. */
export const BURST = (2 * FLOW_PARAMETERS.xoffLimit) / MAX_STREAM_DATA + 1;
export const UNDER_WAY = FLOW_PARAMETERS.maxInFlight / MAX_STREAM_DATA;
