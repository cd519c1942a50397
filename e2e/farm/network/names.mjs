/**
 * Loaded into a Node program before its own code (`node --import`): names of the farm then have addresses, and
 * connections to these addresses end at the farm. The program itself does as it does on the web: it resolves a name, asks
 * its policy about the address, and dials port 443 of it.
 */
import dns from "node:dns/promises";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";

/** @typedef {{ host: string, port: number, to: number }} Route */

/** @type {unknown} */
const parsed = JSON.parse(process.env["TABOR_FARM_ROUTES"] ?? "[]");
const routes = /** @type {Route[]} */ (parsed);
const hosts = [...new Set(routes.map(({ host }) => host))];

/** An address for each host, from a part of loopback that nobody else uses. */
const addressOf = new Map(hosts.map((host, i) => [host, `127.80.${i >> 8}.${i & 255}`]));
const portOf = new Map(routes.map(({ host, port, to }) => [`${addressOf.get(host) ?? ""}:${port}`, to]));

const { lookup } = dns;
dns.lookup = /** @type {typeof lookup} */ (
  async (/** @type {string} */ name, /** @type {import("node:dns").LookupOptions} */ options) => {
    // A name with its last dot is the same name.
    const host = name.toLowerCase().replace(/\.$/, "");
    if (!host.endsWith(".test")) return lookup(name, options);
    const address = addressOf.get(host);
    if (address === undefined) throw Object.assign(new Error("no such host"), { code: "ENOTFOUND" });
    return options.all === true ? [{ address, family: 4 }] : { address, family: 4 };
  }
);

const { connect } = net;
net.connect = /** @type {typeof connect} */ (
  (/** @type {import("node:net").TcpNetConnectOpts} */ options, /** @type {() => void} */ done) => {
    const { host = "", port } = options;
    if (!host.startsWith("127.80.")) return connect(options, done);
    // A port that the farm does not serve refuses, as on a real host: nothing listens on port 1.
    return connect({ ...options, host: "127.0.0.1", port: portOf.get(`${host}:${port}`) ?? 1 }, done);
  }
);
syncBuiltinESMExports();
