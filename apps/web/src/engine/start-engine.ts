import type { Download, Engine, EngineEvent } from "@tabor/browsing";
import { toTaborError, type Clock } from "@tabor/onion-core";
import type { Network } from "../services/network.ts";
import type { ViewAgent } from "../services/view-agent.ts";
import type { FileSink } from "../downloads/file-sink.ts";
import { saveDownload } from "../downloads/save-download.ts";
import { BootAgent } from "./boot-agent.ts";
import type { FromWorker, ToWorker } from "./messages.ts";
import { fromPlain, toPlain } from "./plain.ts";
import { RemoteEngine } from "./remote-engine.ts";
import { serveExitKind, serveStream } from "./stream-server.ts";
import { ViewHosts } from "./view-hosts.ts";

export interface EngineDeps {
  readonly network: Network;
  readonly clock: Clock;
  readonly viewOrigin: string;
  /** Starts `main-engine.ts`. */
  readonly makeWorker: () => Worker;
  readonly openSink: (download: Download) => Promise<FileSink>;
}

export interface StartedEngine {
  readonly engine: Engine;
  readonly view: ViewAgent;
  /** Finds out whether this browser holds pages with scripts to the circuit; from then on the engine shows them. */
  readonly probeStandard: () => Promise<boolean>;
}

/** Puts engine, view and network together: pages of sites can be shown in frames. */
export function startEngine(deps: EngineDeps): StartedEngine {
  const { network, clock, viewOrigin } = deps;
  const worker = deps.makeWorker();
  const tell = (message: ToWorker, ports: MessagePort[] = []): void => {
    worker.postMessage(toPlain(message), ports);
  };
  const hosts = new ViewHosts({
    viewOrigin,
    clock,
    connected: (origin, ports) => {
      tell({ type: "view", origin }, [ports.engine]);
      agent.connect(origin, ports.agent);
    },
  });
  const agent = new BootAgent((tab) => hosts.originOf(tab), clock);
  const engine = new RemoteEngine({
    tell,
    viewReady: (tab, origin) => hosts.show(tab, origin),
    tabClosed: (tab) => {
      hosts.closed(tab);
    },
    newIdentity: () => {
      network.newIdentity();
      void hosts.wipe().then((isDone) => {
        if (!isDone) engine.heard({ type: "event", event: { type: "not-forgotten" } });
      });
    },
  });
  engine.subscribe((event: EngineEvent) => {
    agent.follow(event);
  });
  worker.onmessage = ({ data, ports: [port] }: MessageEvent<unknown>) => {
    const message = fromPlain(data) as FromWorker;
    if (message.type === "prepare-view") void prepare(message.origin);
    else hear(message, port, { ...deps, engine });
  };
  tell({ type: "start", viewOrigin });
  network.fetchExits.subscribe(() => {
    tell({ type: "allow-fetch-exits", areAllowed: network.fetchExits.value });
  });
  const prepare = async (origin: string): Promise<void> => {
    const error = await hosts.prepare(origin).then(
      () => undefined,
      (thrown: unknown) => toTaborError(thrown, "here", "preparing a frame"),
    );
    tell({ type: "view-prepared", origin, error });
  };
  const probeStandard = async (): Promise<boolean> => {
    await hosts.ready();
    const isEnforced = await agent.probe(viewOrigin);
    if (isEnforced) tell({ type: "allow-standard" });
    return isEnforced;
  };
  return { engine, view: agent, probeStandard };
}

function hear(
  message: Exclude<FromWorker, { type: "prepare-view" }>,
  port: MessagePort | undefined,
  { engine, network, openSink }: EngineDeps & { readonly engine: RemoteEngine },
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
    case "exit-kind":
      if (port !== undefined) void serveExitKind(message, port, network);
      return;
    case "save":
      if (port !== undefined) void saveDownload(message.download, port, openSink);
      return;
  }
}
