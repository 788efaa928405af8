import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // Tests that kill processes and race real timers are tried once more: on two shared cores a neighbour can starve them.
    retry: 1,
    include: ["test/**/*.test.ts"],
    // Long ones: npm run promises -- --tier all
    exclude: process.env["PILOTHOUSE_TIER"] === "all" ? [] : ["test/promises/long/**"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
