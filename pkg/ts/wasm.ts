// Loads the peer's program: once for all peers of a page, and not before the first is started.

import { KadenzaError } from "./error.js";

export type Wasm = typeof import("./wasm/kadenza.js");

let loading: Promise<Wasm> | undefined;

export function load(): Promise<Wasm> {
  loading ??= loaded().catch((error: unknown) => {
    // The next start tries again.
    loading = undefined;
    throw new KadenzaError("unavailable", `the package's wasm could not be loaded: ${error}`, { cause: error });
  });
  return loading;
}

async function loaded(): Promise<Wasm> {
  const wasm = await import("./wasm/kadenza.js");
  await wasm.default();
  return wasm;
}
