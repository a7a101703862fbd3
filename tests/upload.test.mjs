// Uploading by way of the page: what comes in, what is refused, and what the page says of it.

import assert from "node:assert/strict";
import { mkdir, rename } from "node:fs/promises";
import { basename, join } from "node:path";
import { test } from "node:test";

import { Tab, answer } from "./support/browser.mjs";
import { FORMATS, Songs, WITHOUT_COVERS } from "./support/songs.mjs";
import { LIMIT, stage } from "./support/stage.mjs";
import { eventually } from "./support/wait.mjs";

const stand = stage();

test("every format is taken with its tags, its duration and its cover", LIMIT, async () => {
  const relay = await stand.relay();
  const tab = await stand.browser.visit(relay);
  const songs = await Promise.all(
    FORMATS.map((format, i) =>
      stand.songs.make({
        format, title: `Tone in ${format}`, artist: "Ffmpeg", album: "Codecs", track: i + 1, date: 1999, cover: true,
      }),
    ),
  );
  await tab.upload(...songs);
  for (const [i, format] of FORMATS.entries()) {
    const { songs: found } = await relay.search(`"Tone in ${format}"`.replaceAll('"', ""));
    const song = found.find((song) => song.title === `Tone in ${format}`);
    assert.equal(song?.artist, "Ffmpeg", format);
    assert.equal(song.album, "Codecs", format);
    assert.ok(Math.abs(song.duration - 4) < 0.2, `${format} lasts ${song.duration} s`);
    if (format !== "wav") assert.deepEqual([song.track, song.year], [i + 1, 1999], format);
    assert.equal(song.recordings[0].bytes, songs[i].bytes.length, format);
    if (WITHOUT_COVERS.includes(format)) continue;
    const cover = await answer({ path: `${relay.url}/api/cover/${song.id}`, method: "GET", headers: {} });
    assert.deepEqual([cover.status, cover["content-type"]], [200, "image/png"], format);
  }
  await tab.search("codecs");
  await eventually("all formats are listed with covers", async () => {
    const covers = tab.list.locator("img");
    const shown = await covers.evaluateAll((all) => all.filter((img) => img.complete && img.naturalWidth > 0).length);
    return shown === FORMATS.length - WITHOUT_COVERS.length;
  });
  assert.deepEqual(tab.errors, []);
});

test("WebM uploaded in one tab plays in another, and a film is refused", LIMIT, async () => {
  const relay = await stand.relay();
  const uploader = await stand.browser.visit(relay);
  await uploader.upload(await stand.songs.make({ format: "webm", seconds: 20, title: "Opus", artist: "Webm", album: "" }));
  const listener = await stand.browser.visit(relay);
  await listener.lists("Opus");
  await listener.play("Opus");
  const { songs } = await relay.search("webm");
  assert.equal(songs[0].recordings[0].type, "audio/webm");
  const refusal = await relay.upload(await stand.songs.film("film.webm"));
  assert.deepEqual([refusal.status, refusal.code], [400, "invalid"]);
  assert.match(refusal.message, /picture track/);
  assert.deepEqual(listener.errors, []);
});

test("the same bytes again are already here, and other bytes of the same song are another recording", LIMIT, async () => {
  const relay = await stand.relay();
  const tab = await stand.browser.visit(relay);
  const tags = { title: "Twice", artist: "Echo", album: "Canyon" };
  const first = await stand.songs.make({ format: "mp3", ...tags });
  await tab.upload(first);
  await tab.pick(first);
  await tab.shows(/Already here/);
  await tab.pick(await stand.songs.make({ format: "ogg", ...tags }));
  await tab.shows(/Another recording of Twice/);
  const { songs, total } = await relay.search("twice");
  assert.equal(total, 1);
  assert.deepEqual(songs[0].recordings.map((recording) => recording.type).sort(), ["audio/mpeg", "audio/ogg"]);
});

test("a file without tags asks for them, with its name as a guess", LIMIT, async () => {
  const relay = await stand.relay();
  const tab = await stand.browser.visit(relay);
  await tab.pick(await stand.songs.make({ format: "wav", name: "Ada Lovelace - Sirens.wav" }));
  const title = tab.page.getByRole("textbox", { name: "Title" });
  await title.waitFor();
  assert.equal(await title.inputValue(), "Sirens");
  assert.equal(await tab.page.getByRole("textbox", { name: "Artist" }).inputValue(), "Ada Lovelace");
  await title.fill("Sirens of the Sea");
  await tab.page.getByRole("button", { name: "Add song" }).click();
  await tab.shows(/Added Sirens of the Sea/);
  assert.deepEqual(await relay.titles("lovelace"), ["Sirens of the Sea"]);
});

