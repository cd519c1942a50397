/**
 * Vectors that reach nobody in the open in the browsers that are tried, and why; they stay as a check of what the rewriter makes of them.
 * All others must reach a canary in the open in one browser at least, or they prove nothing.
 */
const REASONS: Readonly<Record<string, string>> = {
  "browsers have given it up": `img-lowsrc link-import object-codebase applet html-manifest bgsound-layer command-icon css-behavior
    svg-cursor svg-color-profile header-expect-ct header-pingback xml-stylesheet
    link-others meta-others embed-code realm-file-system document-utf-7`,
  "browsers have not got it, or have it switched off": `img-attributionsrc fencedframe model-viewer click-attribution css-src
    css-url-modifiers css-image css-if css-attr css-palette css-page header-attribution header-activate-storage js-fetch-later js-fenced
    js-shared-storage js-ad-auction js-attribution js-window-attribution meta-origin-trial prerender speculation
    speculation-cross header-speculation-rules js-prerender video-playlist preload-document css-mixin click-interest header-service-worker
    api-install api-direct-socket`,
  "only the uppermost document has it": "icon apple-icon mask-icon manifest link-search",
  "no browser takes it for an address": `blockquote-cite microdata doctype css-namespace header-sourcemap header-content-location
    header-set-cookie header-clear-site-data meta-link meta-refresh-odd mathml-tricks select-tricks form-nested
    image-null iframe-blank-fragment document-xml-entity document-created header-client-hints`,
  "it is text to browsers, or to be saved": `document-plain document-wrong-type document-feed document-archive`,
  "only who develops pages has it, or asks for it":
    "script-source-map iframe-view-source click-view-source api-console",
  "browsers refuse to be led there": "document-leads-to-data document-leads-300",
  "browsers load it from the page's own origin alone": `svg-use svg-use-xlink svg-use-data svg-pattern svg-textpath svg-mpath css-filter
    css-backdrop-filter css-offset js-xslt track js-service-worker js-background-fetch`,
  "pictures and data: documents in SVG load nothing": "svg-data-image svg-data-background",
  "it changes what is not asked for again": "svg-set-href svg-set-fill svg-discard svg-base",
  "browsers obey it over https alone": `header-report-to header-reporting-endpoints header-alt-svc js-reporting js-payment js-fedcm
    js-notification csp-report js-meta-csp-report
    header-session-registration header-integrity-policy header-embedder-report api-payment-manifest api-payment-icon
    api-identity-disconnect api-identity-user`,
  "it is the view's own server that would be asked, whose records are looked at":
    "realm-made-up realm-made-up-secure",
  "in frames browsers do without it": "header-link-stylesheet",
  "only where scripts are off": "noscript noscript-in-head iframe-in-noscript",
  "a person must allow it first, which nobody does here": `api-key-create api-protocol-handler api-share api-presentation api-push
    api-content-index api-storage-access api-place api-keys-system`,
  "it is the browser's maker that would be asked, and the page does not say where": "api-models api-speech",
  "the viewer of such files asks nobody by itself": "document-pdf",
  "nothing begins by itself": "autofocus-handler marquee-handler",
  "WebRTC keeps to itself what no answer was had from": "js-rtc-address js-rtc-candidate",
};

/** Why a vector reaches nobody in the open; undefined: it must. */
export const INERT: ReadonlyMap<string, string> = new Map(
  Object.entries(REASONS).flatMap(([reason, names]) =>
    names.split(/\s+/).map((name) => [name, reason] as const),
  ),
);
