// The network: tabs that leave, relays that die, and two relays that are one.

import assert from "node:assert/strict";
import { test } from "node:test";

import { freePort } from "./support/relay.mjs";
import { LIMIT, stage } from "./support/stage.mjs";
import { eventually } from "./support/wait.mjs";

const stand = stage();

const make = (title) => stand.songs.make({ seconds: 20, title, artist: "Network", album: "" });

/** Finds `song` in `tab`, plays it, and compares its bytes. */
async function findsAndPlays(tab, relay, song) {
  await tab.search(song.tags.title);
  await tab.lists(song.tags.title);
  await tab.play(song.tags.title);
  const { songs } = await relay.search(song.tags.title);
  const heard = await tab.fetch(`/listen/${songs[0].id}`);
  assert.equal(heard.sha256, song.sha256);
}

test("the uploader's tab closes, and its song still plays elsewhere", LIMIT, async () => {
  const relay = await stand.relay();
  const uploader = await stand.browser.visit(relay);
  const song = await make("Left Behind");
  await uploader.upload(song);
  await uploader.shows(/Safe: on 1 relay/);
  await uploader.close();
  await findsAndPlays(await stand.browser.visit(relay), relay, song);
});

test("a song that the relay has no room for travels from tab to tab", LIMIT, async () => {
  const relay = await stand.relay({ flags: ["--quota", "50KB"] });
  const uploader = await stand.browser.visit(relay);
  const song = await make("Hand to Hand");
  await uploader.upload(song);
  await uploader.shows(/keep/);
  await findsAndPlays(await stand.browser.visit(relay), relay, song);
});

test("a relay that is killed and restarted still has everything", LIMIT, async () => {
  const relay = await stand.relay();
  const uploader = await stand.browser.visit(relay);
  const song = await make("Survivor");
  await uploader.upload(song);
  await uploader.shows(/Safe: on 1 relay/);
  await relay.kill();
  await uploader.person.close();
  await relay.restart();
  await findsAndPlays(await stand.browser.visit(relay), relay, song);
});

test("a relay that lost its data gets a replica back from the tab that has one", LIMIT, async () => {
  const relay = await stand.relay();
  const holder = await stand.browser.visit(relay);
  const song = await make("Phoenix");
  await holder.upload(song);
  await relay.wipe();
  await holder.connected();
  const listener = await stand.browser.visit(relay);
  await listener.search("phoenix");
  await eventually("the song is found again", async () => (await listener.titles()).includes("Phoenix"), { within: 60_000 });
  await listener.play("Phoenix");
  await eventually(
    "the relay holds the song again",
    async () => (await relay.json("/api/network")).stored.bytes >= song.bytes.length,
    { within: 60_000 },
  );
  await holder.person.close();
  await listener.person.close();
  await findsAndPlays(await stand.browser.visit(relay), relay, song);
});

test("two relays that name each other are one network", LIMIT, async () => {
  const [left, right] = [await freePort(), await freePort()];
  const west = await stand.relay({ port: left, flags: ["--bootstrap", `http://127.0.0.1:${right}`] });
  const east = await stand.relay({ port: right, flags: ["--bootstrap", `http://127.0.0.1:${left}`] });
  await eventually("the relays know each other", async () => (await west.json("/api/network")).peers.length > 0, { within: 60_000 });
  const uploader = await stand.browser.visit(west);
  const song = await make("Over the Border");
  await uploader.upload(song);
  const listener = await stand.browser.visit(east);
  await findsAndPlays(listener, east, song);
});

test("the page says that it is offline, and recovers when the relay is back", LIMIT, async () => {
  const relay = await stand.relay();
  const tab = await stand.browser.visit(relay);
  const song = await make("Patience");
  await tab.upload(song);
  await tab.served();
  await relay.kill();
  await tab.says(/^Offline/, { within: 60_000 });
  await tab.search("patience");
  await tab.play("Patience");
  await relay.restart();
  await tab.says(/^Connected to \d+ peer/, { within: 60_000 });
});

test("the page starts without its relay, and plays what the tab holds", LIMIT, async () => {
  const relay = await stand.relay();
  const tab = await stand.browser.visit(relay);
  await tab.upload(await stand.songs.make({ seconds: 30, title: "Kept", artist: "Here", album: "", cover: true }));
  await tab.served();
  await eventually("the page is kept", () => tab.page.evaluate(() => caches.match("/").then(Boolean)));
  await relay.kill();
  await tab.page.reload();
  await tab.says(/^Offline/);
  await tab.lists("Kept");
  await tab.play("Kept");
});

test("two tabs of one browser are two peers, and a reloaded tab keeps its identity and its songs", LIMIT, async () => {
  const relay = await stand.relay();
  const first = await stand.browser.visit(relay);
  const second = await first.another(relay);
  const [one, two] = [await first.peer(), await second.peer()];
  assert.notEqual(one, two);
  const song = await make("Mine");
  await second.upload(song);
  await relay.wipe();
  await second.page.reload();
  await second.connected();
  assert.equal(await second.peer(), two);
  assert.equal(await first.peer(), one);
  await second.lists("Mine");
  await second.play("Mine");
});

test("the ring shows each peer at its place, who it is, and whom a song belongs on", LIMIT, async () => {
  const relay = await stand.relay();
  const tab = await stand.browser.visit(relay);
  await stand.browser.visit(relay);
  await tab.upload(await make("Placed"));
  const peers = await eventually("both peers are there and known how far", async () => {
    const peers = await tab.peers();
    return peers.length === 2 && peers.every(({ text }) => / ms/.test(text)) && peers;
  });
  const ring = tab.network.getByRole("img", { name: "This tab and 2 peers at their places on the ring" });
  const counts = await tab.network.locator(".arcs li > :last-child").allInnerTexts();
  assert.equal(counts.reduce((sum, count) => sum + Number.parseInt(count, 10), 0), 2);
  for (const { peer, kind } of peers) {
    await ring.locator(`[data-peer="${peer}"] .mark`).hover();
    const said = await tab.network.locator(".picked-peer").innerText();
    assert.match(said.replaceAll(/\s+/g, " "), new RegExp(`^${kind} ${peer.slice(-6)} .* ms .*ring$`));
  }
  await tab.network.getByLabel("A song’s place").selectOption("Placed");
  await tab.shows(/2 peers and this tab are closest to it/);
  assert.equal(await ring.locator(".belongs").count(), 3);
});

test("a relay stops cleanly when it is asked to", LIMIT, async () => {
  const relay = await stand.relay();
  await stand.browser.visit(relay);
  assert.equal(await relay.stop(), 0);
});
