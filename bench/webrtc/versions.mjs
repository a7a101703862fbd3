// What was measured.

import { readFile } from "node:fs/promises";

const file = (path) => readFile(new URL(`../../${path}`, import.meta.url), "utf8");

const NPM = ["libp2p", "@libp2p/webrtc", "@libp2p/circuit-relay-v2", "@libp2p/noise", "@libp2p/yamux", "@libp2p/websockets"];
const CRATES = ["libp2p", "wasm-bindgen", "web-sys"];

/** Versions as the lock files have them. */
export async function versions() {
  const { packages } = JSON.parse(await file("tests/js-libp2p/package-lock.json"));
  const crates = await file("Cargo.lock");
  const crate = (name) => crates.match(new RegExp(`name = "${name}"\nversion = "([^"]+)"`))?.[1];
  return {
    node: process.version,
    npm: Object.fromEntries(NPM.map((name) => [name, packages[`node_modules/${name}`].version])),
    crates: Object.fromEntries(CRATES.map((name) => [name, crate(name)])),
  };
}
