// Tabs talk to each other directly: the relay introduces them, and is not needed from then on.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Tab } from "./support/browser.mjs";
import { SlowLine } from "./support/proxy.mjs";
import { freePort } from "./support/relay.mjs";
import { LIMIT, stage } from "./support/stage.mjs";
import { eventually } from "./support/wait.mjs";

const stand = stage();

/** A relay that has no room for songs, so that they are only in tabs. */
const NO_ROOM = ["--quota", "50KB"];

const make = (title) => stand.songs.make({ format: "wav", seconds: 30, title, artist: "Direct", album: "" });

/** Waits until `tab` is connected to the peer of `other`, by this path. */
async function meets(tab, other, reach) {
  const peer = await other.peer();
  await eventually(`${reach} connection`, async () => {
    const peers = await tab.peers();
    return peers.some((seen) => seen.peer === peer && seen.reach === reach) || assert.fail(JSON.stringify(peers));
  }, { within: 30_000 });
}

/** Uploads a song that only tabs have room for. */
async function upload(tab, song) {
  await tab.upload(song);
  await tab.shows(/keep/);
}

/** Plays a song that is elsewhere to its last byte, and compares them. */
async function hears(tab, song) {
  await tab.search(song.tags.title);
  await tab.lists(song.tags.title);
  await tab.served();
  await tab.play(song.tags.title);
  const source = await tab.page.evaluate(() => document.querySelector("audio").src);
  const heard = await tab.fetch(new URL(source).pathname);
  assert.deepEqual([heard.status, heard.sha256], [200, song.sha256]);
}

test("a song goes from tab to tab, and of its bytes none goes through the relay", LIMIT, async () => {
  const port = await freePort();
  const relay = await stand.relay({ port: await freePort(), flags: [...NO_ROOM, "--public", `http://127.0.0.1:${port}`] });
  const line = await SlowLine.open(port, relay.port);
  try {
    const url = `http://127.0.0.1:${port}`;
    const [uploader, listener] = [await stand.browser.visit(url), await stand.browser.visit(url)];
    await meets(listener, uploader, "direct");
    const song = await make("Past the Relay");
    const before = line.passed;
    await upload(uploader, song);
    await hears(listener, song);
    const passed = line.passed - before;
    assert.ok(song.bytes.length > 2_000_000);
    assert.ok(passed < 200_000, `${passed} bytes went through the relay, of a song of ${song.bytes.length}`);
  } finally {
    line.close();
  }
});

test("with the relay gone, tabs that are connected go on searching and playing, and come back to it", LIMIT, async () => {
  const relay = await stand.relay({ flags: NO_ROOM });
  const [uploader, listener] = [await stand.browser.visit(relay), await stand.browser.visit(relay)];
  await meets(listener, uploader, "direct");
  await listener.served();
  await relay.kill();
  const song = await make("No Relay");
  await uploader.pick(song);
  await eventually("the other tab finds it", async () => {
    await listener.search("relay");
    await listener.search("no relay");
    return (await listener.titles()).includes("No Relay");
  }, { within: 60_000 });
  await hears(listener, song);
  await listener.says(/^Connected to 1 peer/, { within: 60_000 });
  await relay.restart();
  await listener.says(/^Connected to 2 peers/, { within: 60_000 });
});

test("where WebRTC fails a song goes through the relay's circuit, and the page says so", LIMIT, async () => {
  const relay = await stand.relay({ flags: NO_ROOM });
  const visit = async () => {
    const person = await stand.browser.person();
    // As behind a firewall that lets no UDP through: nothing to connect to is ever found.
    await person.addInitScript(() => {
      RTCPeerConnection.prototype.addIceCandidate = async () => {};
    });
    return Tab.open(person, relay);
  };
  const [uploader, listener] = [await visit(), await visit()];
  await meets(listener, uploader, "relayed");
  const song = await make("Around the Corner");
  await upload(uploader, song);
  await hears(listener, song);
});
