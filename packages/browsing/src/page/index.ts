/** The contract between the scripts in a page (packages/hooks) and the engine: docs/decisions/0008, Standard. */
export { HOOKS_PATH, isOwnPath, PAGE_KEY_LENGTH, PAGE_TOKEN_PATH, type HookConfig } from "./config.ts";
export {
  MAX_SOCKET_MESSAGE,
  parsePageHello,
  parsePageMessage,
  parseSocketMessage,
  type PageHello,
  type PageMessage,
  type PageNews,
  type SocketMessage,
  type SocketNews,
} from "./messages.ts";
export { mintInPage, openMinted, type PageTokenContent, type PageUse } from "./tokens.ts";
export { WORKER_CONFIG, workerPrelude } from "./worker-prelude.ts";
