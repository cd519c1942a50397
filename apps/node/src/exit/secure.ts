import { once } from "node:events";
import { isIP, type Socket } from "node:net";
import { connect } from "node:tls";
import { ExitRefusal } from "@tabor/onion-core";
import { unlessAborted } from "./deadline.ts";

export interface SecureOptions {
  readonly host: string;
  /** In PEM; undefined: those that Node knows. */
  readonly roots: string | undefined;
  readonly signal: AbortSignal;
}

/** TLS over a connection to a site. @throws ExitRefusal; the socket is then gone. */
export async function secure(socket: Socket, { host, roots, signal }: SecureOptions): Promise<Socket> {
  const name = isIP(host) === 0 ? { servername: host } : {};
  const secured = connect({ socket, host, ...name, ca: roots, ALPNProtocols: ["http/1.1"] });
  try {
    await unlessAborted(once(secured, "secureConnect"), signal);
    return secured;
  } catch (thrown) {
    // Nobody is left to hear how it fails.
    secured.on("error", () => undefined).destroy();
    socket.destroy();
    if (signal.aborted) throw thrown;
    throw new ExitRefusal("unreadable");
  }
}
