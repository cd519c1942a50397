import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { listenTransferSite } from "./transfer-site.ts";
import { readTransfer, transferRequest } from "./transfer.ts";

test("a request is read as it was made", () => {
  const transfer = { down: 0xffff_ffff, up: 64 * 1_048_576 };
  expect(readTransfer(transferRequest(transfer))).toEqual(transfer);
});

test("the site gives what is asked for when it has received what it was told of", async () => {
  const site = await listenTransferSite("127.0.0.1");
  const socket = connect({ host: "127.0.0.1", port: site.port });
  let received = 0;
  socket.on("data", (data: Buffer) => (received += data.length));
  // The request in pieces, and its last byte together with the first ones of the upload.
  const bytes = Buffer.concat([transferRequest({ down: 200_000, up: 100_000 }), Buffer.alloc(100_000)]);
  for (const [from, to] of [
    [0, 3],
    [3, 20],
    [20, bytes.length - 1],
  ])
    await new Promise((resolve) => socket.write(bytes.subarray(from, to), resolve));
  expect(received).toBe(0);
  socket.write(bytes.subarray(-1));
  await once(socket, "end");
  expect(received).toBe(200_000);
  site.close();
});

test("a second transfer is asked for in another connection", async () => {
  const site = await listenTransferSite("127.0.0.1");
  const socket = connect({ host: "127.0.0.1", port: site.port });
  let received = 0;
  socket.on("data", (data: Buffer) => (received += data.length));
  socket.write(Buffer.concat([transferRequest({ down: 5, up: 0 }), transferRequest({ down: 7, up: 0 })]));
  await once(socket, "end");
  expect(received).toBe(5);
  site.close();
});
