// Listening: from another tab, while it arrives, and with every control of the player.

import assert from "node:assert/strict";
import { test } from "node:test";

import { answer } from "./support/browser.mjs";
import { SlowLine } from "./support/proxy.mjs";
import { freePort } from "./support/relay.mjs";
import { LIMIT, stage } from "./support/stage.mjs";
import { eventually } from "./support/wait.mjs";

const stand = stage();

const listenPath = (found) => `/listen/${found.songs[0].id}`;

test("a song uploaded in one tab is found and played in another, byte for byte", LIMIT, async () => {
  const relay = await stand.relay();
  const uploader = await stand.browser.visit(relay);
  const song = await stand.songs.make({ seconds: 30, title: "Across", artist: "Two Tabs", album: "One Relay", cover: true });
  await uploader.upload(song);
  const listener = await stand.browser.visit(relay);
  await listener.search("across tabs");
  await listener.play("Across");
  await listener.player.getByText("Two Tabs").first().waitFor();
  await eventually("the length is shown", async () => Math.round((await listener.times())[1]) === 30);
  const heard = await listener.fetch(listenPath(await relay.search("across")));
  assert.deepEqual([heard.status, heard.sha256], [200, song.sha256]);
  assert.deepEqual([...uploader.errors, ...listener.errors], []);
});

test("play, pause, seek, volume, next and previous do what they say", LIMIT, async () => {
  const relay = await stand.relay();
  for (const title of ["Third", "Second", "First"]) {
    await relay.upload(await stand.songs.make({ seconds: 60, title, artist: "Order", album: "" }));
  }
  const tab = await stand.browser.visit(relay);
  await tab.lists("First", "Second", "Third");
  await tab.play("First");

  await tab.control("Pause").click();
  await tab.control("Play").waitFor();
  const paused = await tab.elapsed();
  await tab.slider("Seek").fill("40");
  await eventually("the seek is shown", async () => (await tab.elapsed()) >= 39);
  assert.ok((await tab.elapsed()) > paused);
  await tab.control("Play").click();
  await tab.plays("First");
  assert.ok((await tab.elapsed()) >= 39, "it plays on from where it was put");

  const volume = tab.slider("Volume");
  const most = Number(await volume.getAttribute("max"));
  await volume.fill(String(most / 2));
  assert.equal(Number(await volume.inputValue()), most / 2);

  await tab.control("Next").click();
  await tab.plays("Second");
  await tab.control("Next").click();
  await tab.plays("Third");
  await tab.control("Previous").click();
  await tab.plays("Second");
  assert.deepEqual(tab.errors, []);
});

test("a song that ends is followed by the next of the list", LIMIT, async () => {
  const relay = await stand.relay();
  await relay.upload(await stand.songs.make({ seconds: 30, title: "Then", artist: "End", album: "" }));
  await relay.upload(await stand.songs.make({ seconds: 3, title: "Now", artist: "End", album: "" }));
  const tab = await stand.browser.visit(relay);
  await tab.lists("Now", "Then");
  await tab.play("Now");
  await tab.plays("Then");
});

test("a song plays while most of it is still on its way", LIMIT, async () => {
  const port = await freePort();
  const relay = await stand.relay({ flags: ["--public", `http://127.0.0.1:${port}`] });
  const song = await stand.songs.make({ format: "wav", seconds: 240, title: "Long", artist: "River", album: "" });
  await relay.upload(song);
  const line = await SlowLine.open(port, relay.port);
  try {
    const tab = await stand.browser.visit(`http://127.0.0.1:${port}`);
    await tab.lists("Long");
    // Three times what the sound itself needs, so that all of it would take over a minute.
    line.rate = 288_000;
    const before = line.passed;
    await tab.play("Long");
    const arrived = line.passed - before;
    assert.ok(arrived < song.bytes.length / 2, `${arrived} of ${song.bytes.length} bytes had come`);
  } finally {
    line.close();
  }
});

test("a tab answers ranges of what it holds exactly as the relay does, and without the relay", LIMIT, async () => {
  const relay = await stand.relay();
  const tab = await stand.browser.visit(relay);
  const song = await stand.songs.make({ format: "wav", seconds: 5, title: "Ranges", artist: "Exact", album: "", cover: true });
  await tab.upload(song);
  await tab.served();
  const found = await relay.search("ranges");
  const path = listenPath(found);
  const size = song.bytes.length;
  const ranges = [
    "bytes=0-0", "bytes=0-99", "bytes=65535-65536", `bytes=${size - 10}-`, "bytes=-1", "bytes=-70000", "bytes=100-9999999999",
    `bytes=${size}-`, "bytes=9999999999-", "bytes=5-2", "lines=1-2",
  ];
  const requests = [
    { path, method: "GET", headers: {} },
    { path, method: "HEAD", headers: {} },
    { path: `${path}?recording=${found.songs[0].recordings[0].content}`, method: "GET", headers: {} },
    { path: `/api/cover/${found.songs[0].id}`, method: "GET", headers: {} },
    { path: `/listen/${"0".repeat(40)}`, method: "GET", headers: {} },
    ...ranges.map((range) => ({ path, method: "GET", headers: { range } })),
    { path, method: "HEAD", headers: { range: "bytes=10-19" } },
  ];
  const expected = [];
  for (const request of requests) expected.push(await answer({ ...request, path: relay.url + request.path }));
  assert.deepEqual([expected[0].status, expected[0].sha256], [200, song.sha256]);
  assert.equal(expected.filter((response) => response.status === 206).length, 7);
  assert.equal(expected.filter((response) => response.status === 416).length, 2);
  await relay.kill();
  for (const [i, request] of requests.entries()) {
    // Nobody else can be asked any more whether they have what this tab has not.
    if (expected[i].status === 404) continue;
    assert.deepEqual(await tab.fetch(request.path, request), expected[i], JSON.stringify(request));
  }
});
