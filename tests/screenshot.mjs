// Takes pictures of the page's main states, on a phone and on a desktop, dark and light, into target/screenshots/; and the
// README's (docs/*.png).
//
//   cargo xtask screenshots [FOLDER OF SONGS]
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

/** Tabs that are there as well, so that there is a network to be seen. */
const PEERS = 5;

const DESKTOP = { viewport: { width: 1280, height: 800 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** How each state is looked at. */
const LOOKS = Object.entries({ desktop: DESKTOP, phone: PHONE }).flatMap(([name, look]) =>
  ["dark", "light"].map((colorScheme) => ({ name: `${name}-${colorScheme}`, ...look, colorScheme })),
);

/** Pictures that are the README's too. */
const README = {
  "library-desktop-dark": "docs/page.png",
  "room-desktop-dark": "docs/room.png",
  "library-phone-light": "docs/phone.png",
  "network-desktop-light": "docs/network.png",
};

const repository = fileURLToPath(new URL("..", import.meta.url));
const FOLDER = join(repository, "target/screenshots");

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

/** The first songs as files that a page can be given. */
const onDisk = (count) =>
  songs.slice(0, count).map(({ name, bytes, path }) => path ?? { name, mimeType: "audio/ogg", buffer: bytes });

async function picture(tab, state, look) {
  await tab.page.mouse.move(0, 0);
  await tab.page.evaluate(() => scrollTo(0, 0));
  const name = `${state}-${look.name}`;
  for (const path of [join(FOLDER, `${name}.png`), README[name] && join(repository, README[name])]) {
    if (path) await tab.page.screenshot({ path });
  }
  console.log(name);
}

/** The library, a song that plays, and what can be opened. */
async function library(look) {
  const tab = await browser.visit(relay, look);
  await tab.list.getByRole("listitem").nth(songs.length - 1).waitFor();
  const titles = await tab.titles();
  await tab.play(titles.slice(2).find((title) => titles.filter((other) => other === title).length === 1));
  const [, length] = await tab.times();
  await tab.slider("Seek").fill(String(Math.round(length * 0.4)));
  await eventually("it is further", async () => (await tab.elapsed()) > length * 0.4);
  await picture(tab, "library", look);
  await tab.page.getByRole("button", { name: "Albums" }).click();
  await picture(tab, "albums", look);
  await tab.page.locator(".group").first().click();
  await picture(tab, "album", look);
  await tab.page.getByRole("button", { name: "Artists" }).click();
  await picture(tab, "artists", look);
  await tab.page.getByRole("button", { name: "Songs", exact: true }).click();
  await tab.control("Up next").click();
  await picture(tab, "up-next", look);
  await tab.page.keyboard.press("Escape");
  await measured(tab);
  await picture(tab, "network", look);
  await tab.network.getByLabel("A song’s place").selectOption({ index: 1 });
  await tab.network.getByRole("list", { name: "Peers" }).getByRole("button").nth(1).focus();
  await picture(tab, "network-song", look);
  await tab.network.getByRole("button", { name: "What this tab stores…" }).click();
  await tab.shows(/Nothing would be lost|would be lost:/);
  await picture(tab, "storage", look);
  await tab.page.keyboard.press("Escape");
  await tab.page.keyboard.press("?");
  await picture(tab, "shortcuts", look);
  await tab.page.keyboard.press("Escape");
  await tab.search("nothing has this name");
  await tab.shows(/Nothing found/);
  await picture(tab, "nothing-found", look);
  await tab.person.close();
}

/** The first visit, and the first songs. */
async function beginning(look) {
  const alone = await Relay.start();
  const tab = await browser.visit(alone, look);
  await tab.shows(/No music here yet/);
  await picture(tab, "empty", look);
  await tab.page.locator('input[type="file"]').first().setInputFiles(onDisk(4));
  await eventually("all songs are in", async () => (await tab.titles()).length >= 4, { within: 60_000 });
  await picture(tab, "uploaded", look);
  await tab.person.close();
  await alone.remove();
}

/** Three members of a room who listen together. */
async function room(look) {
  const mira = await RoomTab.create(await browser.person(look), relay, { room: "Friday kitchen", me: "Mira" });
  await mira.page.locator('input[type="file"]').first().setInputFiles(onDisk(4));
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
  await picture(mira, "room", look);
  await mira.room.getByRole("button", { name: "Share room" }).click();
  await picture(mira, "share", look);
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
  for (let i = 0; i < PEERS; i += 1) await browser.visit(relay);
  await Promise.all([FOLDER, join(repository, "docs")].map((folder) => mkdir(folder, { recursive: true })));
  for (const look of LOOKS) {
    await beginning(look);
    await library(look);
    await room(look);
  }
} finally {
  await browser.close();
  await relay.remove();
  await made.remove();
}
