/**
 * The arrows between the parts. Packages: core imports nothing of ours, packages import core, apps import packages,
 * no app imports another. Within the core: each stratum imports only those before it.
 * `scripts/check-arrows.mjs` runs it and refuses a run that saw too little.
 */

/** Strata of the core, lowest first; those in one line do not import each other. */
export const STRATA = [
  ["bytes"],
  ["ports"],
  ["cell", "memory"],
  ["crypto", "congestion"],
  ["padding"],
  ["handshake", "directory"],
  ["link"],
  ["circuit"],
  ["conflux"],
  ["stream"],
  ["relay", "client"],
];
/** What a stratum may use although it lies beside or above it. */
/** @type {Record<string, readonly string[]>} */
const EXTRA = { client: ["directory"] };

/** Which of our packages a package or app may import; a package that is not named here may import none. */
/** @type {Record<string, readonly string[]>} */
const MAY_IMPORT = {
  platform: ["onion-core"],
  operator: ["onion-core"],
  http: ["onion-core"],
  rewrite: ["onion-core"],
  tls: ["onion-core", "browsing"],
  browsing: ["onion-core", "http", "rewrite"],
  hooks: ["onion-core", "browsing", "rewrite"],
  "signal-protocol": ["onion-core"],
  "blind-tokens": ["onion-core"],
  "rtc-link": ["onion-core", "signal-protocol", "blind-tokens"],
};

const TEST = String.raw`\.test\.ts$|/testing/|/scenarios/|/demo/`;
export const PACKAGES = ["onion-core", ...Object.keys(MAY_IMPORT)];
const CORE = "^packages/onion-core/src/";

/** Roots of programs: the only places where real clocks, sockets and randomness are made. */
const PROGRAM_ROOTS = String.raw`^apps/.*/(?:main[^/]*\.ts$|programs/)`;

/** @type {import("dependency-cruiser").IForbiddenRuleType[]} */
const forbidden = [
  {
    name: "no-cycles",
    comment: "Types may speak of each other; between strata and packages the rules below forbid that too.",
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
  },
  {
    name: "no-unresolved",
    comment: "`?url` asks Vite for a file's address.",
    from: {},
    to: { couldNotResolve: true, pathNot: String.raw`\?url$` },
  },
  {
    name: "no-test-code-in-production",
    from: { path: "^(?:packages|apps)/", pathNot: TEST },
    to: { path: `^(?:packages|apps)/.*(?:${TEST})` },
  },
  {
    name: "only-programs-use-the-platform",
    from: { path: "^(?:packages|apps)/", pathNot: `${PROGRAM_ROOTS}|${TEST}|^packages/platform/` },
    to: { path: "^packages/platform/" },
  },
  ...strataRules(),
  ...packageRules(),
  ...appRules(),
  {
    name: "core-uses-three-libraries",
    from: { path: CORE, pathNot: TEST },
    to: { path: "node_modules/", pathNot: "node_modules/(?:@noble/hashes|@noble/post-quantum|ipaddr\\.js)/" },
  },
  {
    name: "core-is-not-for-node",
    comment: "Node's modules would not be there in a tab.",
    from: { path: "^packages/(?:onion-core|signal-protocol|http|platform)/src/", pathNot: TEST },
    to: { dependencyTypes: ["core"] },
  },
];

function strataRules() {
  return STRATA.flatMap((row, level) =>
    row.map((stratum) => {
      const allowed = [...STRATA.slice(0, level).flat(), stratum, ...(EXTRA[stratum] ?? [])];
      const files = `${CORE}(?:errors\\.ts|platform\\.d\\.ts|(?:${allowed.join("|")})/)`;
      return {
        name: `core-strata-${stratum}`,
        from: { path: `${CORE}${stratum}/`, pathNot: TEST },
        to: { path: CORE, pathNot: files },
      };
    }),
  );
}

function packageRules() {
  return PACKAGES.map((name) => ({
    name: `arrows-${name}`,
    from: { path: `^packages/${name}/`, pathNot: TEST },
    to: {
      path: "^(?:packages|apps)/",
      pathNot: `^packages/(?:${[name, ...(MAY_IMPORT[name] ?? [])].join("|")})/`,
    },
  }));
}

function appRules() {
  return ["signal", "node", "web"].map((name) => ({
    name: `no-app-imports-another-${name}`,
    from: { path: `^apps/${name}/` },
    to: { path: "^apps/", pathNot: `^apps/${name}/` },
  }));
}

/** @satisfies {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden,
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(?:^|/)dist/" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "default"] },
  },
};
