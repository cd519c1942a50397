/** The events of SPEC §9.3, for Socket.IO's type parameters. Payloads are validated at run time (`schemas.ts`). */
import type { InferOutput } from "valibot";
import type {
  answerSchema,
  challengeSchema,
  drawAnswerSchema,
  drawSchema,
  incomingSignalSchema,
  joinAnswerSchema,
  joinSchema,
  outgoingSignalSchema,
  SIGNAL_ERRORS,
} from "./schemas.ts";

export type Challenge = InferOutput<typeof challengeSchema>;
export type JoinRequest = InferOutput<typeof joinSchema>;
/** A member's word for a relay (SPEC §9.6). */
export type Voucher = NonNullable<JoinRequest["voucher"]>;
export type JoinAnswer = InferOutput<typeof joinAnswerSchema>;
export type DrawRequest = InferOutput<typeof drawSchema>;
export type DrawAnswer = InferOutput<typeof drawAnswerSchema>;
export type Answer = InferOutput<typeof answerSchema>;
/** What a peer sends to the broker, and what the broker hands to the other. */
export type OutgoingSignal = InferOutput<typeof outgoingSignalSchema>;
export type IncomingSignal = InferOutput<typeof incomingSignalSchema>;
export type SignalErrorCode = (typeof SIGNAL_ERRORS)[number];

export interface DirectoryEvents {
  challenge(challenge: Challenge): void;
  consensus(consensus: Uint8Array): void;
  /** Compressed by DEFLATE. */
  "consensus-diff"(difference: Uint8Array): void;
  signal(signal: IncomingSignal): void;
}

export interface PeerEvents {
  join(request: JoinRequest, answer: (answer: JoinAnswer) => void): void;
  have(digest: Uint8Array, answer: (answer: Answer) => void): void;
  publish(descriptor: Uint8Array, answer: (answer: Answer) => void): void;
  signal(signal: OutgoingSignal, answer: (answer: Answer) => void): void;
  draw(request: DrawRequest, answer: (answer: DrawAnswer) => void): void;
}
