// Takes the README's pictures of the page and of a room (docs/page.png, docs/room.png), and others into target/screenshots/.
//
//   KADENZA_RELAY=target/release/kadenza-relay node tests/screenshot.mjs [FOLDER OF SONGS]
//
// Without a folder it takes the songs that `cargo xtask demo` downloaded, and tones where there are none.

import { mkdir, readFile, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

import { Browser } from "./support/browser.mjs";
import { Relay } from "./support/relay.mjs";
import { RoomTab } from "./support/room.mjs";
import { Songs } from "./support/songs.mjs";
import { eventually } from "./support/wait.mjs";

const SONGS = 10;
const PICTURES = [
  { file: "docs/page.png", viewport: { width: 1280, height: 800 }, colorScheme: "dark" },
  { file: "target/screenshots/desktop-light.png", viewport: { width: 1280, height: 800 }, colorScheme: "light" },
  { file: "target/screenshots/wide-dark.png", viewport: { width: 1920, height: 1080 }, colorScheme: "dark" },
  { file: "target/screenshots/phone-dark.png", viewport: { width: 390, height: 844 }, colorScheme: "dark" },
  { file: "target/screenshots/phone-light.png", viewport: { width: 390, height: 844 }, colorScheme: "light" },
  { file: "target/screenshots/network-dark.png", viewport: { width: 1440, height: 900 }, colorScheme: "dark", network: true },
  { file: "target/screenshots/network-light.png", viewport: { width: 1280, height: 800 }, colorScheme: "light", network: true },
  { file: "target/screenshots/network-phone.png", viewport: { width: 360, height: 740 }, colorScheme: "dark", network: true },
];

const ROOMS = [
  { file: "docs/room.png", viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
  { file: "target/screenshots/room-light.png", viewport: { width: 1280, height: 900 }, colorScheme: "light" },
  { file: "target/screenshots/room-phone.png", viewport: { width: 390, height: 844 }, colorScheme: "dark" },
];

const repository = fileURLToPath(new URL("..", import.meta.url));

async function songFiles(folder) {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  const paths = entries.filter((entry) => /\.(ogg|opus|mp3|flac|m4a|wav)$/.test(entry)).sort();
  const spread = paths.filter((_, i) => i % Math.ceil(paths.length / SONGS) === 0);
  return Promise.all(
    spread.map(async (path) => ({ name: basename(path), bytes: await readFile(join(folder, path)) })),
  );
}

async function tones(songs) {
  const titles = ["Low Tide", "Harbour", "Open Water", "Lanterns", "Undertow", "The Far Shore", "Driftwood", "Home"];
  return Promise.all(
    titles.map((title, i) =>
      songs.make({ seconds: 150 + 17 * i, title, artist: "Sine Wave", album: "Coast", cover: i % 3 === 0 }),
    ),
  );
}

/** Waits until the network panel says of somebody how far it is. */
async function measured(tab) {
  await eventually("a round trip is measured", async () => (await tab.peers()).some(({ text }) => / ms/.test(text)));
}

/** Some songs as files that a page can be given. */
async function onDisk(count) {
  const files = [];
  for (const { name, bytes, path } of songs.slice(0, count)) {
    files.push(path ?? { name, mimeType: "audio/ogg", buffer: bytes });
  }
  return files;
}

/** Three members of a room who listen together. */
async function room({ file, ...look }) {
  const mira = await RoomTab.create(await browser.person(look), relay, { room: "Friday kitchen", me: "Mira" });
  await mira.page.locator('input[type="file"]').first().setInputFiles(await onDisk(4));
  await mira.shows(/Added 4 of 4|4 songs/);
  await eventually("all songs are in", async () => (await mira.titles()).length >= 4, { within: 60_000 });
  const others = [];
  for (const me of ["Ben", "Cleo"]) others.push(await RoomTab.enter(await browser.person(), relay, mira.hash, { me }));
  await mira.sees("Mira", "Ben", "Cleo");
  const titles = await mira.titles();
  for (const title of titles.slice(0, 3)) await mira.addToQueue(title);
  await mira.queues(...titles.slice(0, 3));
  for (const tab of [mira, ...others]) await tab.join();
  await mira.room.getByRole("button", { name: `Play now: ${titles[0]}` }).click();
  await mira.plays(titles[0]);
  await eventually("it is in step", async () => /In step/.test(await mira.room.innerText()));
  const close = mira.page.getByRole("button", { name: "Close uploads" });
  if (await close.isVisible().catch(() => false)) await close.click();
  await others[0].room.getByRole("button", { name: "React with 🔥" }).click();
  await others[1].room.getByRole("button", { name: "React with 🎉" }).click();
  await eventually("reactions are seen", async () => (await mira.room.locator(".reacted").count()) === 2);
  await mira.page.mouse.move(0, 0);
  await mira.page.evaluate(() => scrollTo(0, 0));
  await mira.page.screenshot({ path: join(repository, file) });
  console.log(file);
  await mira.room.getByRole("button", { name: "Share room" }).click();
  await mira.page.screenshot({ path: join(repository, "target/screenshots", `share-${basename(file)}`) });
  for (const tab of [mira, ...others]) await tab.person.close();
}

const relay = await Relay.start();
const browser = await Browser.open();
const made = await Songs.open();
let songs = [];
try {
  songs = await songFiles(process.argv[2] ?? join(repository, "target/demo/unpacked"));
  if (songs.length === 0) songs = await tones(made);
  for (const song of songs) await relay.upload(song);
  await Promise.all(["docs", "target/screenshots"].map((folder) => mkdir(join(repository, folder), { recursive: true })));
  for (const picture of ROOMS) await room(picture);
  // Others, for the pictures that show who is connected.
  for (let i = 0; i < 2; i += 1) await browser.visit(relay);
  for (const { file, network, ...look } of PICTURES) {
    const tab = await browser.visit(relay, look);
    await tab.list.getByRole("listitem").nth(songs.length - 1).waitFor();
    const titles = await tab.titles();
    const title = titles.slice(2).find((title) => titles.filter((other) => other === title).length === 1);
    await tab.play(title);
    const [, length] = await tab.times();
    await tab.slider("Seek").fill(String(Math.round(length * 0.4)));
    await tab.plays(title);
    await tab.page.mouse.move(0, 0);
    await tab.page.evaluate(() => scrollTo(0, 0));
    if (network) await measured(tab);
    await tab.page.screenshot({ path: join(repository, file) });
    console.log(file);
    await tab.person.close();
  }
} finally {
  await browser.close();
  await relay.remove();
  await made.remove();
}
