/** A site for `tls.ts`, in a process of its own: sends 32 MiB to whoever connects, by Node's own TLS. */
import { certificate, root, SERVER } from "../../packages/tls/src/testing/certificates.ts";
import { derOf } from "../../packages/tls/src/testing/certificates.ts";
import { tlsServer } from "../../packages/tls/src/testing/server.ts";

const LENGTH = 32 * 1_048_576;
const body = Buffer.alloc(LENGTH, 0x5a);
const trusted = await root();
const site = await certificate({ issuer: trusted, ca: false, names: ["a.example"], purposes: [SERVER] });
const server = await tlsServer({
  chain: [site],
  onConnection: (socket) => {
    socket.end(body);
  },
});
process.send?.({ port: server.port, root: derOf(trusted) });
process.on("disconnect", () => process.exit());
