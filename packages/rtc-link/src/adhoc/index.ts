/** Ad-hoc networks, in which any of a few hosts becomes the server (SPEC §9.8). */
export { type Election, type ServingHost } from "./election.ts";
export { Elector, type ElectorOptions, type OwnServer } from "./elector.ts";
export { FollowingDirectory, type FollowingDirectoryOptions } from "./following-directory.ts";
export { lookAround, type LookOptions } from "./look.ts";
export { HostTrust, type Pins } from "./trust.ts";
export {
  knownHostsText,
  originOfHost,
  parseHostAddress,
  parseKnownHosts,
  splitHostAddress,
  type HostAddress,
  type KnownHost,
} from "@tabor/signal-protocol";
