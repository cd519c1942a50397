/** Makes an address of the street one of this house's own, where browsers trust it: `node forward.mjs PORT HOST`. */
import { connect, createServer } from "node:net";
import { pipeline } from "node:stream";

const [port = "", host = ""] = process.argv.slice(2);
const server = createServer((inner) => {
  const outer = connect(Number(port), host);
  // Either side's end ends both.
  pipeline(inner, outer, inner, () => undefined);
});
server.listen(Number(port), "127.0.0.1", () => console.log("forwarding"));
