/** What the programs tell, read as strictly as anything from outside: the directory is another app's program. */

export function directoryReady(message: unknown): { port: number; authority: string } | undefined {
  const { type, port, authority } = fieldsOf(message);
  return type === "ready" && typeof port === "number" && typeof authority === "string"
    ? { port, authority }
    : undefined;
}

/** The number of relays that a relay is linked to, once it is in the consensus. */
export function relayLinks(message: unknown): number | undefined {
  const { type, links } = fieldsOf(message);
  return type === "relay" && typeof links === "number" ? links : undefined;
}

export function socksListening(message: unknown): number | undefined {
  const { type, port } = fieldsOf(message);
  return type === "listening" && typeof port === "number" ? port : undefined;
}

export interface Bootstrap {
  readonly percent: number;
  readonly doing: string;
}

export function bootstrap(message: unknown): Bootstrap | undefined {
  const { type, percent, doing } = fieldsOf(message);
  return type === "bootstrap" && typeof percent === "number" && typeof doing === "string"
    ? { percent, doing }
    : undefined;
}

function fieldsOf(message: unknown): Readonly<Record<string, unknown>> & { type?: unknown } {
  return typeof message === "object" && message !== null ? { ...message } : {};
}
