/** Resolves and dials as an exit does, and tells what came of it. */
import { lookup } from "node:dns/promises";
import { connect } from "node:net";

for (const name of ["news.test", "plain.test", "nobody.test"]) console.log(`${name} 443 ${await dial(name)}`);

async function dial(name: string): Promise<string> {
  try {
    const [{ address } = { address: "" }] = await lookup(name, { all: true, verbatim: true });
    return await new Promise<string>((resolve, reject) => {
      const socket = connect({ host: address, port: 443 });
      socket.on("error", reject);
      socket.on("connect", () => {
        socket.destroy();
        resolve("connected");
      });
    });
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code ?? "unknown";
  }
}
