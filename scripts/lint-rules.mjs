/** The lint rules that are ours, apart from `eslint.config.js` so that a test can prove that they bite. */

export const testFiles = [
  "**/*.test.ts",
  "packages/*/src/{testing,scenarios}/**/*.ts",
  "e2e/**/*.ts",
  "bench/**/*.ts",
];

/** Who may write to the console: programs, for the people who run them. */
export const programs = [
  "apps/*/src/**/main*.ts",
  "apps/node/src/programs/**/*.ts",
  "scripts/**",
  "bench/**",
  "e2e/**",
];

/** Packages that get time, randomness and sockets handed in. */
export const purePackages = ["onion-core", "signal-protocol", "http"].map(
  (name) => `packages/${name}/src/**/*.ts`,
);

/** Holds everywhere, besides typescript-eslint's strict sets. */
export const style = /** @satisfies {import("eslint").Linter.RulesRecord} */ ({
  "max-lines": ["error", { max: 350, skipBlankLines: true, skipComments: true }],
  "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
  // A switch counts once: exhaustive ones over many messages are what we want.
  complexity: ["error", { max: 12, variant: "modified" }],
  "max-depth": ["error", 3],
  "max-params": ["error", 4],
  eqeqeq: "error",
  "no-console": "error",
  "no-eval": "error",
  "no-restricted-exports": [
    "error",
    { restrictDefaultExports: { direct: true, named: true, defaultFrom: true, namedFrom: true } },
  ],
  "no-restricted-imports": [
    "error",
    {
      patterns: [
        {
          regex: String.raw`^\.{1,2}/(?!.*\.(?:ts|js|mjs|cjs|json|css|html|svg)(?:\?.*)?$)`,
          message: "Relative imports carry their file ending.",
        },
      ],
    },
  ],
  "@typescript-eslint/consistent-type-imports": "error",
  "@typescript-eslint/consistent-type-exports": "error",
  "@typescript-eslint/no-import-type-side-effects": "error",
  "@typescript-eslint/switch-exhaustiveness-check": [
    "error",
    { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
  ],
  "@typescript-eslint/no-confusing-void-expression": [
    "error",
    { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
  ],
  "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
  "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
});

const HANDED_IN = "The core has no ambient time, randomness or I/O: it is handed in through a port.";

const AMBIENT_GLOBALS = [
  ...["performance", "setTimeout", "setInterval", "setImmediate", "queueMicrotask", "requestAnimationFrame"],
  ...["console", "process", "Buffer", "globalThis", "window", "self", "document", "navigator"],
  ...[
    "fetch",
    "XMLHttpRequest",
    "WebSocket",
    "WebTransport",
    "EventSource",
    "RTCPeerConnection",
    "MessageChannel",
  ],
];

/** Design: nothing in the pure packages reads a clock, draws randomness or opens a connection by itself. */
export const ambientInCore = /** @satisfies {import("eslint").Linter.RulesRecord} */ ({
  "no-restricted-globals": ["error", ...AMBIENT_GLOBALS.map((name) => ({ name, message: HANDED_IN }))],
  "no-restricted-properties": [
    "error",
    { object: "Date", property: "now", message: HANDED_IN },
    { object: "Math", property: "random", message: HANDED_IN },
    { object: "crypto", property: "getRandomValues", message: HANDED_IN },
    { object: "crypto", property: "randomUUID", message: HANDED_IN },
  ],
  "no-restricted-syntax": [
    "error",
    { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: HANDED_IN },
    { selector: "CallExpression[callee.name='Date']", message: HANDED_IN },
    // An alias would walk past the bans above.
    { selector: "VariableDeclarator[init.name=/^(Date|Math|crypto)$/]", message: HANDED_IN },
    { selector: "ImportExpression", message: "The core is loaded whole." },
  ],
});
