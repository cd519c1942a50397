import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { TaborError } from "@tabor/onion-core";
import type { IceServer } from "@tabor/signal-protocol";

export interface IceOptions {
  /** STUN and TURN servers that peers are told of, as URLs. */
  readonly iceServers: readonly string[];
  /** What coturn calls `static-auth-secret`; there for each that is TURN. */
  readonly turnSecret?: string | undefined;
}

const HOUR = 3600;
/** In hours; and up to one more, since they change once an hour. */
const CREDENTIAL_LIFETIME = 24;
const MAX_SECRET_LENGTH = 1024;

export function isTurn(url: string): boolean {
  return /^turns?:/.test(url);
}

/**
 * What peers are told of STUN and TURN servers (SPEC §9.9). Whoever asks within one hour gets the same credentials.
 * @param now milliseconds since the Unix epoch.
 */
export function iceServersAt({ iceServers, turnSecret }: IceOptions, now: number): readonly IceServer[] {
  const stun = iceServers.filter((url) => !isTurn(url));
  const turn = iceServers.filter(isTurn);
  const username = String((Math.ceil(now / 1000 / HOUR) + CREDENTIAL_LIFETIME) * HOUR);
  return [
    ...(stun.length === 0 ? [] : [{ urls: stun }]),
    ...(turn.length === 0 || turnSecret === undefined
      ? []
      : [{ urls: turn, username, credential: hmac(turnSecret, username) }]),
  ];
}

/** The first line of a file. @throws usage if there is none, or more than a secret. */
export async function readTurnSecret(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new TaborError("usage", "here", `The file of the TURN secret, ${file}, can't be read.`, { cause });
  });
  const secret = text.trim();
  if (secret === "" || secret.length > MAX_SECRET_LENGTH || secret.includes("\n"))
    throw new TaborError("usage", "here", `The file of the TURN secret, ${file}, must be one line.`);
  return secret;
}

function hmac(secret: string, username: string): string {
  return createHmac("sha1", secret).update(username).digest("base64");
}
