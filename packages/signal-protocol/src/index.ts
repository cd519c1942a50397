export {
  CLIENT_NAME_LENGTH,
  clientAddress,
  parseAddress,
  relayAddress,
  roleOf,
  type PeerAddress,
  type Role,
} from "./address.ts";
export { ADMISSION_MODES, INVITE_LENGTH, inviteText, parseInvite, type AdmissionMode } from "./admission.ts";
export type {
  Answer,
  Challenge,
  DirectoryEvents,
  DrawAnswer,
  DrawRequest,
  IncomingSignal,
  JoinAnswer,
  JoinRequest,
  OutgoingSignal,
  PeerEvents,
  SignalErrorCode,
  Voucher,
} from "./events.ts";
export * from "./documents.ts";
export {
  knownHostsText,
  MAX_KNOWN_HOSTS,
  originOfHost,
  parseHostAddress,
  parseKnownHosts,
  splitHostAddress,
  type HostAddress,
  type KnownHost,
} from "./known-host.ts";
export * from "./limits.ts";
export {
  NETWORK_INFO_PATH,
  parseNetworkInfo,
  MAX_NETWORK_INFO_LENGTH,
  type IceServer,
  type NetworkInfo,
} from "./network-info.ts";
export {
  answerSchema,
  challengeSchema,
  consensusSchema,
  descriptorSchema,
  digestSchema,
  drawAnswerSchema,
  drawSchema,
  incomingSignalSchema,
  joinAnswerSchema,
  joinSchema,
  outgoingSignalSchema,
  parsePayload,
} from "./schemas.ts";
export { joinTranscript, voucherTranscript, welcomeTranscript, type JoinFields } from "./transcripts.ts";
