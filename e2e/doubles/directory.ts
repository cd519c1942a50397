/** A directory in this process that is honest but for what a test makes it do wrong. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Clock, generateSigningKey, type SigningKey, silentLog } from "@tabor/onion-core";
import { systemClock, systemRandom } from "@tabor/platform";
import type { IncomingSignal } from "@tabor/signal-protocol";
import { soleAuthority } from "../../apps/signal/src/directory/sole-authority.ts";
import { Directory, type DirectoryOptions } from "../../apps/signal/src/directory/directory.ts";
import type { PeerPort } from "../../apps/signal/src/directory/peer-port.ts";
import type { Session } from "../../apps/signal/src/directory/session.ts";
import { serveDirectory } from "../../apps/signal/src/net/socket-server.ts";
import { DEFAULT_SITE } from "../../apps/signal/src/web/hosts.ts";
import { requestListener } from "../../apps/signal/src/web/request-listener.ts";

/** What the broker can do about one blob that is on its way to a peer. */
export interface BrokersHands {
  /** Gives the peer this, in the place of what was sent. */
  deliver(signal: IncomingSignal): void;
  /** Gives the sender this, as if the peer had sent it. */
  reply(blob: Uint8Array): void;
}

export type LyingBroker = (signal: IncomingSignal, hands: BrokersHands) => void;

export interface DoubleOptions {
  /** Who signs the consensus in the place of the directory itself. */
  readonly signer?: SigningKey;
  readonly broker?: LyingBroker;
  readonly clock?: Clock;
  readonly webFolder?: string;
}

export interface DirectoryDouble {
  readonly url: string;
  readonly identity: SigningKey;
  close(): Promise<void>;
}

export async function startDirectoryDouble(options: DoubleOptions = {}): Promise<DirectoryDouble> {
  const { clock = systemClock, broker = honest, webFolder } = options;
  const { key: identity } = await generateSigningKey();
  const allowedOrigins = new Set<string>();
  const context = { clock, random: systemRandom, log: silentLog };
  const info = { authorities: [identity.id], servers: [], iceServers: [] };
  const httpServer = createServer(
    requestListener({
      ...{ webFolder, site: DEFAULT_SITE, info: () => info, servers: [] },
      ...{ allowedOrigins, log: silentLog },
    }),
  );
  const startConsensuses = soleAuthority(options.signer ?? identity, { clock, log: silentLog });
  const directory = new LyingDirectory({ ...context, identity, startConsensuses }, broker);
  const sockets = serveDirectory({ ...context, httpServer, directory, site: DEFAULT_SITE, allowedOrigins });
  await new Promise<void>((resolve) => httpServer.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(httpServer.address() as AddressInfo).port}`,
    identity,
    close: async () => {
      await directory.close();
      await sockets.close();
      httpServer.closeAllConnections();
    },
  };
}

const honest: LyingBroker = (signal, { deliver }) => deliver(signal);

class LyingDirectory extends Directory {
  readonly #broker: LyingBroker;

  constructor(options: DirectoryOptions, broker: LyingBroker) {
    super(options);
    this.#broker = broker;
  }

  override connect(port: PeerPort): Session {
    const deliver = (signal: IncomingSignal): void => void port.signal(signal);
    const session: Session = super.connect({
      ...port,
      signal: (signal) => {
        const reply = (blob: Uint8Array): void => void session.signal({ to: signal.from, blob });
        this.#broker(signal, { deliver, reply });
        return true;
      },
    });
    return session;
  }
}
