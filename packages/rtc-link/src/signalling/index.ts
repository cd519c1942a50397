/** The way to the network: directory, broker, and the dialing over it (SPEC §9). */
export { parseInvite, type AdmissionMode, type NetworkInfo } from "@tabor/signal-protocol";
export { rtcConnector, type Broker, type Connector } from "./broker.ts";
export { BrokerDialer, type BrokerDialerOptions } from "./broker-dialer.ts";
export { DirectoryClient, openSocketIo, type DirectoryClientOptions } from "./directory-client.ts";
export type { DirectorySocket } from "./directory-connection.ts";
export type { DirectoryState } from "./standing-session.ts";
export type { FetchDeps } from "./fetch-bytes.ts";
export { fetchSaid, type Said } from "./fetch-said.ts";
export { fetchNetworkInfo } from "./fetch-network-info.ts";
export { showMember, type MemberSessionOptions } from "./member-session.ts";
export type { MemberCredential, Membership, RelayMembership } from "./membership.ts";
export { LINK_DIRECTIONS, LinkCounts } from "./link-counts.ts";
export { OfferResponder, type OfferResponderOptions } from "./offer-responder.ts";
