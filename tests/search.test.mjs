// Searching: the same words find the same songs from any tab and by the HTTP API.

import assert from "node:assert/strict";
import { test } from "node:test";

import { LIMIT, stage } from "./support/stage.mjs";

const SONGS = [
  { title: "Crème Brûlée", artist: "Zoë Quartett", album: "Süßes" },
  { title: "Crème fraîche", artist: "Someone", album: "Else" },
  { title: "Northern Lights", artist: "Ada", album: "Sky" },
];
let relay;
let tab;

const stand = stage(async (stand) => {
  relay = await stand.relay();
  const uploader = await stand.browser.visit(relay);
  for (const tags of SONGS) await uploader.upload(await stand.songs.make({ format: "flac", ...tags }));
  tab = await stand.browser.visit(relay);
});

const FINDS = [
  ["words in any order", "brulee creme", ["Crème Brûlée"]],
  ["words in any case", "NORTHERN LIGHTS", ["Northern Lights"]],
  ["accents or none", "zoe BRÛLÉE", ["Crème Brûlée"]],
  ["words of artist and album", "ada sky", ["Northern Lights"]],
  ["the last word by its beginning", "lights nor", ["Northern Lights"]],
  ["nothing for words nobody used", "creme nobody", []],
];

for (const [what, words, titles] of FINDS) {
  test(`a search finds ${what}`, LIMIT, async () => {
    assert.deepEqual(await relay.titles(words), titles);
    await tab.search(words);
    await tab.lists(...titles);
  });
}

test("an empty search lists the newest first", LIMIT, async () => {
  const newest = SONGS.map((song) => song.title).reverse();
  assert.deepEqual(await relay.titles(""), newest);
  await tab.search("");
  await tab.lists(...newest);
});

test("a search that finds nothing says so in words", LIMIT, async () => {
  await tab.search("xylophone zebra");
  await tab.lists();
  await tab.shows(/Nothing found for .xylophone zebra/);
});

test("a song uploaded by the HTTP API is found in a tab", LIMIT, async () => {
  const song = await stand.songs.make({ title: "Curl", artist: "Terminal", album: "" });
  const form = new FormData();
  form.set("file", new Blob([song.bytes]), song.name);
  const uploaded = await relay.json("/api/songs", { method: "POST", body: form });
  assert.deepEqual([uploaded.status, uploaded.outcome], [201, "new-song"]);
  assert.equal((await relay.upload(song)).outcome, "already-here");
  await tab.search("terminal");
  await tab.lists("Curl");
});
