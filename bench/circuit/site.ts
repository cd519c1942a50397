/** The site at the far end: answers a request of a u32, the number of bytes that are wanted. */
import { createServer } from "node:net";
import { tell } from "./parent.ts";

const BLOCK = Buffer.alloc(65_536, 0x5a);

const server = createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => socket.destroy());
  socket.once("data", (request) => {
    let left = request.readUInt32BE(0);
    const send = (): void => {
      while (left > 0) {
        const piece = BLOCK.subarray(0, Math.min(left, BLOCK.length));
        left -= piece.length;
        if (!socket.write(piece)) {
          socket.once("drain", send);
          return;
        }
      }
      socket.end();
    };
    send();
  });
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object" && address !== null) tell({ type: "listening", port: address.port });
});
