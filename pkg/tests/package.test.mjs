// The package itself: what is in the tarball, how large it is, and what tools say of it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { run, Site } from "./support/site.mjs";
import { wasmSize, WASM_BROTLI_MAX_BYTES } from "./support/size.mjs";

const LIMIT = { timeout: 120_000 };

let site;
let installed;

before(async () => {
  site = await Site.open();
  installed = join(site.folder, "node_modules/kadenza");
});

after(() => site?.close());

/** A program of the package's development, run in a folder. */
const tool = (name, folder, ...args) =>
  run(folder, fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url)), ...args);

test("the tarball has the program, its face, the service worker and what npm shows, and nothing else", LIMIT, () => {
  const wanted = ["README.md", "dist/index.d.ts", "dist/index.js", "dist/service-worker.js", "dist/wasm/kadenza_bg.wasm"];
  assert.deepEqual(wanted.filter((file) => !site.files.includes(file)), []);
  const others = site.files.filter((file) => !/^(dist\/[\w./-]+\.(js|ts|wasm)|README\.md|package\.json)$/.test(file));
  assert.deepEqual(others, []);
});

test("publint finds nothing", LIMIT, async () => {
  const said = await tool("publint", installed, "--strict");
  assert.match(said, /All good!/, said);
});

test("Are the types wrong? finds nothing", LIMIT, async () => {
  const said = JSON.parse(await tool("attw", site.folder, "--format", "json", "--profile", "esm-only", site.tarball));
  // Modules cannot be had with `require`, and these are modules.
  const problems = said.analysis.problems.filter(({ kind }) => kind !== "CJSResolvesToESM");
  assert.deepEqual(problems, []);
  assert.equal(said.analysis.types.kind, "included");
});

test("a program in TypeScript compiles against the types, and a wrong one does not", LIMIT, async () => {
  const program = (limit) => `import { Kadenza, KadenzaError, type Song } from "kadenza";
    const peer: Kadenza = await Kadenza.start({ relays: ["https://music.example"], storage: { name: "radio" } });
    peer.addEventListener("song", ({ detail }) => detail.title.trim());
    for await (const song of peer.search("x", { limit: ${limit} })) ((song: Song) => song.id)(song);
    const bytes: ReadableStream<Uint8Array> = peer.read((await peer.song("")).recordings[0]!, { start: 1 });
    const room = await peer.room("link");
    room.addEventListener("members", () => room.members.map(({ name }) => name));
    if (Math.random() > 2) throw new KadenzaError("invalid", String(bytes));
    // @ts-expect-error: peers are started.
    new Kadenza();\n`;
  const args = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--lib", "es2022,dom,dom.asynciterable"];
  await site.write("right.ts", program(5));
  await tool("tsc", site.folder, ...args, "right.ts");
  await site.write("wrong.ts", program('"five"'));
  await assert.rejects(tool("tsc", site.folder, ...args, "wrong.ts"), /Type 'string' is not assignable to type 'number'/);
});

test("no bigint is in what pages see", LIMIT, async () => {
  const faces = site.files.filter((file) => /^dist\/[\w-]+\.d\.ts$/.test(file));
  const texts = await Promise.all(faces.map((file) => readFile(join(installed, file), "utf8")));
  assert.ok(faces.length > 3);
  assert.deepEqual(faces.filter((_, index) => /bigint/i.test(texts[index])), []);
});

test("importing it on a server does nothing and needs nothing", LIMIT, async () => {
  await site.write(
    "import.mjs",
    `const touched = [];
     globalThis.fetch = globalThis.WebAssembly.instantiate = (...rest) => touched.push(rest);
     const { Kadenza, KadenzaError } = await import("kadenza");
     console.log(typeof Kadenza.start, new KadenzaError("invalid", "x").code, touched.length);`,
  );
  assert.equal(await run(site.folder, "node", "import.mjs"), "function invalid 0\n");
});

test("the program stays small enough", LIMIT, async () => {
  const { plain, brotli } = await wasmSize(installed);
  console.log(`kadenza_bg.wasm: ${plain} bytes, ${brotli} with brotli; at most ${WASM_BROTLI_MAX_BYTES}`);
  assert.ok(brotli <= WASM_BROTLI_MAX_BYTES, `${brotli} bytes are more than ${WASM_BROTLI_MAX_BYTES}`);
});
