import { defineConfig, globalIgnores } from "eslint/config";
import { configs as lit } from "eslint-plugin-lit";
import { configs as wc } from "eslint-plugin-wc";
import tseslint from "typescript-eslint";
import { ambientInCore, programs, purePackages, style, testFiles } from "./scripts/lint-rules.mjs";

export default defineConfig(
  globalIgnores(["**/node_modules/", "**/dist/", "coverage/", "test-results/", "playwright-report/"]),
  {
    files: ["**/*.{ts,js,mjs,cjs}"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error", reportUnusedInlineConfigs: "error" },
    rules: style,
  },
  { files: purePackages, ignores: ["**/*.test.ts"], rules: ambientInCore },
  {
    files: ["apps/web/src/**/*.ts"],
    extends: [lit["flat/recommended"], wc["flat/best-practice"]],
  },
  { files: programs, rules: { "no-console": "off" } },
  {
    files: testFiles,
    rules: {
      // A suite is one long function by nature; what it calls is bounded like everything else.
      "max-lines-per-function": "off",
      "max-lines": "off",
      "no-console": "off",
      // Contract suites take functions from objects, and await what may be immediate.
      "@typescript-eslint/unbound-method": "off",
      "@typescript-eslint/await-thenable": "off",
      // It would have `!`, which is forbidden.
      "@typescript-eslint/non-nullable-type-assertion-style": "off",
    },
  },
  {
    files: [
      "*.config.{ts,js}",
      ".*.mjs",
      "apps/*/*.config.{ts,js}",
      "e2e/*.config.ts",
      "e2e/fixtures/build.ts",
    ],
    rules: { "no-restricted-exports": "off" },
  },
);
