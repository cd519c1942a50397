/** A directory in this process that is honest but for what a test makes it do wrong. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Clock, generateSigningKey, type SigningKey, silentLog } from "@tabor/onion-core";
import { systemClock, systemRandom } from "@tabor/platform";
import type { IncomingSignal } from "@tabor/signal-protocol";
import { consensusMaker } from "../../apps/signal/src/directory/consensus-maker.ts";
import { Directory, type DirectoryOptions } from "../../apps/signal/src/directory/directory.ts";
import type { PeerPort } from "../../apps/signal/src/directory/peer-port.ts";
import type { Session } from "../../apps/signal/src/directory/session.ts";
import { serveDirectory } from "../../apps/signal/src/net/socket-server.ts";
import { requestListener } from "../../apps/signal/src/web/request-listener.ts";

export type Broker = (signal: IncomingSignal) => IncomingSignal;

const honest: Broker = (signal) => signal;

export interface DoubleOptions {
  /** Who signs the consensus in the place of the directory itself. */
  readonly signer?: SigningKey;
  /** What the broker makes of a blob on its way to a peer. */
  readonly broker?: Broker;
  readonly clock?: Clock;
  readonly webFolder?: string;
}

export interface DirectoryDouble {
  readonly url: string;
  readonly identity: SigningKey;
  /** Every blob that was brokered, as it came. */
  readonly signals: readonly IncomingSignal[];
  close(): Promise<void>;
}

export async function startDirectoryDouble(options: DoubleOptions = {}): Promise<DirectoryDouble> {
  const { clock = systemClock, broker = honest, webFolder } = options;
  const { key: identity } = await generateSigningKey();
  const signals: IncomingSignal[] = [];
  const allowedOrigins = new Set<string>();
  const context = { clock, random: systemRandom, log: silentLog };
  const info = { authorities: [identity.id], iceServers: [] };
  const httpServer = createServer(requestListener({ webFolder, info, allowedOrigins }));
  const makeConsensus = consensusMaker(options.signer ?? identity, clock);
  const directory = new LyingDirectory({ ...context, identity, makeConsensus }, (signal) => {
    signals.push(signal);
    return broker(signal);
  });
  const sockets = serveDirectory({ ...context, httpServer, directory, allowedOrigins });
  await new Promise<void>((resolve) => httpServer.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(httpServer.address() as AddressInfo).port}`,
    identity,
    signals,
    close: async () => {
      directory.close();
      await sockets.close();
      httpServer.closeAllConnections();
    },
  };
}

/** With the broker's part in our hands. */
class LyingDirectory extends Directory {
  readonly #broker: Broker;

  constructor(options: DirectoryOptions, broker: Broker) {
    super(options);
    this.#broker = broker;
  }

  override connect(port: PeerPort): Session {
    return super.connect({ ...port, signal: (signal) => port.signal(this.#broker(signal)) });
  }
}
