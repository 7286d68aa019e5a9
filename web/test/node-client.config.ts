import { defineConfig } from "vite";

/** One file with everything in it, for Node: `npm run --silent node-client`, then `node node_modules/.node-client/node-client.js`. */
export default defineConfig({
  publicDir: false,
  logLevel: "warn",
  ssr: { noExternal: true },
  build: { ssr: "test/node-client.ts", outDir: "node_modules/.node-client", emptyOutDir: true, target: "node20" },
});
