import { join } from "node:path";
import type { Clock, RelayId } from "@tabor/onion-core";
import type { HostAddress, KnownHost, OwnServer, ServingHost } from "@tabor/rtc-link/adhoc";
import { knownHostsText, splitHostAddress } from "@tabor/rtc-link/adhoc";
import { directoryReady } from "../start/messages.ts";
import { Program } from "../start/program.ts";

export interface OwnServerOptions {
  readonly address: HostAddress;
  /** Its key is in the state folder. */
  readonly authority: RelayId;
  readonly hosts: readonly KnownHost[];
  /** Path of the directory's program. */
  readonly script: string;
  readonly stateFolder: string;
  /** Folder of the built web app, if it is to be served. */
  readonly webFolder: string | undefined;
  readonly iceServers: readonly string[];
  readonly logLevel: string;
  readonly clock: Clock;
}

/** This host's directory, as a process of its own while this host is the server (SPEC §9.8). */
export function ownServer(options: OwnServerOptions): OwnServer {
  let program: Program | undefined;
  return {
    start: async (ended): Promise<ServingHost> => {
      const started = new Program({ name: "the directory", script: options.script, args: argsOf(options) });
      program = started;
      await started.until(directoryReady);
      started.isUp();
      void started.ended.then(ended);
      return { address: options.address, authority: options.authority };
    },
    stop: async () => {
      await program?.stop(options.clock);
    },
  };
}

function argsOf(options: OwnServerOptions): readonly string[] {
  const { address, hosts, stateFolder, webFolder, iceServers, logLevel } = options;
  const { host, port } = splitHostAddress(address);
  return [
    ...["--host", host, "--port", String(port), "--state", stateFolder, "--log-level", logLevel],
    ...["--adhoc", knownHostsText(hosts)],
    ...(webFolder === undefined ? [] : ["--web", join(webFolder)]),
    ...(iceServers.length === 0 ? [] : ["--ice-server", ...iceServers]),
  ];
}
