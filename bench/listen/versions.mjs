// What was measured.

import { readFile } from "node:fs/promises";

const NPM = ["webtorrent", "bittorrent-tracker", "esbuild"];

/** Versions as the lock file has them. */
export async function versions() {
  const { packages } = JSON.parse(await readFile(new URL("../package-lock.json", import.meta.url), "utf8"));
  const npm = Object.fromEntries(NPM.map((name) => [name, packages[`node_modules/${name}`].version]));
  return { node: process.version, npm };
}
