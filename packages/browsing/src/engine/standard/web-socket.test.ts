import { concat, TaborError, type Duplex } from "@tabor/onion-core";
import { SeededRandom } from "@tabor/onion-core/testing";
import { describe, expect, it } from "vitest";
import { MAX_SOCKET_MESSAGE, type SocketMessage, type SocketNews } from "../../page/index.ts";
import { WebSocketLine } from "./web-socket.ts";

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const text = (said: string): Uint8Array => concat(Uint8Array.of(0x81, said.length), Buffer.from(said));

/** A site's end of a connection: what it says, and what it was sent, unmasked. */
class Site implements Duplex {
  readonly sent: { opcode: number; payload: Buffer }[] = [];
  aborted: TaborError | undefined;
  ended = false;
  readonly #coming: (Uint8Array | null)[] = [];
  #wake: () => void = () => undefined;

  say(...frames: (Uint8Array | null)[]): void {
    this.#coming.push(...frames);
    this.#wake();
  }

  async read(): Promise<Uint8Array | null> {
    for (;;) {
      if (this.aborted !== undefined) throw this.aborted;
      const next = this.#coming.shift();
      if (next !== undefined) return next;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  write(frame: Uint8Array): Promise<void> {
    const short = (frame[1] ?? 0) & 0x7f;
    const size = short === 127 ? 10 : short === 126 ? 4 : 2;
    const key = frame.subarray(size, size + 4);
    const payload = Buffer.from(frame.subarray(size + 4).map((byte, index) => byte ^ (key[index & 3] ?? 0)));
    this.sent.push({ opcode: frame[0] ?? 0, payload });
    return Promise.resolve();
  }

  end(): void {
    this.ended = true;
  }

  abort(error: TaborError): void {
    this.aborted = error;
    this.#wake();
  }
}

function opened(): {
  site: Site;
  page: { say(message: unknown): void; heard: SocketNews[] };
  over: Promise<void>;
} {
  const { port1, port2 } = new MessageChannel();
  const site = new Site();
  const heard: SocketNews[] = [];
  port1.onmessage = ({ data }: MessageEvent<SocketNews>) => heard.push(data);
  const line = new WebSocketLine(port2, new SeededRandom(1));
  const over = line.run(() => Promise.resolve({ stream: site, protocol: "chat" }));
  return { site, page: { heard, say: (message) => port1.postMessage(message) }, over };
}

const CREDIT: SocketMessage = { type: "credit", bytes: 1 << 20 };

describe("a WebSocket of a page", () => {
  it("is told of, carries both ways, and closes when the site does", async () => {
    const { site, page, over } = opened();
    page.say(CREDIT);
    page.say({ type: "text", text: "hi" });
    await expect.poll(() => site.sent.length).toBe(1);
    expect(site.sent[0]).toEqual({ opcode: 0x81, payload: Buffer.from("hi") });
    site.say(text("hello"), bytes("82 01 07"), bytes("88 05 03 e8 62 79 65"));
    await over;
    await expect.poll(() => page.heard.at(-1)?.type).toBe("closed");
    expect(page.heard.filter(({ type }) => type !== "credit")).toEqual([
      { type: "opened", protocol: "chat" },
      { type: "text", text: "hello" },
      { type: "binary", bytes: Uint8Array.of(7) },
      { type: "closed", code: 1000, reason: "bye", wasClean: true },
    ]);
    // The answer to the site's close (RFC 6455 §5.5.1).
    expect(site.sent.at(-1)).toEqual({ opcode: 0x88, payload: Buffer.from([0x03, 0xe8]) });
    await expect.poll(() => site.ended).toBe(true);
  });

  it("answers pings with the same, and puts pieces together around them", async () => {
    const { site, page } = opened();
    page.say(CREDIT);
    site.say(bytes("01 02 61 62"), bytes("89 01 70"), bytes("80 01 63"));
    await expect.poll(() => page.heard.some(({ type }) => type === "text")).toBe(true);
    expect(page.heard.find(({ type }) => type === "text")).toEqual({ type: "text", text: "abc" });
    expect(site.sent[0]).toEqual({ opcode: 0x8a, payload: Buffer.from("p") });
  });

  it("sends long messages in pieces, and gives room again as they go", async () => {
    const { site, page } = opened();
    await expect.poll(() => page.heard.length).toBe(2);
    page.say({ type: "binary", bytes: new Uint8Array(150_000).fill(5) });
    await expect.poll(() => site.sent.length).toBe(3);
    expect(site.sent.map(({ opcode }) => opcode)).toEqual([0x02, 0x00, 0x80]);
    expect(Buffer.concat(site.sent.map(({ payload }) => payload))).toEqual(Buffer.alloc(150_000, 5));
    const given = (): number =>
      page.heard.slice(2).reduce((sum, news) => sum + (news.type === "credit" ? news.bytes : 0), 0);
    await expect.poll(given).toBe(150_000);
  });

  it("waits with what the page does not take", async () => {
    const { site, page } = opened();
    site.say(text("one"));
    await expect.poll(() => page.heard.length).toBe(2);
    page.say({ type: "credit", bytes: 1 });
    await expect.poll(() => page.heard.at(-1)).toEqual({ type: "text", text: "one" });
  });

  it.each<[string, Uint8Array, number]>([
    ["text that is none", bytes("81 01 ff"), 1002],
    ["a piece of nothing", bytes("80 01 61"), 1002],
    ["a message within a message", concat(bytes("01 01 61"), bytes("81 01 62")), 1002],
    ["a mask", bytes("81 81 00 00 00 00 61"), 1002],
    ["a close of one byte", bytes("88 01 03"), 1002],
    ["a close that no one may send", bytes("88 02 03 ed"), 1002],
    ["a message without end", concat(bytes("82 7f 00 00 00 00"), bytes("7f ff ff ff")), 1009],
  ])("is over when the site sends %s", async (_what, frame, code) => {
    const { site, page, over } = opened();
    page.say(CREDIT);
    site.say(frame);
    await over;
    await expect.poll(() => page.heard.at(-1)).toMatchObject({ type: "closed", code: 1006, wasClean: false });
    expect(site.sent.at(-1)?.payload.readUInt16BE(0)).toBe(code);
    expect(site.aborted).toBeInstanceOf(TaborError);
  });

  it.each<[string, unknown]>([
    ["nonsense", { type: "frame" }],
    ["more than is held", { type: "binary", bytes: new Uint8Array(MAX_SOCKET_MESSAGE + 1) }],
  ])("is over when the page sends %s", async (_what, message) => {
    const { site, page } = opened();
    await expect.poll(() => page.heard.length).toBe(2);
    page.say(message);
    await expect.poll(() => page.heard.at(-1)?.type).toBe("closed");
    expect(site.aborted).toBeInstanceOf(TaborError);
  });

  it("that does not come about is closed at once", async () => {
    const { port1, port2 } = new MessageChannel();
    const heard: SocketNews[] = [];
    port1.onmessage = ({ data }: MessageEvent<SocketNews>) => heard.push(data);
    const refused = new TaborError("refused", "site", "no");
    await new WebSocketLine(port2, new SeededRandom(1)).run(() => Promise.reject(refused));
    await expect.poll(() => heard).toEqual([{ type: "closed", code: 1006, reason: "", wasClean: false }]);
  });
});
