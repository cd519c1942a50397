/** The directory as a program: the one place where its real clock, randomness, files and sockets are made. */
import { join } from "node:path";
import type { SigningKey } from "@tabor/onion-core";
import { safeLog } from "@tabor/operator";
import { systemClock, systemRandom } from "@tabor/platform";
import { stderrLog } from "@tabor/platform/stderr-log";
import { FolderRegister } from "./admission/folder-register.ts";
import { loadAuthorityKey } from "./authority-key.ts";
import { readTurnSecret } from "./ice-servers.ts";
import { parseOptions } from "./options.ts";
import { shareByRedis } from "./redis/share-by-redis.ts";
import { SnapshotRelays } from "./relays/snapshot-relays.ts";
import { type SignalServer, startSignalServer } from "./server.ts";

const options = parseOptions(process.argv.slice(2));
const log = safeLog(stderrLog(options.logLevel, options.logFormat), options.logAddresses);

try {
  const authority = await loadAuthorityKey(options.stateFolder);
  if (options.printKey) console.log(authority.id);
  else await serve(authority);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function serve(authority: SigningKey): Promise<void> {
  if (options.others.some((other) => other.authority === authority.id)) {
    throw new Error("This authority is among its own --peers: name the others only.");
  }
  const { stateFolder, redis: url, turnSecretFile } = options;
  const own = { authority, clock: systemClock, random: systemRandom, log };
  const server = await startSignalServer({
    ...options,
    turnSecret: turnSecretFile === undefined ? undefined : await readTurnSecret(turnSecretFile),
    authority,
    ...(url === undefined
      ? { relays: await SnapshotRelays.open({ stateFolder, clock: systemClock, log }) }
      : { sharing: await shareByRedis({ ...own, url }) }),
    register: await FolderRegister.open(options.stateFolder, systemClock),
    measurements: join(options.stateFolder, "measurements"),
    fetch,
    clock: systemClock,
    random: systemRandom,
    log,
  });
  endOnRequest(server);
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  console.log(`directory ready http://${host}:${server.port} authority=${authority.id}`);
  // Whoever started us may be gone already; with a callback that is no error of ours.
  const ready = { type: "ready", port: server.port, authority: authority.id };
  process.send?.(ready, undefined, undefined, () => undefined);
}

/** A second signal does not wait. */
function endOnRequest(server: SignalServer): void {
  const end = (): void => {
    void server.close().finally(() => process.exit(0));
  };
  process.once("SIGINT", end);
  process.once("SIGTERM", end);
  // Whoever started us is gone, and with it whoever could stop us.
  if (process.send) process.once("disconnect", end);
  if (process.send && !process.connected) end();
}
