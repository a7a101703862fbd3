// Listening: from another tab, while it arrives, and with every control of the player.

import assert from "node:assert/strict";
import { test } from "node:test";

import { answer, Browser, Tab } from "./support/browser.mjs";
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

/** Which addresses below /listen/ the page asks for from now on, each with its range. */
function asked(page) {
  const requests = [];
  page.on("request", (request) => {
    const { pathname, search } = new URL(request.url());
    if (pathname.startsWith("/listen/")) {
      requests.push({ id: pathname.slice(8), search, range: request.headers().range, request });
    }
  });
  return requests;
}

/** The audio elements of a page, as far as they are told to play or wait. */
const decks = (tab) =>
  tab.page.evaluate(() =>
    [...document.querySelectorAll("audio")].map(({ src, paused, readyState, id }) => ({ src, paused, readyState, id })),
  );

const idOf = async (relay, words) => (await relay.search(words)).songs[0].id;

test("the song after the one that plays is ready before it is asked for", LIMIT, async () => {
  const relay = await stand.relay();
  for (const title of ["Last", "Next", "First"]) {
    await relay.upload(await stand.songs.make({ seconds: 60, title, artist: "Ready", album: "" }));
  }
  const tab = await stand.browser.visit(relay);
  await tab.served();
  await tab.lists("First", "Next", "Last");
  const requests = asked(tab.page);
  await tab.play("First");
  const next = await idOf(relay, "next ready");
  await eventually("the other element has the next song", async () =>
    (await decks(tab)).some(({ src, paused, readyState }) => src.includes(next) && paused && readyState >= 3),
  );
  const before = requests.length;
  assert.ok(requests.some(({ id, search }) => id === next && search.includes("peek=true")));
  await tab.control("Next").click();
  await tab.plays("Next");
  assert.deepEqual(requests.slice(before).filter(({ id, range }) => id === next && range === "bytes=0-"), []);
  assert.equal((await decks(tab)).filter(({ paused }) => !paused).length, 1, "one at a time is heard");
  assert.deepEqual(tab.errors, []);
});

test("the song under the pointer is made ready, unless that is switched off", LIMIT, async () => {
  const relay = await stand.relay();
  await relay.upload(await stand.songs.make({ seconds: 60, title: "Pointed", artist: "At", album: "" }));
  const id = await idOf(relay, "pointed");
  for (const [query, wanted] of [["", true], ["/?prefetch=off", false]]) {
    const tab = await stand.browser.visit(relay.url + query);
    await tab.served();
    const requests = asked(tab.page);
    await tab.item("Pointed").hover();
    if (wanted) await eventually("it is asked for", () => requests.some((request) => request.id === id));
    else await tab.page.waitForTimeout(700);
    assert.equal(requests.length > 0, wanted, query);
    assert.ok((await decks(tab)).every(({ paused }) => paused));
    await tab.play("Pointed");
  }
});

test("a link to a song plays it at once, and goes on in the page that comes after", LIMIT, async () => {
  const relay = await stand.relay();
  await relay.upload(await stand.songs.make({ seconds: 60, title: "Other", artist: "Link", album: "" }));
  await relay.upload(await stand.songs.make({ seconds: 60, title: "Linked", artist: "Link", album: "" }));
  const id = await idOf(relay, "linked");
  const browser = await Browser.open({ flags: ["--autoplay-policy=no-user-gesture-required"] });
  try {
    const person = await browser.person();
    await person.addInitScript(() => {
      globalThis.pauses = 0;
      document.addEventListener("pause", () => (globalThis.pauses += 1), true);
    });
    // The second time the service worker is there already, and the peer in the page is not.
    for (const visit of ["first", "second"]) {
      const tab = new Tab(person, await person.newPage());
      const requests = asked(tab.page);
      await tab.page.goto(`${relay.url}/#/song/${id}`);
      await tab.plays("Linked");
      const playing = (await decks(tab)).filter(({ paused }) => !paused);
      assert.deepEqual(playing.map(({ id }) => id), ["early"], `${visit} visit: what began goes on`);
      const begun = requests.filter((request) => request.id === id && request.range === "bytes=0-");
      assert.equal(begun.length, 1, `${visit} visit: it is asked for once`);
      assert.equal(await tab.page.evaluate("pauses"), 0, `${visit} visit: without a pause`);
      await tab.connected();
      await tab.control("Pause").click();
      await tab.control("Play").waitFor();
      await tab.play("Other");
      assert.equal(new URL(tab.page.url()).hash, "", "a reload would not bring back what somebody went on from");
      assert.deepEqual(tab.errors, []);
      await tab.close();
    }
  } finally {
    await browser.close();
  }
});

