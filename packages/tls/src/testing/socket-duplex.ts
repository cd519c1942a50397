import type { Socket } from "node:net";
import { TaborError, type Duplex } from "@tabor/onion-core";

/** A connected socket as the byte stream that TLS runs over. */
export function socketDuplex(socket: Socket): Duplex {
  let failure: TaborError | undefined;
  const fail = (error: TaborError): void => {
    failure ??= error;
    socket.destroy();
  };
  socket.on("error", (cause) => {
    fail(new TaborError("reset", "site", "the socket broke", { cause }));
  });
  const chunks = socket[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
  const orFailure = async <T>(action: () => Promise<T>): Promise<T> => {
    try {
      return await action();
    } catch (cause) {
      throw failure ?? new TaborError("closed", "site", "the socket closed", { cause });
    }
  };
  return {
    read: () =>
      orFailure(async () => {
        const { value } = await chunks.next();
        if (failure !== undefined) throw failure;
        return value ?? null;
      }),
    write: (bytes) =>
      orFailure(
        () =>
          new Promise((resolve, reject) => {
            if (failure !== undefined) throw failure;
            socket.write(bytes, (error) => {
              if (error) reject(error);
              else resolve();
            });
          }),
      ),
    end: () => void socket.end(),
    abort: fail,
  };
}
