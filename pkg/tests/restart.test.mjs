// A peer that stops leaves nothing behind.

import assert from "node:assert/strict";
import { test } from "node:test";

import { LIMIT, stage } from "./support/stage.mjs";

const stand = stage();

const ROUNDS = 20;

/** Rounds until what is set up once is there. */
const SETTLED = 5;

/** What JavaScript's heap may grow by over all rounds after that: 20 kB a round, where a peer takes megabytes. */
const HEAP_MAX_BYTES = 300_000;

test("a peer stops and starts again twenty times, and memory stays flat", { timeout: 240_000 }, async () => {
  const relay = await stand.relay();
  const song = await stand.songs.make({ seconds: 5, title: "Again", artist: "And Again", album: "" });
  await relay.upload(song);
  // Chromium counts a page's memory exactly only where it is told to.
  const page = await stand.page();
  const session = await page.page.context().newCDPSession(page.page);
  await page.run(async () => {
    const { instantiateStreaming } = WebAssembly;
    WebAssembly.instantiateStreaming = async (...rest) => {
      const loaded = await instantiateStreaming.apply(WebAssembly, rest);
      globalThis.memory = loaded.instance.exports.memory;
      return loaded;
    };
  });
  const ids = new Set();
  const rounds = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    ids.add(await page.start({ relays: [relay.url], serviceWorker: "/service-worker.js" }));
    await page.run(async () => {
      for await (const song of peer.search("again")) {
        const parts = peer.read(song.recordings[0], { end: 300_000 > song.recordings[0].bytes ? undefined : 300_000 });
        await new Response(parts).arrayBuffer();
      }
      await peer.stop();
      globalThis.peer = undefined;
    });
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    rounds.push({ wasm: await page.page.evaluate("memory.buffer.byteLength"), heap: usedSize });
  }
  const told = rounds.map(({ wasm, heap }) => `${wasm / 65536} pages, ${Math.round(heap / 1000)} kB`).join("\n");
  console.log(told);
  const [settled, last] = [rounds[SETTLED - 1], rounds.at(-1)];
  assert.equal(ids.size, 1, "it is the same peer each time");
  assert.equal(last.wasm, settled.wasm, `the program's memory grew:\n${told}`);
  assert.ok(last.heap - settled.heap < HEAP_MAX_BYTES, `the page's heap grew:\n${told}`);
  const { databases, locks } = await page.run(async () => {
    const deleted = indexedDB.deleteDatabase("kadenza-0");
    const databases = await new Promise((resolve) => {
      deleted.onsuccess = () => resolve("closed");
      deleted.onblocked = () => resolve("open");
    });
    return { databases, locks: (await navigator.locks.query()).held.length };
  });
  assert.deepEqual({ databases, locks }, { databases: "closed", locks: 0 });
  await page.isQuiet();
});
