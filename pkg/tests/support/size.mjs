// How large the program is.

import { readFile } from "node:fs/promises";
import { constants, brotliCompressSync } from "node:zlib";

/** What a visitor may have to download for the program, compressed as a web server does: a little more than it is. */
export const WASM_BROTLI_MAX_BYTES = 1_100_000;

/** Bytes of the program in an installed package, as they are and compressed. */
export async function wasmSize(folder) {
  const wasm = await readFile(`${folder}/dist/wasm/kadenza_bg.wasm`);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 };
  return { plain: wasm.length, brotli: brotliCompressSync(wasm, { params }).length };
}
