import type { SecurityLevel } from "../api.ts";

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
].join("; ");

/**
 * On every answer of the view, whatever it is. `Connection-Allowlist` (WICG) is the third wall, where the browser knows
 * it: it also stops the connections and lookups that content security policies do not see. Redirects are made by the view
 * itself, and lead to the view.
 */
const ALWAYS: HeaderList = [
  ["Connection-Allowlist", "(response-origin);redirects=allow"],
  ["X-DNS-Prefetch-Control", "off"],
  ["Referrer-Policy", "no-referrer"],
  ["Cache-Control", "no-store"],
  ["X-Content-Type-Options", "nosniff"],
  ["Cross-Origin-Resource-Policy", "same-origin"],
  ["Origin-Agent-Cluster", "?1"],
  ["Permissions-Policy", PERMISSIONS_POLICY],
];

const POLICIES: Readonly<Record<SecurityLevel, string>> = {
  safest: SAFEST_POLICY,
  // Until scripts are served from an origin of their own for each site, they are not served.
  standard: SAFEST_POLICY,
};

/** What every answer carries; the site's own fields are not among them. */
export function protectiveHeaders(level: SecurityLevel): HeaderList {
  return [["Content-Security-Policy", POLICIES[level]], ...ALWAYS];
}
