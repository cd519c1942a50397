/** The way to the network: directory, broker, and the dialing over it (SPEC §9). */
export { rtcConnector, type Broker, type Connector } from "./broker.ts";
export { BrokerDialer, type BrokerDialerOptions } from "./broker-dialer.ts";
export {
  DirectoryClient,
  openSocketIo,
  type DirectoryClientOptions,
  type DirectoryState,
  type Membership,
} from "./directory-client.ts";
export type { DirectorySocket } from "./directory-connection.ts";
export { fetchNetworkInfo } from "./fetch-network-info.ts";
export { OfferResponder, type OfferResponderOptions } from "./offer-responder.ts";
