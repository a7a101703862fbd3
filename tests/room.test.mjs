// Rooms: who has the link is in, and nobody else learns anything.

import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { RoomTab } from "./support/room.mjs";
import { LIMIT, stage } from "./support/stage.mjs";
import { eventually } from "./support/wait.mjs";

const stand = stage();

const person = () => stand.browser.person();

/** All bytes of all files in a folder. */
async function everything(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Buffer.concat(await Promise.all(files.map((file) => readFile(file))));
}

test("whoever has a room's link finds and plays what was uploaded there", LIMIT, async () => {
  const relay = await stand.relay();
  const mira = await RoomTab.create(await person(), relay, { room: "Küche 7", me: "Mira" });
  assert.match(mira.hash, /^#\/room\/K%C3%BCche%207\.[\w-]{46}$/);
  const song = await stand.songs.make({ seconds: 20, title: "Sealed", artist: "Nobody Knows", album: "Ours", cover: true });
  await mira.upload(song);
  const ben = await RoomTab.enter(await person(), relay, mira.hash, { me: "Ben" });
  await mira.sees("Mira", "Ben");
  await ben.sees("Ben", "Mira");
  await ben.lists("Sealed");
  await ben.play("Sealed");
  assert.deepEqual([...mira.errors, ...ben.errors], []);
});

test("a relay and a stranger find nothing of a room in what they hold and what passes", LIMIT, async () => {
  const relay = await stand.relay();
  const stranger = await stand.browser.visit(relay);
  const somebody = await person();
  const requests = [];
  somebody.on("request", (request) => requests.push(`${request.url()} ${JSON.stringify(request.headers())}`));
  const mira = await RoomTab.create(somebody, relay, { room: "Whisperroom", me: "Mirabelle" });
  const tags = { title: "Quietestword", artist: "Hushedperson", album: "Mutedrecord" };
  const song = await stand.songs.make({ seconds: 20, ...tags });
  await mira.upload(song);
  await mira.play(tags.title);
  const kept = await eventually("the relay keeps the sealed song", async () => {
    const bytes = await everything(relay.data);
    return bytes.length > song.bytes.length && bytes;
  });
  const secret = mira.hash.slice(-46);
  const passed = Buffer.from(requests.join("\n"));
  for (const [place, bytes] of [["the relay's disk", kept], ["requests", passed]]) {
    for (const word of [...Object.values(tags), "Whisperroom", "Mirabelle", secret, secret.slice(0, 16)]) {
      assert.ok(!bytes.includes(word), `${word} is in ${place}`);
      assert.ok(!bytes.includes(word.toLowerCase()), `${word} is in ${place}`);
    }
    // Audio: no 64 bytes of the file, wherever they begin.
    for (let at = 0; at + 64 <= song.bytes.length; at += 997) {
      assert.ok(!bytes.includes(song.bytes.subarray(at, at + 64)), `audio at ${at} is in ${place}`);
    }
  }
  assert.deepEqual((await relay.search("")).songs, []);
  assert.deepEqual((await relay.search("quietestword")).songs, []);
  await stranger.search("Quietestword");
  await stranger.shows(/Nothing found/);
});

test("a song becomes public only when its member has read what that means and says so", LIMIT, async () => {
  const relay = await stand.relay();
  const stranger = await stand.browser.visit(relay);
  const mira = await RoomTab.create(await person(), relay, { room: "Drafts", me: "Mira" });
  const song = await stand.songs.make({ seconds: 10, title: "Demo Tape", artist: "The Drafts", album: "Rough", cover: true });
  await mira.upload(song);
  const ask = async (answer) => {
    await mira.page.getByRole("button", { name: "Make public: Demo Tape" }).click();
    const warning = mira.page.getByRole("alertdialog");
    assert.match(await warning.innerText(), /everybody can find it.*nobody can take it back/s);
    await warning.getByRole("button", { name: answer }).click();
    await warning.waitFor({ state: "hidden" });
  };
  await ask("Keep it private");
  await ask("Make it public");
  await mira.shows(/Added Demo Tape.*Added Demo Tape/);
  await eventually("the relay lists it", async () => (await relay.search("demo tape")).songs.length === 1);
  await stranger.search("Demo Tape");
  await stranger.lists("Demo Tape");
  await stranger.play("Demo Tape");
  await mira.lists("Demo Tape");
  assert.equal((await relay.search("")).songs.length, 1, "it was made public once");
});

test("an upload into a room that was interrupted goes on in that room and nowhere else", LIMIT, async () => {
  const relay = await stand.relay();
  const mira = await RoomTab.create(await person(), relay, { room: "Drafts", me: "Mira" });
  const { hash } = mira;
  await mira.page.evaluate(() => (Blob.prototype.arrayBuffer = () => new Promise(() => {})));
  await mira.pick(await stand.songs.make({ seconds: 5, title: "Unsent", artist: "The Drafts", album: "" }));
  await mira.shows(/Uploading: 0 of 1 done/);
  const atRest = () => mira.page.evaluate(async () => {
    const texts = [];
    const all = await (await navigator.storage.getDirectory()).getDirectoryHandle("uploads");
    for await (const folder of all.values()) {
      for await (const [name, file] of folder.entries()) {
        if (name.endsWith(".json")) texts.push(await (await file.getFile()).text());
      }
    }
    return texts;
  });
  const [record] = await eventually("the file is kept", async () => {
    const records = await atRest();
    return records.length === 1 && records;
  });
  assert.ok(!record.includes(hash.slice(-46, -10)), "what is kept lets nobody into the room");
  await mira.page.goto("about:blank");
  await mira.page.goto(relay.url);
  await mira.shows(/Waits for the room .?Drafts/);
  await mira.upload(await stand.songs.make({ seconds: 5, title: "Sent", artist: "Everybody", album: "" }));
  assert.deepEqual(await relay.titles(""), ["Sent"]);
  await mira.page.evaluate((hash) => (location.hash = hash), hash);
  await mira.inside();
  await mira.shows(/Added Unsent/);
  await mira.lists("Unsent");
  assert.deepEqual(await relay.titles(""), ["Sent"]);
  assert.deepEqual(await atRest(), [], "the room's file is kept no longer than it is needed");
});

test("ciphertext that was tampered with is refused, and had from somebody else", LIMIT, async () => {
  const relay = await stand.relay();
  const mira = await RoomTab.create(await person(), relay, { me: "Mira" });
  await mira.upload(await stand.songs.make({ seconds: 30, title: "Unbroken", artist: "Seal", album: "" }));
  const folder = join(relay.data, "content");
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.length > 40);
  assert.ok(names.length > 0, "the relay keeps the sealed song");
  for (const name of names) {
    const path = join(folder, name);
    const bytes = await readFile(path);
    for (let at = 100; at < bytes.length; at += 4096) bytes[at] ^= 1;
    await writeFile(path, bytes);
  }
  const ben = await RoomTab.enter(await person(), relay, mira.hash, { me: "Ben" });
  await ben.sees("Ben", "Mira");
  await ben.lists("Unbroken");
  await ben.play("Unbroken");
  await mira.close();
  const cleo = await RoomTab.enter(await person(), relay, ben.hash, { me: "Cleo" });
  await cleo.sees("Cleo", "Ben");
  await cleo.lists("Unbroken");
  await cleo.play("Unbroken");
});

