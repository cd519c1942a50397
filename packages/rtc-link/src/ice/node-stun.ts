import { randomBytes } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { bindingRequest, mappedAddress, TRANSACTION_ID_LENGTH } from "./stun.ts";

const DEFAULT_PORT = 3478;
/** When each server is asked again, in milliseconds from the start (RFC 8489 §6.2.1), and when it is given up. */
const RESENT_AT_MS = [500, 1500, 3500];
const DEADLINE_MS = 7500;

interface Server {
  readonly address: string;
  readonly port: number;
  readonly transaction: Uint8Array;
  seen?: string | undefined;
}

/**
 * Asks servers from one socket which address they see. libdatachannel would ask one of them only.
 * @param urls "stun:host:port", "turn:host"; of those that have one address, one is asked.
 * @returns what they saw, of those that answered.
 */
export async function askStun(urls: readonly string[], bindAddress: string | undefined): Promise<string[]> {
  const servers = await resolve(urls);
  const socket = createSocket("udp4");
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject).bind({ port: 0, address: bindAddress }, resolve);
    });
    await ask(socket, servers);
  } finally {
    socket.close();
  }
  return servers.flatMap(({ seen }) => seen ?? []);
}

async function resolve(urls: readonly string[]): Promise<Server[]> {
  const found = await Promise.all(
    urls
      .map(async (url) => {
        const [, host = "", port = DEFAULT_PORT] = /^\w+:([^:?]+)(?::(\d+))?/.exec(url) ?? [];
        const { address } = await lookup(host, 4);
        return { address, port: Number(port), transaction: randomBytes(TRANSACTION_ID_LENGTH) };
      })
      .map((server) => server.catch(() => undefined)),
  );
  const byAddress = new Map(
    found.flatMap((server) => (server === undefined ? [] : [[server.address, server]])),
  );
  return [...byAddress.values()];
}

/** Resolves when all have answered, or their time is over. */
function ask(socket: Socket, servers: readonly Server[]): Promise<void> {
  const timers: NodeJS.Timeout[] = [];
  return new Promise<void>((resolve) => {
    const send = (): void => {
      for (const { address, port, transaction } of servers.filter(({ seen }) => seen === undefined))
        socket.send(bindingRequest(transaction), port, address, () => undefined);
    };
    socket.on("message", (answer, { address, port }) => {
      const server = servers.find((one) => one.address === address && one.port === port);
      if (server !== undefined) server.seen ??= mappedAddress(answer, server.transaction);
      if (servers.every(({ seen }) => seen !== undefined)) resolve();
    });
    socket.on("error", () => {
      resolve();
    });
    send();
    for (const at of RESENT_AT_MS) timers.push(setTimeout(send, at));
    timers.push(setTimeout(resolve, servers.length === 0 ? 0 : DEADLINE_MS));
  }).finally(() => {
    for (const timer of timers) clearTimeout(timer);
  });
}
