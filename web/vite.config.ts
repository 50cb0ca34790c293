/** How the dashboard is built, tried (`npm run dev` beside a running hub) and tested. */
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { compressed } from "./scripts/compressed.ts";

const hub = process.env.SIMPUL_HUB ?? "http://localhost:3001";

export default defineConfig({
  plugins: [react(), compressed()],
  resolve: { alias: { "~": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    target: "es2022",
    outDir: "dist",
    sourcemap: false,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        advancedChunks: {
          groups: [
            // A few larger files instead of eighty small ones: what several pages share. Charts stay with the pages that show them.
            {
              name: "kit",
              test: /node_modules\/(@mantine|@floating-ui|@tabler|react|react-dom|scheduler|@tanstack|i18next|react-i18next|clsx)\//,
              minShareCount: 5,
            },
            { name: "routes", test: /src\/pages\/.*route\.ts$/ },
            { name: "parts", test: /src\/(parts|queries|api|session|language\/(format|use-format|choice))/, minShareCount: 4 },
          ],
        },
      },
    },
  },
  // The hub takes a change from its own origin alone, so the proxy sends the hub's.
  server: { proxy: { "^/(healthz|readyz)": { target: hub }, "^/api/": { target: hub, headers: { origin: hub } } } },
  test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"], restoreMocks: true },
});