test("a file that is no audio, an empty one and a broken one do not stop the good ones", LIMIT, async () => {
  const relay = await stand.relay();
  const tab = await stand.browser.visit(relay);
  const good = await stand.songs.make({ title: "Before", artist: "Good", album: "" });
  const later = await stand.songs.make({ title: "After", artist: "Good", album: "" });
  const letter = await stand.songs.file("letter.mp3", "Dear Ada, this is no music.");
  const empty = await stand.songs.file("empty.mp3", "");
  const broken = await stand.songs.file("broken.flac", Buffer.concat([Buffer.from("fLaC"), Buffer.alloc(500, 0xff)]));
  await tab.pick(good, letter, empty, broken, later);
  await tab.shows(/Added Before/);
  await tab.shows(/Added After/);
  for (const name of ["letter.mp3", "empty.mp3", "broken.flac"]) await tab.shows(new RegExp(name));
  assert.deepEqual((await relay.titles("")).sort(), ["After", "Before"]);
  assert.deepEqual(tab.errors, []);
});

test("endless or broken tags are answered in a sentence and harm nothing", LIMIT, async () => {
  const relay = await stand.relay();
  const good = await stand.songs.make({ title: "Good", artist: "Tags", album: "" });
  await relay.upload(good);
  const untagged = await stand.songs.make({ name: "Tags - Endless.mp3" });
  const synchsafe = (size) => Buffer.from([21, 14, 7, 0].map((shift) => (size >> shift) & 0x7f));
  const header = (size) => Buffer.concat([Buffer.from("ID3\x03\0\0", "latin1"), synchsafe(size)]);
  const endless = Buffer.alloc(10_000_000, "x");
  endless.write("PRIV");
  endless.writeUInt32BE(endless.length - 10, 4);
  const files = {
    endless: Buffer.concat([header(endless.length), endless, untagged.bytes]),
    "longer than the file": Buffer.concat([header(200_000_000), untagged.bytes]),
    "cut off": Buffer.concat([header(5000), Buffer.from("TIT2\xff\xff\xff\xff", "latin1"), untagged.bytes]),
  };
  for (const [name, bytes] of Object.entries(files)) {
    const answer = await relay.upload({ name: `${name}.mp3`, bytes });
    assert.ok([200, 201, 400, 413, 422].includes(answer.status), `${name}: ${answer.status}`);
    if (answer.status >= 400) assert.ok(answer.message.includes(" "), name);
  }
  assert.ok((await relay.titles("good")).includes("Good"));
});

test("markup, emoji and right-to-left names show as they are", LIMIT, async () => {
  const relay = await stand.relay();
  const tab = await stand.browser.visit(relay);
  const titles = ['<img src=x onerror="document.title=\'broken\'">', "🎵 שלום עולם"];
  const songs = await Promise.all(
    titles.map((title) => stand.songs.make({ format: "flac", title, artist: "<b>Bold</b>", album: "&amp;" })),
  );
  await tab.upload(...songs);
  for (const title of titles) {
    await tab.playButton(title).first().waitFor();
    await tab.item(title).getByText("<b>Bold</b>").first().waitFor();
  }
  await tab.play(titles[0]);
  assert.notEqual(await tab.page.title(), "broken");
  assert.equal(await tab.page.locator("img[onerror]").count(), 0);
  assert.deepEqual(tab.errors, []);
});

test("a file over the relay's limit is refused with a sentence and harms nothing", LIMIT, async () => {
  const relay = await stand.relay({ flags: ["--file-limit", "1MB"] });
  const small = await stand.songs.make({ title: "Small", artist: "Size", album: "" });
  const large = await stand.songs.make({ format: "wav", seconds: 30, title: "Large", artist: "Size", album: "" });
  assert.equal((await relay.upload(small)).status, 201);
  const refusal = await relay.upload(large);
  assert.deepEqual([refusal.status, refusal.code], [413, "too-large"]);
  assert.match(refusal.message, /\d/);
  assert.deepEqual(await relay.titles(""), ["Small"]);
});

test("a browser without room says so when nobody else can take the song, and keeps what it has", LIMIT, async () => {
  const relay = await stand.relay();
  const tab = await stand.browser.visit(relay, { room: 2_000_000 });
  const kept = await stand.songs.make({ format: "flac", title: "Kept", artist: "Quota", album: "" });
  await tab.upload(kept);
  await tab.served();
  await relay.kill();
  await tab.says(/^Offline/, { within: 60_000 });
  const large = await stand.songs.make({ format: "wav", seconds: 120, title: "Large", artist: "Quota", album: "" });
  await tab.pick(large);
  await tab.shows(/Make room in this browser/);
  await tab.search("quota");
  await tab.lists("Kept");
  await tab.play("Kept");
});