test("where the browser wants a press first, a link shows its song and waits for it", LIMIT, async () => {
  const relay = await stand.relay();
  await relay.upload(await stand.songs.make({ seconds: 60, title: "Shy", artist: "Link", album: "" }));
  const person = await stand.browser.person();
  // What a driven browser lets pages do without a press is not what people's browsers do.
  await person.addInitScript(() => {
    const { play } = HTMLMediaElement.prototype;
    let pressed = false;
    addEventListener("click", () => (pressed = true), true);
    HTMLMediaElement.prototype.play = function () {
      return pressed ? play.call(this) : Promise.reject(new DOMException("press first", "NotAllowedError"));
    };
  });
  const tab = await Tab.open(person, `${relay.url}/#/song/${await idOf(relay, "shy")}`);
  await tab.control("Play").click();
  await tab.plays("Shy");
});

test("a link that leads nowhere says so", LIMIT, async () => {
  const relay = await stand.relay();
  await relay.upload(await stand.songs.make({ seconds: 30, title: "Here", artist: "Link", album: "" }));
  const damaged = await stand.browser.visit(`${relay.url}/#/song/123`);
  const alert = (tab) => tab.page.getByRole("alert");
  await alert(damaged).getByText(/This link is damaged/).waitFor();
  await alert(damaged).getByRole("button", { name: "Close" }).click();
  await alert(damaged).waitFor({ state: "detached" });
  const unknown = await stand.browser.visit(`${relay.url}/#/song/${"0".repeat(40)}`);
  await alert(unknown).getByText(/Nobody who is reachable knows the song/).waitFor();
  await unknown.page.evaluate((hash) => (location.hash = hash), `#/song/${await idOf(relay, "here")}`);
  await unknown.player.getByText("Here").first().waitFor();
});

test("without a service worker the relay answers: songs play, seek, and have their covers", LIMIT, async () => {
  const relay = await stand.relay();
  const song = { seconds: 60, title: "Private", artist: "Window", album: "", cover: true };
  await relay.upload(await stand.songs.make(song));
  const tab = await stand.browser.visit(relay, { serviceWorkers: "block" });
  await tab.play("Private");
  await tab.slider("Seek").fill("45");
  await eventually("the seek is heard", async () => (await tab.elapsed()) >= 45);
  assert.equal(await tab.page.evaluate(() => navigator.serviceWorker.controller), null);
  const cover = tab.item("Private").locator("img");
  await eventually("the cover is shown", () => cover.evaluate((image) => image.complete && image.naturalWidth > 0));
  assert.deepEqual(tab.errors, []);
});

for (const [format, type] of [["flac", "audio/flac"], ["adts", "audio/aac"], ["m4a", "audio/mp4"], ["opus", "audio/ogg"]]) {
  test(`${format} is called ${type}, plays and seeks`, LIMIT, async () => {
    const relay = await stand.relay();
    const song = await stand.songs.make({ format, seconds: 90, title: `Format ${format}`, artist: "Native" });
    const name = encodeURIComponent(song.name);
    await relay.json(`/api/songs?name=${name}&title=Format+${format}&artist=Native`, { method: "POST", body: song.bytes });
    const tab = await stand.browser.visit(relay);
    await tab.served();
    await tab.play(`Format ${format}`);
    await tab.slider("Seek").fill("70");
    await eventually("the seek is heard", async () => (await tab.elapsed()) > 70);
    const path = `/listen/${await idOf(relay, "native")}`;
    const end = { headers: { range: `bytes=${song.bytes.length - 500}-` } };
    const [here, there] = [await tab.fetch(path, end), await answer({ path: relay.url + path, method: "GET", ...end })];
    assert.deepEqual([here.status, here["content-type"], here.bytes], [206, type, 500]);
    assert.deepEqual(here, there);
  });
}
