// Bundles the page that WebTorrent lives in, the way its own build does for browsers.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const folder = fileURLToPath(new URL(".", import.meta.url));
const packages = fileURLToPath(new URL("../../node_modules/", import.meta.url));

/** What WebTorrent's code expects of Node.js. */
const PROCESS = `${packages}webtorrent/polyfills/process-fast.js`;

/** The scripts of the page and of WebTorrent's service worker. */
export async function bundles() {
  const built = await build({
    absWorkingDir: folder,
    entryPoints: ["webtorrent.js"],
    bundle: true,
    format: "esm",
    logLevel: "error",
    minify: true,
    platform: "browser",
    target: "es2022",
    write: false,
    mainFields: ["browser", "module", "main"],
    conditions: ["browser", "import"],
    define: { global: "globalThis", "process.env.NODE_ENV": '"production"' },
    alias: { path: "path-esm", process: PROCESS },
    inject: [`${folder}process.js`],
  });
  return {
    page: built.outputFiles[0].text,
    worker: await readFile(`${packages}webtorrent/dist/sw.min.js`, "utf8"),
  };
}
