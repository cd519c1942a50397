import type { Findings } from "./run.ts";

/** Names that browsers ask for by themselves, whatever they show. */
const OWN_NAMES =
  /^dns (?:[\w-]+\.)*(?:googleapis\.com|google\.com|gvt1\.com|mozilla\.com|mozilla\.org|mozilla\.net|firefox\.com)$/;

/** Kinds of leaks of which some vector must show in the open, or the harness is blind to them. */
const MUST_LEAK = [
  "img",
  "stylesheet",
  "css-url",
  "iframe",
  "preconnect",
  "dns-prefetch",
  "click-link",
  "click-form-dialog",
];
const MUST_LEAK_BY_SCRIPT = [
  "js-fetch",
  "js-websocket",
  "js-rtc-stun",
  "js-webtransport",
  "js-location",
  "js-worker",
];
/** Of all vectors, in the open: measured are two thirds. */
const LEAKING_SHARE = 0.55;

/** What is wrong with what was found, in sentences; none if all is well. */
export function problemsOf(findings: Findings): readonly string[] {
  const { browser, mode } = findings;
  const found = mode === "open" ? blindness(findings) : leakage(findings);
  return found.map((sentence) => `${browser}, ${mode}: ${sentence}`);
}

function blindness({ leaks, vectors, shown, names }: Findings): readonly string[] {
  const seen = Object.keys(leaks).length;
  const missing = [...MUST_LEAK, ...MUST_LEAK_BY_SCRIPT].filter(
    (name) => names.includes(name) && leaks[name] === undefined,
  );
  return [
    ...(shown === vectors ? [] : [`only ${shown} of ${vectors} vectors were shown`]),
    ...(seen >= vectors * LEAKING_SHARE ? [] : [`only ${seen} of ${vectors} vectors leaked in the open`]),
    ...missing.map((name) => `${name} did not leak in the open`),
  ];
}

function leakage(findings: Findings): readonly string[] {
  const { mode, leaks, vectors, shown, others, strays, packets } = findings;
  const { clickable, followed } = findings;
  const rewrites = mode === "rewritten" || mode === "safest";
  const foreign = others.filter((other) => !OWN_NAMES.test(other));
  return [
    ...(shown === vectors ? [] : [`only ${shown} of ${vectors} vectors were shown`]),
    // Not every one is a link at Safest; if few lead on, then nobody clicked.
    ...(rewrites && followed < clickable / 3 ? [`only ${followed} of ${clickable} clicks led on`] : []),
    // Without rewriting, all rests on the browser: what it lets through is told, and is no failure of ours.
    ...(mode === "policy"
      ? []
      : Object.entries(leaks).map(([name, by]) => `${name} leaked (${by.join(", ")})`)),
    ...(mode === "policy" ? [] : foreign.map((other) => `something reached ${other}`)),
    ...(mode === "policy" ? [] : strays.map((path) => `the view was asked for ${path}`)),
    ...(mode === "policy" || packets === 0 ? [] : [`${packets} packets were to leave the machine`]),
  ];
}
