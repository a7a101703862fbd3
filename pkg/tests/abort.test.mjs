// Calls that are given up, and calls that are wrong.

import assert from "node:assert/strict";
import { test } from "node:test";

import { LIMIT, stage } from "./support/stage.mjs";

const stand = stage();

test("an aborted upload is rejected with the signal's reason and leaves nothing", LIMIT, async () => {
  const relay = await stand.relay();
  const page = await stand.page();
  await page.start({ relays: [relay.url] });
  await page.give(await stand.songs.make({ format: "wav", seconds: 60, title: "Given", artist: "Up", album: "" }));
  const stages = () =>
    page.run(async () => {
      const opened = await new Promise((resolve) => {
        indexedDB.open("kadenza-0").onsuccess = (event) => resolve(event.target.result);
      });
      const count = (store) =>
        new Promise((resolve) => {
          const request = opened.transaction(store).objectStore(store).count();
          request.onsuccess = () => resolve(request.result);
        });
      const counts = [await count("stages"), await count("groups"), await count("contents")];
      opened.close();
      return counts;
    });
  const { read, size, reason } = await page.run(async () => {
    const giveUp = new AbortController();
    let read = 0;
    const uploading = peer.upload(file, {}, {
      signal: giveUp.signal,
      onProgress: ({ loaded }) => {
        read = loaded;
        if (loaded > 2_000_000) giveUp.abort("enough");
      },
    });
    const reason = await uploading.catch((thrown) => thrown);
    const then = read;
    await new Promise((resolve) => setTimeout(resolve, 500));
    return { read: read - then, size: file.size, reason };
  });
  assert.deepEqual({ read, reason }, { read: 0, reason: "enough" });
  assert.ok(size > 5_000_000);
  assert.deepEqual(await stages(), [0, 0, 0]);
  assert.deepEqual(await relay.titles("given"), []);
  const again = await page.run(async () => (await peer.upload(file)).outcome);
  assert.equal(again, "new-song");
  await page.isQuiet();
});

test("an aborted search or read ends at once with the signal's reason, and one that is left is quiet", LIMIT, async () => {
  const relay = await stand.relay();
  for (const title of ["One", "Two", "Three"]) {
    await relay.upload(await stand.songs.make({ seconds: 30, format: "wav", title, artist: "Many", album: "" }));
  }
  const page = await stand.page();
  await page.start({ relays: [relay.url] });
  const told = await page.run(async () => {
    const told = {};
    const aborted = async (work) => {
      const giveUp = new AbortController();
      const reason = new Error("enough");
      return work(giveUp.signal, () => giveUp.abort(reason)).then(() => "went on", (thrown) => thrown === reason);
    };
    told.search = await aborted(async (signal, abort) => {
      const songs = peer.search("many", { signal });
      const next = songs.next();
      abort();
      await next;
    });
    told.between = await aborted(async (signal, abort) => {
      for await (const _ of peer.search("many", { signal })) abort();
    });
    told.song = await aborted(async (signal, abort) => {
      const song = peer.song("0".repeat(40), { signal });
      abort();
      await song;
    });
    let left = 0;
    for await (const _ of peer.search("many")) {
      left += 1;
      break;
    }
    told.left = left;
    told.limit = (await Array.fromAsync(peer.search("many", { limit: 2 }))).length;
    const all = await Array.fromAsync(peer.search("many"));
    told.once = [all.length, new Set(all.map(({ id }) => id)).size];
    const [recording] = all[0].recordings;
    told.read = await aborted(async (signal, abort) => {
      const reader = peer.read(recording, { signal }).getReader();
      await reader.read();
      const rest = reader.read().then(() => reader.read());
      abort();
      await rest;
    });
    told.already = await aborted(async (signal, abort) => {
      abort();
      await peer.read(recording, { signal }).getReader().read();
    });
    const cancelled = peer.read(all[1].recordings[0]).getReader();
    await cancelled.read();
    await cancelled.cancel();
    told.part = new Uint8Array(await new Response(peer.read(recording, { start: 8, end: 12 })).arrayBuffer());
    told.part = String.fromCharCode(...told.part);
    const whole = await new Response(peer.read(recording)).arrayBuffer();
    told.whole = whole.byteLength === recording.bytes;
    told.empty = (await new Response(peer.read(recording, { start: 5, end: 5 })).arrayBuffer()).byteLength;
    return told;
  });
  assert.deepEqual(told, {
    search: true,
    between: true,
    song: true,
    left: 1,
    limit: 2,
    once: [3, 3],
    read: true,
    already: true,
    part: "WAVE",
    whole: true,
    empty: 0,
  });
  await page.isQuiet();
});

test("a start that is aborted leaves no peer behind", LIMIT, async () => {
  const relay = await stand.relay();
  const page = await stand.page();
  const start = (options) => page.refusal(`({ Kadenza }, options) => {
    const giveUp = new AbortController();
    const started = Kadenza.start({ ...options, signal: giveUp.signal });
    setTimeout(() => giveUp.abort(new TypeError("not now")), options.after);
    return started.then((peer) => peer.stop()).then(() => "started");
  }`, options);
  // Loading the program, opening the store or joining the network: whatever it was doing.
  for (const after of [0, 5, 20, 50, 100]) {
    const { result, thrown } = await start({ relays: [relay.url], after });
    assert.ok(result === "started" || thrown === "TypeError: not now", thrown);
  }
  await page.start({ relays: [relay.url] });
  const locks = await page.run(async () => (await navigator.locks.query()).held.map(({ name }) => name));
  assert.deepEqual(locks, ["kadenza-0"]);
  await page.isQuiet();
});

