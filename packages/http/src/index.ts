/** A strict HTTP/1.1 client over any `Duplex`: persistent connections, bounded answers; and what answers one request (RFC 9110, RFC 9112). */
export { charsetOfText, decodeText } from "./charset.ts";
export { peek, readUpTo } from "./collect.ts";
export { contentKind, SNIFF_LENGTH, type ContentKind, type ImageType } from "./content-kind.ts";
export {
  HttpConnection,
  type ConnectionState,
  type HttpAnswer,
  type HttpConnectionOptions,
} from "./connection.ts";
export type { Decompressor, DecompressorStep, MoreCodings } from "./content-coding.ts";
export { decodedBody } from "./decoded-body.ts";
export { Fields } from "./fields.ts";
export { fileNameOf } from "./file-name.ts";
export { MAX_FIELDS, MAX_HEAD_BYTES } from "./head.ts";
export { mediaTypeOf, type MediaType } from "./media-type.ts";
export type { HttpRequest, RequestBody } from "./request-head.ts";
export { encodeAnswer, readRequest, type ReceivedRequest } from "./serve.ts";
export { redirectLocation } from "./redirect.ts";
export { upgrade, type Upgraded } from "./upgrade.ts";
