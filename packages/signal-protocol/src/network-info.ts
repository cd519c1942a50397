import { parseRelayId, type RelayId, TaborError } from "@tabor/onion-core";
import * as v from "valibot";
import { checkKnownHosts, type KnownHost, MAX_KNOWN_HOSTS, parseHostAddress } from "./known-host.ts";

/** What `GET /tabor.json` answers (SPEC §9.1): whom to trust at first contact, and how to find one's own address. */
export interface NetworkInfo {
  readonly authorities: readonly RelayId[];
  /** Origins of the network's other servers. */
  readonly servers: readonly string[];
  readonly iceServers: readonly IceServer[];
  /** In an ad-hoc network: the hosts that may serve it (SPEC §9.8). */
  readonly hosts?: readonly KnownHost[];
}

/** WebRTC's RTCIceServer, as far as it is JSON. */
export interface IceServer {
  readonly urls: readonly string[];
  readonly username?: string;
  readonly credential?: string;
}

export const NETWORK_INFO_PATH = "/tabor.json";
/** In characters of its JSON text. */
export const MAX_NETWORK_INFO_LENGTH = 16_384;

const iceUrl = v.pipe(v.string(), v.maxLength(512), v.regex(/^(?:stun|turn)s?:[\x21-\x7e]+$/));

const iceServerSchema = v.strictObject({
  urls: v.pipe(
    v.union([
      v.array(iceUrl),
      v.pipe(
        iceUrl,
        v.transform((url) => [url]),
      ),
    ]),
    v.minLength(1),
    v.maxLength(8),
  ),
  username: v.exactOptional(v.pipe(v.string(), v.maxLength(512))),
  credential: v.exactOptional(v.pipe(v.string(), v.maxLength(512))),
});

/** Canonical: as `URL.origin` writes it. */
const originSchema = v.pipe(
  v.string(),
  v.maxLength(512),
  v.regex(/^https?:/),
  v.check((text) => URL.canParse(text) && new URL(text).origin === text),
);

const hostSchema = v.strictObject({ address: v.string(), authority: v.exactOptional(v.string()) });

const networkInfoSchema = v.strictObject({
  servers: v.pipe(v.array(originSchema), v.maxLength(15)),
  authorities: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(16)),
  iceServers: v.pipe(v.array(iceServerSchema), v.maxLength(16)),
  hosts: v.exactOptional(v.pipe(v.array(hostSchema), v.minLength(1), v.maxLength(MAX_KNOWN_HOSTS))),
});

/** @throws malformed for anything but the JSON of a `NetworkInfo`, also when an authority is listed twice. */
export function parseNetworkInfo(text: string): NetworkInfo {
  const result = v.safeParse(networkInfoSchema, parseJson(text), { abortEarly: true });
  if (!result.success) throw malformed();
  const authorities = result.output.authorities.map(parseRelayId);
  if (new Set(authorities).size !== authorities.length) throw malformed();
  const { hosts: listed, ...rest } = result.output;
  if (listed === undefined) return { ...rest, authorities };
  const hosts = listed.map(toKnownHost);
  checkKnownHosts(hosts);
  return { ...rest, authorities, hosts };
}

function toKnownHost({ address, authority }: v.InferOutput<typeof hostSchema>): KnownHost {
  return {
    address: parseHostAddress(address),
    ...(authority !== undefined && { authority: parseRelayId(authority) }),
  };
}

function parseJson(text: string): unknown {
  if (text.length > MAX_NETWORK_INFO_LENGTH) throw malformed();
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw malformed(cause);
  }
}

function malformed(cause?: unknown): TaborError {
  return new TaborError("malformed", "directory", "tabor.json is not as SPEC §9.1 has it", { cause });
}