test("a private window without a service worker plays a room's songs", LIMIT, async () => {
  const relay = await stand.relay();
  const mira = await RoomTab.create(await person(), relay, { me: "Mira" });
  for (const title of ["Second", "First"]) {
    await mira.upload(await stand.songs.make({ seconds: 60, title, artist: "Sealed", album: "" }));
  }
  const guest = await stand.browser.person({ serviceWorkers: "block" });
  const ben = await RoomTab.enter(guest, relay, mira.hash, { me: "Ben" });
  await ben.shows(/This window cannot stream the room’s songs/);
  await ben.lists("First", "Second");
  await ben.play("First");
  await ben.slider("Seek").fill("45");
  await eventually("the seek is heard", async () => (await ben.elapsed()) >= 45);
  await ben.play("Second");
  await ben.join();
  await mira.join();
  await mira.addToQueue("First");
  await mira.room.getByRole("button", { name: "Play now: First" }).click();
  await ben.plays("First");
});

test("two rooms with the same song share no content", LIMIT, async () => {
  const relay = await stand.relay();
  const song = await stand.songs.make({ seconds: 5, title: "Twice", artist: "Same", album: "" });
  const names = [];
  for (const room of ["One", "Two"]) {
    const tab = await RoomTab.create(await person(), relay, { room });
    await tab.upload(song);
    names.push(await readdir(join(relay.data, "content"), { recursive: true }));
  }
  const files = names.map((all) => all.filter((name) => name.length > 40));
  assert.equal(files[0].length, 1);
  assert.equal(files[1].length, 2, "the second room has stored a content of its own");
});

test("a damaged link says what is wrong with it", LIMIT, async () => {
  const relay = await stand.relay();
  const mira = await RoomTab.create(await person(), relay);
  const { hash } = mira;
  const changed = hash.slice(0, -5) + (hash.at(-5) === "A" ? "B" : "A") + hash.slice(-4);
  for (const [damaged, why] of [
    [hash.slice(0, -3), /cut off/],
    [changed, /changed/],
    ["#/room/Kitchen", /no secret/],
  ]) {
    const page = await (await person()).newPage();
    await page.goto(`${relay.url}/${damaged}`);
    await eventually(`the page says ${why}`, async () => why.test(await page.locator("body").innerText()));
  }
});

