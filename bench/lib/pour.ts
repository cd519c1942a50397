import type { Socket } from "node:net";

const BLOCK = Buffer.alloc(65_536, 0x5a);

/** Sends so many bytes, as fast as the socket takes them. @param then is called when it has taken the last. */
export function pour(socket: Socket, bytes: number, then: () => void = () => undefined): void {
  let left = bytes;
  const send = (): void => {
    while (left > 0) {
      const piece = BLOCK.subarray(0, Math.min(left, BLOCK.length));
      left -= piece.length;
      if (!socket.write(piece) && left > 0) {
        socket.once("drain", send);
        return;
      }
    }
    then();
  };
  send();
}
