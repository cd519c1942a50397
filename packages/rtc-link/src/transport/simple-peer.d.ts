/** The build without Node's modules: Vite bundles the plain entry, but it throws at `new Peer()`. */
declare module "simple-peer/simplepeer.min.js" {
  import type SimplePeer from "simple-peer";

  const Peer: typeof SimplePeer;
  export = Peer;
}
