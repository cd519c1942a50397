/** Measures in a page; the result becomes its title. */
import { mlKem768, webHandshake } from "@tabor/onion-core";
import { handshakeTimes } from "./measure.ts";

const own = await handshakeTimes(webHandshake);
const library = await handshakeTimes({ ...webHandshake, kem: mlKem768 });
document.title = JSON.stringify({ ...own, library: library.hybrid });
