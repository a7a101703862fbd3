// Bundles what the pages load.

import { build } from "esbuild";
import { fileURLToPath } from "node:url";

/** The text of `peer.js` or `raw.js` with everything they import. */
export async function bundle(entry) {
  const built = await build({
    absWorkingDir: fileURLToPath(new URL(".", import.meta.url)),
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    logLevel: "error",
    minify: true,
    platform: "browser",
    target: "es2022",
    write: false,
  });
  return built.outputFiles[0].text;
}
