import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { TaborError } from "@tabor/onion-core";
import { MAX_READ_LENGTH, socketDuplex } from "./socket-duplex.ts";

/** Two ends of one TCP connection over loopback. */
async function socketPair(): Promise<[Socket, Socket]> {
  const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const here = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  const [[there]] = (await Promise.all([once(server, "connection"), once(here, "connect")])) as [
    [Socket],
    unknown,
  ];
  server.close();
  return [here, there];
}

const bytes = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff);

describe("socketDuplex", () => {
  test("carries bytes, whole and in order, in pieces of at most 64 KiB", async () => {
    const [a, b] = (await socketPair()).map((socket) => socketDuplex(socket, "site")) as [
      ReturnType<typeof socketDuplex>,
      ReturnType<typeof socketDuplex>,
    ];
    const sent = bytes(1_000_000);
    const writing = a.write(sent).then(() => {
      a.end();
    });
    const received: Uint8Array[] = [];
    for (let piece = await b.read(); piece !== null; piece = await b.read()) {
      expect(piece.length).toBeGreaterThan(0);
      expect(piece.length).toBeLessThanOrEqual(MAX_READ_LENGTH);
      received.push(piece.slice());
    }
    await writing;
    expect(Buffer.concat(received).equals(sent)).toBe(true);
    b.end();
  });

  test("each direction ends on its own", async () => {
    const [here, there] = await socketPair();
    const [a, b] = [socketDuplex(here, "site"), socketDuplex(there, "site")];
    a.end();
    expect(await b.read()).toBeNull();
    expect(await b.read()).toBeNull();
    await b.write(bytes(100));
    expect(await a.read()).toEqual(bytes(100));
    b.end();
    expect(await a.read()).toBeNull();
    if (!here.closed) await once(here, "close");
  });

  test("puts together what is ready", async () => {
    const [here, there] = await socketPair();
    const duplex = socketDuplex(there, "site");
    here.write(bytes(10));
    await once(there, "readable");
    here.write(bytes(10));
    while (there.readableLength < 20) await once(there, "readable");
    expect(await duplex.read()).toHaveLength(20);
    here.destroy();
  });

  test("a write waits for a peer that does not read, and a reader holds a bounded amount", async () => {
    const [here, there] = await socketPair();
    const [a, b] = [socketDuplex(here, "site"), socketDuplex(there, "site")];
    let written = 0;
    const chunk = bytes(MAX_READ_LENGTH);
    const total = 500;
    const writing = (async () => {
      for (; written < total; written++) await a.write(chunk);
    })();
    // The writer stands still once the kernel's buffers are full: its count no longer grows.
    let before = -1;
    while (written !== before) {
      before = written;
      for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
    }
    expect(written).toBeLessThan(total);
    expect(here.writableLength).toBeLessThanOrEqual(chunk.length);
    expect(there.readableLength).toBeLessThanOrEqual(2 * MAX_READ_LENGTH);
    let received = 0;
    while (received < total * chunk.length) received += (await b.read())?.length ?? 0;
    await writing;
    here.destroy();
    there.destroy();
  });

  test("abort resets the connection: reads and writes throw its error, the peer learns of it", async () => {
    const [here, there] = await socketPair();
    const [a, b] = [socketDuplex(here, "here"), socketDuplex(there, "site")];
    const reading = a.read();
    a.abort(new TaborError("aborted", "here", "given up"));
    await expect(reading).rejects.toMatchObject({ code: "aborted" });
    await expect(a.read()).rejects.toMatchObject({ code: "aborted" });
    await expect(a.write(bytes(1))).rejects.toMatchObject({ code: "aborted" });
    await expect(b.read()).rejects.toMatchObject({ name: "TaborError", code: "reset", where: "site" });
    await expect(b.write(bytes(1))).rejects.toMatchObject({ code: "reset" });
    a.end();
    a.abort(new TaborError("closed", "here", "twice"));
  });

  test("a write that waits ends with abort", async () => {
    const [here, there] = await socketPair();
    const a = socketDuplex(here, "here");
    const writing = (async () => {
      for (;;) await a.write(bytes(1_000_000));
    })();
    const failed = expect(writing).rejects.toMatchObject({ code: "aborted" });
    await once(
      there.once("readable", () => undefined),
      "readable",
    );
    a.abort(new TaborError("aborted", "here", "given up"));
    await failed;
    there.on("error", () => undefined).destroy();
  });
});
