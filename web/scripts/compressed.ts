/** Puts a brotli and a gzip form beside each built file that gains by it; the hub serves them as they are. */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const TEXT = /\.(js|css|html|svg|json|txt)$/;
/** Below this a packet carries it all the same. */
const SMALLEST = 1_024;

export function compressed(): Plugin {
  let folder = "dist";
  return {
    name: "simpul-compressed",
    apply: "build",
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
      if (config.build.outDir.startsWith("/")) folder = config.build.outDir;
    },
    closeBundle() {
      for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !TEXT.test(entry.name)) continue;
        const path = join(entry.parentPath, entry.name);
        const content = readFileSync(path);
        if (content.length < SMALLEST) continue;
        const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } };
        for (const [ending, form] of [["br", brotliCompressSync(content, brotli)], ["gz", gzipSync(content, { level: 9 })]] as const) {
          if (form.length < content.length * 0.95) writeFileSync(`${path}.${ending}`, form);
        }
      }
    },
  };
}
