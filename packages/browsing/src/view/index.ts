/** What the view's service worker, its boot page and the engine have in common (docs/decisions/0008). */
export { parseAgentReport, type AgentCommand, type AgentReport } from "./agent-messages.ts";
export { fromPlainError, toPlainError, type PlainError } from "./errors.ts";
export { frameLabelsOf, pageLabelOf } from "./frame-labels.ts";
export { protectiveHeaders, type HeaderList } from "./headers.ts";
export {
  parseViewAnswer,
  parseViewRequest,
  type ViewAnswerMessage,
  type ViewRequestMessage,
} from "./messages.ts";
export { PortDuplex } from "./port-duplex.ts";
