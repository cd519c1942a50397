import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { ExitRefusal, type Clock, type IpAddress } from "@tabor/onion-core";
import { formatIpAddress } from "../net/ip-address.ts";
import { unlessAborted, withDeadline } from "./deadline.ts";
import { endReasonOf } from "../net/system-error.ts";

/** Connecting to one address (SPEC §11). */
const ADDRESS_DEADLINE_MS = 10_000;
/** How often the kernel asks a silent site whether it is still there. */
const KEEP_ALIVE_MS = 60_000;

export interface DialOptions {
  readonly address: IpAddress;
  readonly port: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Opens TCP to exactly this address: there is no name left that could mean another one.
 * @throws ExitRefusal
 */
export async function dial({ address, port, clock, signal }: DialOptions): Promise<Socket> {
  const socket = connect({
    host: formatIpAddress(address),
    port,
    family: address.length === 4 ? 4 : 6,
    autoSelectFamily: false,
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
  });
  try {
    await withDeadline({ clock, ms: ADDRESS_DEADLINE_MS, signal }, (limited) =>
      unlessAborted(once(socket, "connect"), limited),
    );
    return socket;
  } catch (thrown) {
    // A socket that is given up may still fail; nobody is left to hear of it.
    socket.on("error", () => undefined).destroy();
    throw thrown instanceof ExitRefusal ? thrown : new ExitRefusal(endReasonOf(thrown));
  }
}
