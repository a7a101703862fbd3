// The package's peer in a page of its own, beside the tabs of a relay's page.

import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually } from "../../tests/support/wait.mjs";
import { LIMIT, stage } from "./support/stage.mjs";

const stand = stage();

/** Runs in pages: plays an address, and says how far it has come after a second. */
async function heard(_, address) {
  const audio = new Audio(address);
  await audio.play();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const { currentTime, duration, error } = audio;
  audio.pause();
  audio.removeAttribute("src");
  return { currentTime, duration, error: error?.message };
}

test("a song goes from the package's peer to a relay's tab, and the other way round", LIMIT, async () => {
  const relay = await stand.relay();
  const page = await stand.page();
  await page.start({ relays: [relay.url], serviceWorker: "/service-worker.js" });
  // Whoever uploads before somebody is there is told that nobody has a copy.
  await eventually("it is connected", () => page.run(() => peer.status.connection === "connected"));
  await page.give(await stand.songs.make({ seconds: 20, title: "There", artist: "Package", album: "" }));
  const { uploaded, progress, size } = await page.run(async () => {
    const progress = [];
    const uploaded = await peer.upload(file, { album: "Both Ways" }, { onProgress: (now) => progress.push(now) });
    return { uploaded, progress, size: file.size };
  });
  assert.equal(uploaded.outcome, "new-song");
  assert.deepEqual([uploaded.song.title, uploaded.song.album, uploaded.copies.safe], ["There", "Both Ways", true]);
  assert.deepEqual(progress.at(-1), { loaded: size, total: size });

  const tab = await stand.browser.visit(relay);
  await tab.search("there package");
  await tab.lists("There");
  await tab.play("There");
  await tab.upload(await stand.songs.make({ seconds: 20, title: "Back", artist: "Yew", album: "" }));

  const found = await page.run(async () => {
    const songs = [];
    for await (const song of peer.search("back yew", { limit: 5 })) songs.push(song);
    return songs;
  });
  assert.deepEqual(found.map(({ title, artist }) => [title, artist]), [["Back", "Yew"]]);
  const address = await page.run((_, id) => peer.listen(id), found[0].id);
  assert.ok(address.startsWith(`${stand.site.url}/kadenza/`), address);
  const { currentTime, duration, error } = await page.run(heard, address);
  assert.ok(currentTime > 0.3 && !error, `${currentTime} s; ${error}`);
  assert.ok(Math.abs(duration - found[0].duration) < 0.5);
  await page.isQuiet();
  assert.deepEqual(tab.errors, []);
});

test("without a service worker a song is fetched whole and played, and its address ends with the peer", LIMIT, async () => {
  const relay = await stand.relay();
  await relay.upload(await stand.songs.make({ seconds: 20, title: "Whole", artist: "Blob", album: "" }));
  const page = await stand.page();
  await page.start({ relays: [relay.url] });
  assert.equal(await page.run(() => peer.streams), false);
  const address = await page.run(async () => {
    const { value: song } = await peer.search("whole").next();
    return peer.listen(song.id);
  });
  assert.ok(address.startsWith("blob:"), address);
  const { currentTime, error } = await page.run(heard, address);
  assert.ok(currentTime > 0.3 && !error, `${currentTime} s; ${error}`);
  await page.run(() => peer.stop());
  assert.equal(await page.run((_, address) => fetch(address).then(() => "there", () => "gone"), address), "gone");
  await page.isQuiet();
});

test("several peers of a page are each their own, find each other again, and one that stops leaves the others", LIMIT, async () => {
  const relay = await stand.relay();
  const page = await stand.page();
  const relays = [relay.url];
  const begun = Date.now();
  const first = await page.start({ relays, serviceWorker: "/service-worker.js" }, "one");
  const second = await page.start({ relays, serviceWorker: "/service-worker.js" }, "two");
  assert.ok(Date.now() - begun < 15_000);
  const radio = await page.start({ relays, storage: { name: "radio" } }, "radio");
  const passing = await page.start({ relays, storage: "memory" }, "passing");
  assert.equal(new Set([first, second, radio, passing]).size, 4);
  await page.give(await stand.songs.make({ seconds: 20, title: "Shared", artist: "Same Page", album: "" }));
  await page.run(() => one.upload(file));
  const found = await page.run(() =>
    Promise.all([two, radio, passing].map(async (peer) => (await peer.search("shared").next()).value.title)),
  );
  assert.deepEqual(found, ["Shared", "Shared", "Shared"]);
  const [ofOne, ofTwo] = await page.run(async () => {
    const { value: song } = await two.search("shared").next();
    return [await one.listen(song.id), await two.listen(song.id)];
  });
  assert.ok(ofOne.includes(first) && ofTwo.includes(second), `${ofOne} ${ofTwo}`);
  await page.run(() => one.stop());
  const { currentTime } = await page.run(heard, ofTwo);
  assert.ok(currentTime > 0.3, `${currentTime} s`);
  assert.equal(await page.run(async (_, address) => (await fetch(address)).status, ofOne), 503);
  await page.run(() => Promise.all([two.stop(), radio.stop(), passing.stop()]));
  assert.equal(await page.start({ relays, storage: { name: "radio" } }, "radio"), radio);
  assert.notEqual(await page.start({ relays, storage: "memory" }, "passing"), passing);
  const stored = await page.run(() => [radio, passing].map(({ status }) => status.storage));
  assert.deepEqual(stored, ["persistent", "memory"]);
  await page.isQuiet();
});

test("a page hears of the status, of peers and of songs", LIMIT, async () => {
  const relay = await stand.relay();
  const page = await stand.page();
  await page.start({ relays: [relay.url] });
  await page.run(() => {
    globalThis.heard = { status: [], peer: [], song: [] };
    for (const kind of Object.keys(heard)) peer.addEventListener(kind, ({ detail }) => heard[kind].push(detail));
  });
  const { peer: relayId } = await relay.json("/api/network");
  await eventually("it is connected", () => page.run(() => peer.status.connection === "connected"));
  const tab = await stand.browser.visit(relay);
  const tabId = await tab.peer();
  await eventually("the page hears of the tab", () =>
    page.run((_, id) => heard.peer.some(({ peer, connected }) => peer === id && connected), tabId),
  );
  await tab.upload(await stand.songs.make({ seconds: 5, title: "News", artist: "Tab", album: "" }));
  await eventually("the page hears of the song", () => page.run(() => heard.song.some(({ title }) => title === "News")));
  await tab.close();
  await eventually("the page hears that the tab went", () =>
    page.run((_, id) => heard.peer.some(({ peer, connected }) => peer === id && !connected), tabId),
  );
  const status = await page.run(() => peer.status);
  assert.deepEqual(status, { connection: "connected", peers: 1, storage: "persistent" });
  await relay.kill();
  await eventually("it is offline", () => page.run(() => peer.status.connection === "offline"));
  const [lastStatus, lastPeer] = await page.run(() => [heard.status.at(-1), heard.peer.at(-1)]);
  assert.deepEqual(lastStatus, { connection: "offline", peers: 0, storage: "persistent" });
  assert.deepEqual(lastPeer, { peer: relayId, connected: false });
  await page.isQuiet();
});