test("who has no song at hand uploads the page's own piece, finds it and hears it", LIMIT, async () => {
  const relay = await stand.relay();
  const tab = await stand.browser.visit(relay);
  await tab.page.getByRole("button", { name: "Try it with a piece by Bach" }).click();
  await tab.shows(/Added .*Prelude in C major, BWV 846/);
  await tab.search("johann bach");
  await tab.lists("Prelude in C major, BWV 846");
  await tab.play("Prelude in C major, BWV 846");
  assert.deepEqual(tab.errors, []);
});

test("a dropped folder is taken with all music in it and below it, and one without any is answered", LIMIT, async () => {
  const relay = await stand.relay();
  const tab = await stand.browser.visit(relay);
  const folder = await Songs.open();
  try {
    const song = await folder.make({ title: "Below", artist: "Folder", album: "" });
    await mkdir(join(folder.folder, "one", "two"), { recursive: true });
    await mkdir(join(folder.folder, "nothing"));
    await rename(song.path, join(folder.folder, "one", "two", basename(song.path)));
    await tab.drop(join(folder.folder, "nothing"));
    await tab.shows(/No music in that folder/);
    await tab.drop(folder.folder);
    await tab.shows(/Added Below/);
  } finally {
    await folder.remove();
  }
});

test("a folder is taken with everything in it that is music", LIMIT, async () => {
  const relay = await stand.relay();
  const tab = await stand.browser.visit(relay);
  const folder = await Songs.open();
  try {
    const songs = [];
    for (const title of ["Inside", "Also Inside"]) songs.push(await folder.make({ title, artist: "Folder", album: "" }));
    await folder.file("notes.txt", "not music");
    const chooser = tab.page.waitForEvent("filechooser");
    await tab.page.getByRole("button", { name: "Upload a folder" }).first().click();
    await (await chooser).setFiles(folder.folder);
    for (const { tags } of songs) await tab.shows(new RegExp(`Added ${tags.title}`));
    assert.deepEqual((await relay.titles("")).sort(), ["Also Inside", "Inside"]);
  } finally {
    await folder.remove();
  }
});

test("files dropped on the page are taken", LIMIT, async () => {
  const relay = await stand.relay();
  const tab = await stand.browser.visit(relay);
  const song = await stand.songs.make({ title: "Dropped", artist: "Gravity", album: "" });
  await tab.drop(song.path);
  await tab.shows(/Added Dropped/);
  assert.deepEqual(await relay.titles("gravity"), ["Dropped"]);
});

/** Files of a song that is only its bytes: a second of silence under other names each. */
async function album(count) {
  const songs = [];
  for (let i = 1; i <= count; i += 1) {
    songs.push(await stand.songs.make({ seconds: 1, title: `Track ${i}`, artist: "Ada Lovelase", album: "" }));
  }
  return songs;
}

const dialog = (tab) => tab.page.getByRole("dialog");

test("what a file gets wrong is corrected before it goes up, for an album at once", LIMIT, async () => {
  const relay = await stand.relay();
  const tab = await stand.browser.visit(relay);
  const [first, ...others] = await album(3);
  await tab.upload(first);
  await tab.page.getByRole("checkbox", { name: "Check names before uploading" }).check();
  const letter = await stand.songs.file("letter.mp3", "Dear Ada, this is no music.");
  await tab.pick(...others, letter);
  const shared = dialog(tab).getByRole("group", { name: /The same for all/ });
  await eventually("the file that is no music is not among them", async () => (await dialog(tab).locator(".name-row").count()) === 2);
  await eventually("the files have been read", async () => (await shared.getByLabel("Artist").inputValue()) === "Ada Lovelase");
  await shared.getByLabel("Artist").fill("Ada Lovelace");
  await shared.getByLabel("Album").fill("Coast");
  const last = dialog(tab).getByRole("group", { name: /Details of/ }).last();
  await last.getByLabel("Title").fill("Sirens");
  await last.getByLabel("Title").press("Enter");
  await tab.shows(/Added Track 2.*Added Sirens/);
  await tab.shows(/letter.mp3 This file cannot be played/);
  const { songs } = await relay.search("lovelace");
  assert.deepEqual(songs.map(({ title, artist, album }) => [title, artist, album]).sort(), [
    ["Sirens", "Ada Lovelace", "Coast"],
    ["Track 2", "Ada Lovelace", "Coast"],
  ]);
  assert.deepEqual(tab.errors, []);
});

