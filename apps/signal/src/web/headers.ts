import type { IncomingMessage, ServerResponse } from "node:http";
import helmet from "helmet";

const SELF = "'self'";
const NONE = "'none'";

/** Everything that the app does not need, above all what could reveal where or who the user is. */
const PERMISSIONS_POLICY = [
  "accelerometer",
  "browsing-topics",
  "camera",
  "display-capture",
  "geolocation",
  "gyroscope",
  "magnetometer",
  "microphone",
  "midi",
  "payment",
  "usb",
]
  .map((feature) => `${feature}=()`)
  .join(", ");

/**
 * What the web app may do. Pages of sites are shown in its frames and inherit this policy, so it also is the last
 * wall against a page that loads something around the circuit.
 */
const secure = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: [NONE],
      scriptSrc: [SELF],
      styleSrc: [SELF],
      imgSrc: [SELF, "data:"],
      fontSrc: [SELF],
      connectSrc: [
        SELF,
        (request) => webSocketSource("ws", request),
        (request) => webSocketSource("wss", request),
      ],
      frameSrc: [SELF],
      workerSrc: [SELF],
      manifestSrc: [SELF],
      baseUri: [NONE],
      formAction: [NONE],
      frameAncestors: [NONE],
      objectSrc: [NONE],
    },
  },
  crossOriginOpenerPolicy: { policy: "same-origin" },
  crossOriginResourcePolicy: { policy: "same-origin" },
  referrerPolicy: { policy: "no-referrer" },
  // On plain http it would be ignored; whoever puts TLS in front knows whether the host has nothing else on http.
  strictTransportSecurity: false,
});

/** Sets the security headers of every answer. */
export function setSecurityHeaders(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader("Permissions-Policy", PERMISSIONS_POLICY);
  secure(request, response, () => undefined);
}

/**
 * Some browsers do not count WebSockets to one's own host as `'self'`. The name comes from the request: anything that
 * is no plain host and port must not get into the policy.
 */
function webSocketSource(scheme: "ws" | "wss", { headers }: IncomingMessage): string {
  const { host = "" } = headers;
  return /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.test(host) ? `${scheme}://${host}` : SELF;
}
