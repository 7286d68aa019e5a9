import { defineConfig } from "vite";

/** Everything but jsdom in one place, for Node: `npm run --silent watched-pages`, then `node node_modules/.watched-pages/watched-pages.js`. */
export default defineConfig({
  publicDir: false,
  logLevel: "warn",
  ssr: { noExternal: true, external: ["jsdom"] },
  build: { ssr: "test/watched-pages.ts", outDir: "node_modules/.watched-pages", emptyOutDir: true, target: "node20" },
});
