import type { IncomingMessage, ServerResponse } from "node:http";
import { FORGET_PATH } from "@tabor/browsing/paths";
import helmet from "helmet";
import { hostsOf } from "./hosts.ts";

const SELF = "'self'";
const NONE = "'none'";

/** Everything that neither app nor view needs, above all what could reveal where or who the user is. */
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

const COMMON = {
  crossOriginOpenerPolicy: { policy: "same-origin" },
  crossOriginResourcePolicy: { policy: "same-origin" },
  referrerPolicy: { policy: "no-referrer" },
  // On plain http it would be ignored; whoever puts TLS in front knows whether the host has nothing else on http.
  strictTransportSecurity: false,
} as const;

const NOTHING = {
  defaultSrc: [NONE],
  baseUri: [NONE],
  formAction: [NONE],
  objectSrc: [NONE],
};

/** The worker that fetches from sites if a volunteer wants that; nothing else of the app may connect to them (SPEC §7.5). */
const FETCH_EXIT = "/assets/main-fetch-exit-";

type SetHeaders = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Sets the security headers of every answer of the app's origin.
 * @param site as in `hostsOf`. @param servers origins of the network's other servers, which the app may join.
 */
export function appHeaders(site: string, servers: readonly string[]): SetHeaders {
  const elsewhere = servers.flatMap((origin) => [origin, origin.replace(/^http/, "ws")]);
  const frames = (request: IncomingMessage): string => {
    const { view } = hostsOf(site, request.headers.host);
    return `${view} *.${view}`;
  };
  const policy = (scriptSrc: readonly string[], sites: readonly string[] = []) =>
    helmet({
      ...COMMON,
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          ...NOTHING,
          scriptSrc,
          styleSrc: [SELF],
          imgSrc: [SELF, "data:"],
          fontSrc: [SELF],
          connectSrc: [
            SELF,
            (request) => webSocketSource("ws", request),
            (request) => webSocketSource("wss", request),
            ...elsewhere,
            ...sites,
          ],
          frameSrc: [frames],
          workerSrc: [SELF],
          manifestSrc: [SELF],
          frameAncestors: [NONE],
        },
      },
    });
  const page = policy([SELF]);
  // A worker is held to the policy that its script came with: TLS in the engine is WebAssembly.
  const script = policy([SELF, "'wasm-unsafe-eval'"]);
  const fetching = policy([SELF], ["http:", "https:"]);
  const policyOf = (url = ""): typeof page => {
    if (url.startsWith(FETCH_EXIT)) return fetching;
    return url.startsWith("/assets/") ? script : page;
  };
  return (request, response) => {
    response.setHeader("Permissions-Policy", PERMISSIONS_POLICY);
    const secure = policyOf(request.url);
    secure(request, response, () => undefined);
  };
}

/**
 * Sets the security headers of every answer of the view's origin: the boot page and the service worker connect to nothing, and
 * nobody but the app frames them. What pages of sites may do is said by the engine, answer by answer.
 */
export function viewHeaders(site: string): SetHeaders {
  const secure = helmet({
    ...COMMON,
    // It knows no other origin; `frame-ancestors` does.
    xFrameOptions: false,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        ...NOTHING,
        scriptSrc: [SELF],
        workerSrc: [SELF],
        // What the boot page finds out by (apps/web/view/probe.ts).
        frameSrc: [SELF],
        frameAncestors: [(request) => hostsOf(site, request.headers.host).app],
      },
    },
  });
  return (request, response) => {
    response.setHeader("Permissions-Policy", PERMISSIONS_POLICY);
    response.setHeader("Connection-Allowlist", "(response-origin)");
    // Of all names of the registrable domain, also above the view's.
    if (request.url === FORGET_PATH) response.setHeader("Clear-Site-Data", '"cookies"');
    secure(request, response, () => undefined);
  };
}

/**
 * Some browsers do not count WebSockets to one's own host as `'self'`. The name comes from the request: anything that
 * is no plain host and port must not get into the policy.
 */
function webSocketSource(scheme: "ws" | "wss", { headers }: IncomingMessage): string {
  const { host = "" } = headers;
  return /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i.test(host) ? `${scheme}://${host}` : SELF;
}
