import { fileURLToPath } from "node:url";
import { allSites } from "../sites/all.ts";
import { type ServerCertificate, TestAuthority } from "./authority.ts";
import type { Host, Visit } from "./host.ts";
import { HOSTILE_CERTIFICATES } from "./hostile-certificates.ts";
import { FarmServer } from "./server.ts";

const BAD = Object.keys(HOSTILE_CERTIFICATES).map((fault) => `${fault}.bad.test`);
/** Hosts whose only fault is the version of TLS. */
const OUTDATED = "tls11.bad.test";

/** Where a port of a host really is. */
export interface Route {
  readonly host: string;
  readonly port: 80 | 443;
  /** On 127.0.0.1. */
  readonly to: number;
}

/** Sites as the web has them, on this machine: `https://news.test/` and others, reached by routes. */
export interface Farm {
  readonly authority: TestAuthority;
  readonly routes: readonly Route[];
  /** Every request so far, oldest first. */
  readonly visits: readonly Visit[];
  /** Names asked for in TLS so far, oldest first. */
  readonly handshakes: readonly string[];
  visitsTo(host: string): readonly Visit[];
  close(): Promise<void>;
}

export async function startFarm(hosts: readonly Host[] = allSites()): Promise<Farm> {
  const authority = await TestAuthority.create();
  const server = new FarmServer([...hosts, ...BAD.map(refusedHost), refusedHost(OUTDATED)]);
  const certificates = await certificatesOf(hosts, authority);
  const both = await server.listenTls(certificates, { minVersion: "TLSv1.2", maxVersion: "TLSv1.3" });
  const old = await server.listenTls(certificates, { minVersion: "TLSv1.2", maxVersion: "TLSv1.2" });
  const recent = await server.listenTls(certificates, { minVersion: "TLSv1.3", maxVersion: "TLSv1.3" });
  const outdated = await server.listenTls(certificates, { minVersion: "TLSv1.1", maxVersion: "TLSv1.1" });
  const plain = await server.listenPlain();
  const portOf = (host: Host): number =>
    ({ "TLSv1.2": old, "TLSv1.3": recent, any: both })[host.tls ?? "any"];
  return {
    authority,
    visits: server.visits,
    handshakes: server.handshakes,
    visitsTo: (host) => server.visits.filter((visit) => visit.host === host),
    routes: [
      ...hosts.filter(isOnTls).map((host) => ({ host: host.name, port: 443 as const, to: portOf(host) })),
      ...hosts.map(({ name }) => ({ host: name, port: 80 as const, to: plain })),
      ...BAD.map((host) => ({ host, port: 443 as const, to: both })),
      { host: OUTDATED, port: 443, to: outdated },
    ],
    close: () => server.close(),
  };
}

function isOnTls(host: Host): boolean {
  return host.kind === "raw" || host.plain !== "only";
}

/** Whoever reads this has accepted a certificate that is none. */
function refusedHost(name: string): Host {
  return { kind: "web", name, answer: ({ response }) => void response.end("This must never be read.") };
}

async function certificatesOf(
  hosts: readonly Host[],
  authority: TestAuthority,
): Promise<ReadonlyMap<string, ServerCertificate>> {
  const good = [...hosts.map(({ name }) => name), OUTDATED].map(
    async (name) => [name, await authority.server([name])] as const,
  );
  const bad = Object.entries(HOSTILE_CERTIFICATES).map(
    async ([fault, make]) => [`${fault}.bad.test`, await make(authority, `${fault}.bad.test`)] as const,
  );
  return new Map(await Promise.all([...good, ...bad]));
}

/** Flags for a Chromium that goes to the farm directly, and trusts it. */
export async function chromiumFlagsFor({ routes, authority }: Farm): Promise<string[]> {
  const rules = routes.map(({ host, port, to }) => `MAP ${host}:${port} 127.0.0.1:${to}`);
  return [
    `--host-resolver-rules=${[...rules, "MAP *.test ~NOTFOUND"].join(", ")}`,
    `--ignore-certificate-errors-spki-list=${await authority.keyHash()}`,
  ];
}

/** Environment for a Node program (an exit) that shall find the farm where the system finds the web. */
export function environmentFor({ routes }: Farm): Readonly<Record<string, string>> {
  const names = fileURLToPath(new URL("names.mjs", import.meta.url));
  return { NODE_OPTIONS: `--import ${names}`, TABOR_FARM_ROUTES: JSON.stringify(routes) };
}