test("members come and go, and a tab that crashes is gone within 15 s", LIMIT, async () => {
  const relay = await stand.relay();
  const mira = await RoomTab.create(await person(), relay, { me: "Mira" });
  const ben = await RoomTab.enter(await person(), relay, mira.hash, { me: "Ben" });
  const cleo = await RoomTab.enter(await person(), relay, mira.hash, { me: "Cleo" });
  for (const [tab, others] of [[mira, ["Mira", "Ben", "Cleo"]], [ben, ["Ben", "Cleo", "Mira"]], [cleo, ["Cleo", "Ben", "Mira"]]]) {
    await tab.sees(...others);
  }
  await ben.room.getByLabel("Your name").fill("Benedikt");
  await ben.room.getByLabel("Your name").press("Enter");
  await mira.sees("Mira", "Benedikt", "Cleo");
  let left = performance.now();
  await ben.close();
  await mira.sees("Mira", "Cleo");
  assert.ok(performance.now() - left < 3000, "a tab that is closed is gone within 3 s");
  left = performance.now();
  await cleo.page.goto("chrome://crash").catch(() => {});
  await mira.sees("Mira");
  assert.ok(performance.now() - left < 15_000, "a tab that has crashed is gone within 15 s");
});

test("anyone adds to the queue, moves, takes out and skips, and all see the same", LIMIT, async () => {
  const relay = await stand.relay();
  const mira = await RoomTab.create(await person(), relay, { me: "Mira" });
  const ben = await RoomTab.enter(await person(), relay, mira.hash, { me: "Ben" });
  await mira.sees("Mira", "Ben");
  for (const title of ["First", "Second", "Third"]) {
    await mira.upload(await stand.songs.make({ seconds: 60, title, artist: "Order", album: "" }));
  }
  await ben.lists("Third", "Second", "First");
  await mira.addToQueue("First");
  await ben.queues("First");
  await ben.addToQueue("Second");
  await mira.queues("First", "Second");
  await mira.addToQueue("Third");
  await ben.queues("First", "Second", "Third");
  await ben.room.getByRole("button", { name: "Move up: Third" }).click();
  await mira.queues("First", "Third", "Second");
  await mira.room.getByRole("button", { name: "Take out of the queue: Third" }).click();
  await ben.queues("First", "Second");
  await ben.room.getByRole("button", { name: "React with 🔥" }).click();
  await eventually("the reaction is seen", async () => (await mira.room.innerText()).includes("🔥\n") || (await mira.room.locator(".reacted").count()) > 0);
});

/** Somebody whose media keys a test can press. */
async function personWithKeys() {
  const somebody = await person();
  await somebody.addInitScript(() => {
    const keys = (globalThis.mediaKeys = {});
    const { setActionHandler } = MediaSession.prototype;
    MediaSession.prototype.setActionHandler = function (key, handler) {
      keys[key] = handler;
      return setActionHandler.call(this, key, handler);
    };
  });
  return somebody;
}

test("what one member presses is heard by all who listen together", LIMIT, async () => {
  const relay = await stand.relay();
  const mira = await RoomTab.create(await person(), relay, { me: "Mira" });
  const ben = await RoomTab.enter(await personWithKeys(), relay, mira.hash, { me: "Ben" });
  await mira.sees("Mira", "Ben");
  for (const title of ["Second", "First"]) {
    await mira.upload(await stand.songs.make({ seconds: 60, title, artist: "Together", album: "" }));
  }
  await ben.lists("First", "Second");
  await mira.addToQueue("First");
  await ben.queues("First");
  await ben.addToQueue("Second");
  await mira.queues("First", "Second");
  await mira.join();
  await ben.join();
  await mira.room.getByRole("button", { name: "Play now: First" }).click();
  await ben.plays("First");
  await eventually("both are at the same place", async () => {
    const [one, two] = await Promise.all([mira.heard(), ben.heard()]);
    const apart = Math.abs(one.second - one.at / 1000 - (two.second - two.at / 1000));
    if (one.paused || two.paused || apart > 0.05) throw new Error(`${apart} s apart`);
    return true;
  });
  await ben.control("Pause").click();
  await eventually("both stand still", async () => (await mira.heard()).paused && (await ben.heard()).paused);
  const [one, two] = await Promise.all([mira.heard(), ben.heard()]);
  assert.ok(Math.abs(one.second - two.second) < 0.05, `${one.second} and ${two.second}`);
  await ben.page.evaluate("mediaKeys.play()");
  await mira.plays("First");
  // The next one follows by itself.
  await ben.page.evaluate("mediaKeys.seekto({ seekTime: 57 })");
  await eventually("both are near the end", async () => (await mira.heard()).second > 56 && (await ben.heard()).second > 56);
  await ben.plays("Second");
  await mira.plays("Second");
  await mira.room.getByRole("button", { name: "Play now: First" }).click();
  await ben.plays("First");
  await mira.control("Next").click();
  await ben.plays("Second");
  await mira.plays("Second");
});