test("sixty files with ten bad ones go through with one summary and a reason for each", LIMIT, async () => {
  const relay = await stand.relay();
  const tab = await stand.browser.visit(relay);
  const [song] = await album(1);
  const files = [];
  for (let i = 1; i <= 60; i += 1) {
    const name = `${String(i).padStart(2, "0")} Tone ${i}.mp3`;
    // Other bytes each, with the same tags: one song with few recordings would be all there is.
    const bytes = i % 6 === 0 ? Buffer.from(`no music ${i}`) : tagged(song.bytes, `Tone ${i}`);
    files.push(await stand.songs.file(name, bytes));
  }
  await tab.pick(...files);
  await tab.shows(/60 files done 50 added 10 could not be added/, { within: 90_000 });
  const rows = tab.page.getByRole("list", { name: "Files" }).getByRole("listitem");
  assert.equal(await rows.count(), 10);
  for (const row of await rows.allInnerTexts()) assert.match(row, /Tone \d+.mp3\s+This file cannot be played/);
  assert.equal((await relay.search("tone")).total, 50);
  assert.deepEqual(tab.errors, []);
});

/** An MP3 with an ID3v2.3 tag of its own in front, which says another title. */
function tagged(bytes, title) {
  const frame = (name, text) => {
    const body = Buffer.from(`\0${text}`, "latin1");
    const head = Buffer.alloc(10);
    head.write(name);
    head.writeUInt32BE(body.length, 4);
    return Buffer.concat([head, body]);
  };
  const frames = Buffer.concat([frame("TIT2", title), frame("TPE1", "Many")]);
  const size = Buffer.from([21, 14, 7, 0].map((shift) => (frames.length >> shift) & 0x7f));
  const own = 10 + ((bytes[6] << 21) | (bytes[7] << 14) | (bytes[8] << 7) | bytes[9]);
  return Buffer.concat([Buffer.from("ID3\x03\0\0", "latin1"), size, frames, bytes.subarray(own)]);
}

/** Has uploads of a page wait after their first bytes, as on a slow disk, until `page` is loaded again. */
const slowDisk = (page) =>
  page.evaluate(() => {
    Blob.prototype.arrayBuffer = () => new Promise(() => {});
  });

/** Waits until every file that is on its way would be there after a reload. */
const kept = (tab, count) =>
  eventually(`${count} files are kept`, () =>
    tab.page.evaluate(async (count) => {
      const root = await navigator.storage.getDirectory();
      const entries = [];
      for await (const [name, folder] of (await root.getDirectoryHandle("uploads")).entries()) {
        for await (const file of folder.keys()) if (file.endsWith(".json")) entries.push(`${name}/${file}`);
      }
      return entries.length === count;
    }, count),
  );

test("an interrupted upload goes on after a reload, with the names it was given", LIMIT, async () => {
  const relay = await stand.relay();
  const tab = await stand.browser.visit(relay);
  await tab.served();
  await slowDisk(tab.page);
  await tab.pick(...(await album(3)));
  await tab.shows(/Uploading: 0 of 3 done/);
  await tab.page.getByRole("button", { name: /^Cancel .*song \d+.mp3/ }).last().click();
  await tab.shows(/Left out/);
  await kept(tab, 2);
  await tab.page.reload();
  await tab.shows(/Added Track 1.*Added Track 2/);
  await kept(tab, 0);
  assert.deepEqual((await relay.titles("")).sort(), ["Track 1", "Track 2"]);
  await tab.page.reload();
  await tab.lists("Track 2", "Track 1");
  assert.equal(await tab.page.getByRole("region", { name: "Uploads" }).count(), 0, "what is in is not kept");
  assert.deepEqual(tab.errors, []);
});

test("a window that keeps nothing says so, asks before it goes, and uploads and plays all the same", LIMIT, async () => {
  const relay = await stand.relay();
  const person = await stand.browser.person({ serviceWorkers: "block" });
  await person.addInitScript(() => {
    const refused = () => Promise.reject(new DOMException("not in private windows", "SecurityError"));
    StorageManager.prototype.getDirectory = refused;
    IDBFactory.prototype.open = () => {
      throw new DOMException("not in private windows", "InvalidStateError");
    };
  });
  const tab = await Tab.open(person, relay);
  await tab.shows(/gone when you close it/);
  await tab.shows(/The relay streams them instead/);
  for (const title of ["Private", "Alone"]) {
    await tab.upload(await stand.songs.make({ seconds: 20, title, artist: "Window", album: "" }));
  }
  await tab.play("Private");
  await relay.kill();
  await tab.says(/^Offline/, { within: 60_000 });
  await tab.play("Alone");
  await tab.page.evaluate(() => (Blob.prototype.arrayBuffer = () => new Promise(() => {})));
  await tab.pick(await stand.songs.make({ title: "Never", artist: "Read", album: "" }));
  await tab.shows(/1 file would be lost by a reload/);
  const asked = tab.page.waitForEvent("dialog");
  const leaving = tab.page.reload().catch(() => {});
  const question = await asked;
  assert.equal(question.type(), "beforeunload");
  await question.accept();
  await leaving;
});
