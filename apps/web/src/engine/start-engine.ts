import type { Engine, EngineEvent } from "@tabor/browsing";
import type { Clock } from "@tabor/onion-core";
import type { Network } from "../services/network.ts";
import type { ViewAgent } from "../services/view-agent.ts";
import { BootAgent } from "./boot-agent.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import { fromPlain, toPlain } from "./plain.ts";
import { RemoteEngine } from "./remote-engine.ts";
import { saveDownload } from "./save-download.ts";
import { serveStream } from "./stream-server.ts";
import { ViewHost } from "./view-host.ts";

export interface EngineDeps {
  readonly network: Network;
  readonly clock: Clock;
  readonly viewOrigin: string;
  /** Starts `main-engine.ts`. */
  readonly makeWorker: () => Worker;
  readonly saveFile: (file: Blob, name: string) => void;
}

/** Puts engine, view and network together: pages of sites can be shown in frames. */
export function startEngine(deps: EngineDeps): { readonly engine: Engine; readonly view: ViewAgent } {
  const { network, clock, viewOrigin } = deps;
  const worker = deps.makeWorker();
  const tell = (message: ToWorker, ports: MessagePort[] = []): void => {
    worker.postMessage(toPlain(message), ports);
  };
  const agent = new BootAgent();
  const host = new ViewHost({
    viewOrigin,
    clock,
    connected: (ports) => {
      tell({ type: "view" }, [ports.engine]);
      agent.connect(ports.agent);
    },
  });
  const engine = new RemoteEngine({
    tell,
    viewReady: () => host.ready(),
    newIdentity: () => {
      network.newIdentity();
    },
  });
  engine.subscribe((event: EngineEvent) => {
    agent.follow(event);
  });
  worker.onmessage = ({ data, ports: [port] }: MessageEvent<unknown>) => {
    hear(fromPlain(data) as FromWorker, port, { ...deps, engine });
  };
  tell({ type: "start", viewOrigin });
  return { engine, view: agent };
}

function hear(
  message: FromWorker,
  port: MessagePort | undefined,
  { engine, network, saveFile }: EngineDeps & { readonly engine: RemoteEngine },
): void {
  switch (message.type) {
    case "event":
    case "view-url":
    case "url-of":
      engine.heard(message);
      return;
    case "open-stream":
      if (port !== undefined) void serveStream(message, port, network);
      return;
    case "save":
      if (port !== undefined) void saveDownload(message.download, port, saveFile);
      return;
  }
}
