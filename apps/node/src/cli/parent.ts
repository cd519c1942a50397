/**
 * What the programs tell whoever started them over an IPC channel: the all-in-one, or a test. Without a channel,
 * nobody is told.
 */
export type ProgramMessage =
  /** A relay: in the consensus, with so many links to other relays. */
  | { readonly type: "relay"; readonly id: string; readonly links: number }
  /** The SOCKS proxy listens. */
  | { readonly type: "listening"; readonly port: number }
  /** Metrics are served. */
  | { readonly type: "metrics"; readonly port: number }
  /** A client: how far it is on the way to its first circuit. */
  | { readonly type: "bootstrap"; readonly percent: number; readonly doing: string };

export function tellParent(message: ProgramMessage): void {
  if (process.connected) process.send?.(message);
}

export function hasParent(): boolean {
  return process.send !== undefined;
}
