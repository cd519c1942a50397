import { once } from "node:events";
import { createServer } from "node:net";
import { TaborError } from "@tabor/onion-core";
import { errorCode } from "../net/system-error.ts";

/**
 * Makes sure that a port can be listened on, before anything is started.
 * @param setting the environment variable that chooses another. @throws unreachable with a sentence for the user.
 */
export async function ensureFree(host: string, port: number, setting: string): Promise<void> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (thrown) {
    const sentence = `Port ${String(port)} on ${host} ${why(thrown)}; ${setting}=… chooses another port.`;
    throw new TaborError("unreachable", "here", sentence, { cause: thrown });
  }
  server.close();
  await once(server, "close");
}

function why(thrown: unknown): string {
  switch (errorCode(thrown)) {
    case "EADDRINUSE":
      return "is taken by another program";
    case "EACCES":
      return "needs rights that this program does not have";
    default:
      return `can't be used (${thrown instanceof Error ? thrown.message : String(thrown)})`;
  }
}
