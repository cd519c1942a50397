import type { Canary, Vector } from "./vector.ts";

/** Fields of the site's answer that make the browser act by itself. */
const FIELDS: Readonly<Record<string, (canary: Canary) => Readonly<Record<string, string>>>> = {
  "header-link-preload": ({ url }) => ({ link: `<${url}>; rel=preload; as=image` }),
  "header-link-stylesheet": ({ url }) => ({ link: `<${url}>; rel=stylesheet` }),
  "header-link-preconnect": ({ url }) => ({ link: `<${url}>; rel=preconnect` }),
  "header-link-dns": ({ url }) => ({ link: `<${url}>; rel=dns-prefetch` }),
  "header-link-prefetch": ({ url }) => ({ link: `<${url}>; rel=prefetch` }),
  "header-link-modulepreload": ({ url }) => ({ link: `<${url}>; rel=modulepreload` }),
  "header-refresh": ({ url }) => ({ refresh: `0; url=${url}` }),
  "header-csp-report": ({ url }) => ({ "content-security-policy": `img-src 'none'; report-uri ${url}` }),
  "header-csp-report-only": ({ url }) => ({
    "content-security-policy-report-only": `img-src 'none'; report-uri ${url}`,
  }),
  "header-report-to": ({ secure }) => ({
    "report-to": `{"group":"x","max_age":999,"endpoints":[{"url":"${secure}"}]}`,
    nel: `{"report_to":"x","max_age":999,"success_fraction":1}`,
    "content-security-policy": "img-src 'none'; report-to x",
  }),
  "header-reporting-endpoints": ({ secure }) => ({
    "reporting-endpoints": `x="${secure}", default="${secure}"`,
    "content-security-policy": "img-src 'none'; report-to x",
    "cross-origin-opener-policy-report-only": 'same-origin; report-to="x"',
    "document-policy-report-only": 'document-write=?0; report-to="x"',
    "permissions-policy-report-only": 'geolocation=();report-to="x"',
  }),
  "header-speculation-rules": ({ url }) => ({ "speculation-rules": `"${url}"` }),
  "header-alt-svc": ({ host }) => ({ "alt-svc": `h2="${host}:443"; ma=999; persist=1` }),
  "header-expect-ct": ({ url }) => ({
    "expect-ct": `max-age=0, report-uri="${url}"`,
    "public-key-pins-report-only": `report-uri="${url}"`,
  }),
  "header-sourcemap": ({ url }) => ({ sourcemap: url, "x-sourcemap": url }),
  "header-content-location": ({ url }) => ({ "content-location": url, "content-base": url }),
  "header-pingback": ({ url }) => ({ "x-pingback": url, "service-worker-allowed": "/", "origin-trial": "x" }),
  "header-clear-site-data": () => ({ "clear-site-data": '"*"' }),
  "header-set-cookie": ({ host }) => ({ "set-cookie": `a=b; domain=${host}` }),
  "header-dictionary": ({ url }) => ({
    link: `<${url}>; rel=compression-dictionary`,
    "use-as-dictionary": 'match="/*"',
  }),
  "header-attribution": ({ secure }) => ({
    "attribution-reporting-register-source": `{"destination":"${secure}"}`,
    "observe-browsing-topics": "?1",
  }),
  "header-activate-storage": ({ secure }) => ({
    "activate-storage-access": `retry; allowed-origin="${secure}"`,
    "login-status": "set-login",
    "idp-signin-status": "idp=?1",
  }),
  "header-session-registration": ({ secure }) => ({
    "secure-session-registration": `(ES256);path="${secure}";challenge="x"`,
    "sec-session-registration": `(ES256);path="${secure}";challenge="x"`,
  }),
  "header-integrity-policy": ({ secure }) => ({
    "reporting-endpoints": `x="${secure}"`,
    "integrity-policy": "blocked-destinations=(script), endpoints=(x)",
    "connection-allowlist-report-only": "(response-origin);report-to=x",
  }),
  "header-embedder-report": ({ secure }) => ({
    "reporting-endpoints": `x="${secure}"`,
    "cross-origin-embedder-policy-report-only": 'require-corp; report-to="x"',
    "cross-origin-resource-policy": "cross-origin",
  }),
  "header-client-hints": ({ secure }) => ({
    "accept-ch": "sec-ch-ua-full-version-list, device-memory",
    "critical-ch": "device-memory",
    "permissions-policy": `ch-device-memory=(self "${secure}")`,
  }),
  "header-allow-list-open": ({ url }) => ({
    "connection-allowlist": `("${new URL(url).origin}" "*")`,
    "content-security-policy": "default-src *",
    "x-dns-prefetch-control": "on",
    link: `<${url}>; rel=dns-prefetch`,
  }),
  "header-service-worker": ({ url }) => ({ link: `<${url}>; rel=serviceworker; scope="/"` }),
};

export const HEADER: readonly Vector[] = Object.entries(FIELDS).map(([name, headers]) => ({
  name,
  kind: "header",
  html: () => `<p>text<img src="/blocked.png">`,
  headers,
}));
