import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** One entry per page; the server finds its hashed files in the manifest under the path written here. */
const entries = ["src/editor.ts", "src/live.ts", "src/console.ts", "src/offline.ts", "src/passkeys.ts", "src/projector.ts", "src/replay.ts", "src/verify.ts", "src/timetable.ts", "src/check.ts", "src/styles/page.css", "src/styles/projector.css", "src/styles/history.css", "src/styles/compare.css", "src/styles/drafting.css", "src/styles/alternatives.css", "src/styles/phone.css", "src/styles/reports.css", "src/styles/verification.css", "src/styles/volumes.css", "src/styles/phases.css"];

export default defineConfig({
  base: "/static/build/",
  // Nothing is served from a folder as it is: every file of the bundle carries the hash of its content.
  publicDir: false,
  resolve: { alias: { "lib0/logging": fileURLToPath(new URL("src/plain_logging.ts", import.meta.url)) } },
  build: {
    outDir: "../server/static/build",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    sourcemap: true,
    // A font inlined into the style sheet would be downloaded by pages that never show it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: entries },
  },
  test: {
    // Tests that need a page say so in their first line: // @vitest-environment jsdom
    environment: "node",
    include: ["src/**/*.test.{ts,tsx}"],
    testTimeout: 20_000,
    passWithNoTests: true,
  },
});
