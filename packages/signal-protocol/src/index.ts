export {
  CLIENT_NAME_LENGTH,
  clientAddress,
  parseAddress,
  relayAddress,
  roleOf,
  type PeerAddress,
  type Role,
} from "./address.ts";
export type {
  Answer,
  Challenge,
  DirectoryEvents,
  IncomingSignal,
  JoinAnswer,
  JoinRequest,
  OutgoingSignal,
  PeerEvents,
  SignalErrorCode,
} from "./events.ts";
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
  incomingSignalSchema,
  joinAnswerSchema,
  joinSchema,
  outgoingSignalSchema,
  parsePayload,
} from "./schemas.ts";
export { joinTranscript, welcomeTranscript, type JoinFields } from "./transcripts.ts";
