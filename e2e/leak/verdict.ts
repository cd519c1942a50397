import type { Findings } from "./run.ts";
import { DOCUMENT } from "./vectors/document.ts";
import { INERT } from "./vectors/inert.ts";

/** Names that browsers ask for by themselves, whatever they show. */
const OWN_NAMES =
  /^dns (?:[\w-]+\.)*(?:googleapis\.com|google\.com|gvt1\.com|mozilla\.com|mozilla\.org|mozilla\.net|firefox\.com)$/;

/** Names by which WebRTC hides addresses (RFC 8828); the network's own relays look up those of the app's links. */
const HIDDEN_NAMES = /^dns (?:[\w-]+\.)?local$/;

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

/** Not all of these have a place for the script that tells that scripts run. */
const WITHOUT_SCRIPT: ReadonlySet<string> = new Set(DOCUMENT.map(({ name }) => name));

/** At Standard: some vectors take their page away at once. */
const RUNNING_SHARE = 0.85;

/** At Standard: some are taken away before, or stand where no click from outside hits them. */
const HIT_SHARE = 0.85;

/** What is wrong with what was found, in sentences; none if all is well. */
export function problemsOf(findings: Findings): readonly string[] {
  const { browser, mode } = findings;
  const found =
    mode === "open"
      ? blindness(findings)
      : [...(mode === "app-standard" ? levelOf(findings) : []), ...leakage(findings)];
  return found.map((sentence) => `${browser}, ${mode}: ${sentence}`);
}

/** Names of vectors that prove nothing: they reached nobody in the open, in none of these browsers, and nobody has said why. */
export function blindVectors(all: readonly Findings[]): readonly string[] {
  const open = all.filter(({ mode }) => mode === "open");
  if (!["chromium", "firefox"].every((wanted) => open.some(({ browser }) => browser === wanted))) return [];
  const names = new Set(open.flatMap((findings) => findings.names));
  return [...names].filter(
    (name) => !INERT.has(name) && open.every(({ leaks }) => leaks[name] === undefined),
  );
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

/** Standard is for browsers that enforce the allow-list, and for no others; where it is, scripts must have run. */
function levelOf({ browser, ran, names, clickable, hits = 0 }: Findings): readonly string[] {
  const isFor = browser === "chromium";
  if (ran === undefined) return isFor ? ["Standard was refused"] : [];
  if (!isFor) return ["Standard was not refused"];
  const scripted = names.filter((name) => !WITHOUT_SCRIPT.has(name)).length;
  return [
    ...(ran >= scripted * RUNNING_SHARE ? [] : [`only in ${ran} of ${scripted} vectors a script ran`]),
    ...(hits >= clickable * HIT_SHARE ? [] : [`only ${hits} of ${clickable} vectors were clicked`]),
  ];
}

function leakage(findings: Findings): readonly string[] {
  const { mode, leaks, others, strays, packets } = findings;
  const said = unproven(findings);
  // Without rewriting, all rests on the browser: what it lets through is told, and is no failure of ours.
  if (mode === "policy") return said;
  const foreign = others.filter((other) => !OWN_NAMES.test(other) && !HIDDEN_NAMES.test(other));
  return [
    ...said,
    ...Object.entries(leaks).map(([name, by]) => `${name} leaked (${by.join(", ")})`),
    ...foreign.map((other) => `something reached ${other}`),
    ...strays.map((path) => `the view was asked for ${path}`),
    ...(packets === 0 ? [] : [`${packets} packets were to leave the machine`]),
  ];
}

/** Nothing is where the app refuses a level. */
function isTried({ mode, ran }: Findings): boolean {
  return mode !== "app-standard" || ran !== undefined;
}

/** What keeps silence from proving anything. */
function unproven(findings: Findings): readonly string[] {
  const { mode, vectors, shown, clickable, followed, ran } = findings;
  const rewrites = mode === "rewritten" || mode === "safest";
  return [
    ...(shown === vectors || !isTried(findings) ? [] : [`only ${shown} of ${vectors} vectors were shown`]),
    ...(mode === "app" && ran !== 0 ? [`in ${ran ?? "unknown"} vectors a script ran`] : []),
    // Not every one is a link at Safest; if few lead on, then nobody clicked.
    ...(rewrites && followed < clickable / 3 ? [`only ${followed} of ${clickable} clicks led on`] : []),
  ];
}
