/** The site at the far end: gives and takes as many bytes as it is asked for, and echoes. */
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { tell } from "./parent.ts";
import { listenTransferSite } from "../lib/transfer-site.ts";

const transfer = await listenTransferSite("127.0.0.1");
const echo = createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => socket.destroy());
  socket.pipe(socket);
});
echo.listen(0, "127.0.0.1");
await once(echo, "listening");
tell({
  type: "listening",
  site: { transfer: transfer.port, echo: (echo.address() as AddressInfo).port },
});