test("what is asked of a peer that stops is rejected, and so is what is asked later", LIMIT, async () => {
  const relay = await stand.relay();
  const page = await stand.page();
  await page.start({ relays: [relay.url] });
  const told = await page.run(async ({ KadenzaError }) => {
    const isStopped = (thrown) => thrown instanceof KadenzaError && thrown.code === "unavailable" && thrown.message;
    const pending = peer.song("0".repeat(40)).catch(isStopped);
    const stopping = peer.stop();
    const told = [await pending, await peer.song("0".repeat(40)).catch(isStopped)];
    await stopping;
    await peer.stop();
    return told;
  });
  assert.deepEqual(told, ["the peer has stopped", "the peer has stopped"]);
  await page.isQuiet();
});

test("every wrong argument is refused by its name", LIMIT, async () => {
  const relay = await stand.relay();
  const page = await stand.page();
  await page.start({ relays: [relay.url] });
  const wrong = [
    ["options", "Kadenza.start(7)"],
    ["relays", "Kadenza.start({})"],
    ["relays", "Kadenza.start({ relays: 'https://music.example' })"],
    ["relays", "Kadenza.start({ relays: ['music.example'] })"],
    ["storage", "Kadenza.start({ relays: [], storage: 'disk' })"],
    ["storage", "Kadenza.start({ relays: [], storage: { name: '../x' } })"],
    ["room", "Kadenza.start({ relays: [], room: 7 })"],
    ["room.name", "Kadenza.start({ relays: [], room: { link: 'x', name: 7 } })"],
    ["link", "Kadenza.start({ relays: [], storage: 'memory', room: 'Kitchen' })"],
    ["serviceWorker", "Kadenza.start({ relays: [], serviceWorker: 7 })"],
    ["serviceWorker", "Kadenza.start({ relays: [], serviceWorker: '/nowhere.js' })"],
    ["serviceWorker", "Kadenza.start({ relays: [], serviceWorker: '/node_modules/kadenza/dist/service-worker.js' })"],
    ["signal", "Kadenza.start({ relays: [], signal: {} })"],
    ["name", "Kadenza.newRoomLink('')"],
    ["file", "peer.upload('song.mp3')"],
    ["tags", "peer.upload(new Blob(['x']), 'title')"],
    ["tags.title", "peer.upload(new Blob(['x']), { title: 7 })"],
    ["name", "peer.upload(new Blob(['x']), {}, { name: 7 })"],
    ["onProgress", "peer.upload(new Blob(['x']), {}, { onProgress: 7 })"],
    ["signal", "peer.upload(new Blob(['x']), {}, { signal: 7 })"],
    ["text", "peer.search(7)"],
    ["limit", "peer.search('x', { limit: 0 })"],
    ["limit", "peer.search('x', { limit: 201 })"],
    ["limit", "peer.search('x', { limit: '5' })"],
    ["signal", "peer.search('x', { signal: 7 })"],
    ["options", "peer.search('x', 5)"],
    ["id", "peer.song('abc')"],
    ["id", "peer.listen(7)"],
    ["recording", "peer.listen('0'.repeat(40), { recording: 'x' })"],
    ["content", "peer.read('0'.repeat(64))"],
    ["content", "peer.read({ content: 'x', bytes: 5 })"],
    ["content.bytes", "peer.read({ content: '0'.repeat(64), bytes: 5n })"],
    ["start", "peer.read({ content: '0'.repeat(64), bytes: 5 }, { start: -1 })"],
    ["end", "peer.read({ content: '0'.repeat(64), bytes: 5 }, { end: 6 })"],
    ["end", "peer.read({ content: '0'.repeat(64), bytes: 5 }, { start: 3, end: 2 })"],
    ["link", "peer.room(7)"],
    ["link", "peer.room('Kitchen.abc')"],
    ["name", "peer.room('Kitchen.abc', { name: 7 })"],
  ];
  for (const [argument, call] of wrong) {
    const refusal = await page.refusal(`async ({ Kadenza }) => ${call}`);
    assert.ok(refusal.typed, `${call}: ${JSON.stringify(refusal)}`);
    assert.equal(refusal.code, "invalid", `${call}: ${refusal.message}`);
    assert.ok(refusal.message.startsWith(`${argument}: `), `${call}: ${refusal.message}`);
  }
  await page.isQuiet();
});

test("what is refused has the code the HTTP API has for it", LIMIT, async () => {
  const relay = await stand.relay();
  const page = await stand.page();
  await page.start({ relays: [relay.url] });
  const missing = await page.refusal(() => peer.song("0".repeat(40)));
  assert.deepEqual([missing.typed, missing.code], [true, "not-found"]);
  const noise = await page.refusal(() => peer.upload(new Blob(["not a song"]), { title: "x", artist: "y" }));
  assert.deepEqual([noise.typed, noise.code], [true, "invalid"]);
  await page.give(await stand.songs.make({ title: "", artist: "Somebody", album: "" }));
  const nameless = await page.refusal(() => peer.upload(file));
  assert.deepEqual([nameless.typed, nameless.code, nameless.guess.artist], [true, "needs-tags", "Somebody"]);
  const whatever = await page.refusal(() => peer.search("x".repeat(600)).next());
  assert.deepEqual([whatever.typed, whatever.code], [true, "invalid"]);
  await page.isQuiet();
});
