import type { SecurityLevel } from "../api.ts";
import { frameLabelsOf } from "./frame-labels.ts";

export type HeaderList = readonly (readonly [name: string, value: string])[];

/** Whatever could tell a page something of its user, or act for it: all of it off. */
const PERMISSIONS_POLICY = [
  ...["accelerometer", "browsing-topics"],
  ...["camera", "compute-pressure", "display-capture", "encrypted-media", "gamepad", "geolocation"],
  ...["gyroscope", "hid", "identity-credentials-get", "idle-detection"],
  ...["keyboard-map", "local-fonts", "magnetometer", "microphone", "midi", "otp-credentials", "payment"],
  ...["private-state-token-issuance", "private-state-token-redemption", "publickey-credentials-create"],
  ...["publickey-credentials-get", "screen-wake-lock", "serial"],
  ...["storage-access", "usb", "window-management", "xr-spatial-tracking"],
]
  .map((feature) => `${feature}=()`)
  .join(", ");

/** The second wall: what the rewriter missed is refused by the browser. */
const SAFEST_POLICY = [
  "default-src 'none'",
  "img-src 'self' data:",
  "media-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "frame-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "sandbox allow-same-origin allow-forms",
];

/**
 * The second wall at Standard. `connect-src` names the origin with its scheme: `'self'` would allow WebSockets to our server.
 * @param origin of the view.
 */
function standardPolicy(origin: string): readonly string[] {
  const frames = frameLabelsOf(origin)
    .map((label) => ` ${label}`)
    .join("");
  return [
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:",
    `connect-src ${origin} data: blob:`,
    "object-src 'none'",
    `frame-src 'self' blob:${frames}`,
    "worker-src 'self' blob:",
    // An answer from another origin is shown where that is; the request itself is always to the own.
    `form-action 'self'${frames}`,
    "base-uri 'self'",
    "sandbox allow-same-origin allow-scripts allow-forms allow-downloads allow-modals",
  ];
}

/** On every answer of the view, whatever it is. */
const ALWAYS: HeaderList = [
  ["X-DNS-Prefetch-Control", "off"],
  ["Referrer-Policy", "no-referrer"],
  ["Cache-Control", "no-store"],
  ["X-Content-Type-Options", "nosniff"],
  ["Cross-Origin-Resource-Policy", "same-origin"],
  ["Origin-Agent-Cluster", "?1"],
  ["Permissions-Policy", PERMISSIONS_POLICY],
];

/**
 * `Connection-Allowlist` (WICG) is the third wall where the browser knows it, and at Standard the first: it also stops the connections and
 * lookups that content security policies do not see. Redirects are made by the view itself, and lead to the view. Names of labels are
 * written out: each that a pattern left open could be looked up.
 */
function allowlist(origin: string): string {
  const frames = frameLabelsOf(origin).map((label) => ` "${label}"`);
  return `(response-origin${frames.join("")});redirects=allow`;
}

/**
 * What every answer carries; the site's own fields of these names never do. The service worker sets them, and takes them from nobody:
 * scripts of a page reach the boot page of their origin, and could answer in its place.
 * @param origin of the view that answers.
 */
export function protectiveHeaders(level: SecurityLevel, origin: string): HeaderList {
  const policy = level === "safest" ? SAFEST_POLICY : standardPolicy(origin);
  return [
    ["Content-Security-Policy", policy.join("; ")],
    ["Connection-Allowlist", allowlist(origin)],
    ...ALWAYS,
  ];
}
