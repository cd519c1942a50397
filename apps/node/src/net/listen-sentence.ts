import { errorCode } from "./system-error.ts";

/** Why a program cannot listen, for the person who started it. @param what "The SOCKS proxy". */
export function listenSentence(thrown: unknown, what: string, host: string, port: number): string {
  const where = `${host}, port ${String(port)}`;
  switch (errorCode(thrown)) {
    case "EADDRINUSE":
      return `${what} cannot listen on ${where}: another program does already.`;
    case "EACCES":
      return `${what} cannot listen on ${where}: that needs rights that this program does not have.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `${what} cannot listen on ${where}: this machine has no such address.`;
    default:
      return `${what} cannot listen on ${where}: ${thrown instanceof Error ? thrown.message : String(thrown)}.`;
  }
}
