import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{packages,apps}/*/src/**/*.test.ts", "{scripts,bench}/**/*.test.ts"],
    environment: "node",
    // Forks, because node-datachannel's threads do not survive the end of a worker thread.
    pool: "forks",
    watch: false,
    passWithNoTests: false,
    // A bound for what hangs, not a measure: properties take long on a machine with other work.
    testTimeout: 60_000,
    restoreMocks: true,
  },
});
