// What a tab stores: how much, for whom, how much it may, and what would be gone with it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { LIMIT, stage } from "./support/stage.mjs";
import { eventually } from "./support/wait.mjs";

const stand = stage();

/** Opens the sheet and returns it. */
async function storage({ page }) {
  await page.getByRole("button", { name: "Storage", exact: true }).click();
  return page.getByRole("dialog", { name: "Storage" });
}

/** Waits until the sheet says so. */
const says = (sheet, words) =>
  eventually(`the sheet says ${words}`, async () => words.test((await sheet.innerText()).replaceAll(/\s+/g, " ")));

test("the storage sheet tells what is stored for whom, and what would be lost with it", LIMIT, async () => {
  const relay = await stand.relay();
  const tab = await stand.browser.visit(relay);
  await tab.upload(await stand.songs.make({ seconds: 40, title: "Mine", artist: "Storage", album: "" }));
  await tab.shows(/Safe: on 1 relay/);
  const sheet = await storage(tab);
  await says(sheet, /Yours: uploaded or played here \d+ kB Kept for others 0 bytes/);
  await says(sheet, /1 whole song is here/);
  await says(sheet, /Nothing would be lost: others have a copy of the song/);
  await sheet.getByRole("button", { name: "Close" }).click();
  await relay.kill();
  await storage(tab);
  await says(sheet, /The song would be lost/);
});

test("a song that another tab uploaded counts as kept for others until it is played", LIMIT, async () => {
  const relay = await stand.relay();
  const keeper = await stand.browser.visit(relay);
  const uploader = await stand.browser.visit(relay);
  await uploader.upload(await stand.songs.make({ seconds: 60, title: "Theirs", artist: "Storage", album: "" }));
  const sheet = await storage(keeper);
  await says(sheet, /played here 0 bytes Kept for others \d+ kB/);
  await sheet.getByRole("button", { name: "Close" }).click();
  await keeper.search("theirs");
  await keeper.lists("Theirs");
  await keeper.play("Theirs");
  await keeper.slider("Seek").fill("50");
  await storage(keeper);
  await says(sheet, /played here \d+ kB Kept for others 0 bytes/);
});

test("a limit below what is stored deletes nothing, takes nothing more, and is here after a reload", LIMIT, async () => {
  const relay = await stand.relay();
  const tab = await stand.browser.visit(relay);
  const large = { format: "wav", seconds: 280, title: "Large", artist: "Storage", album: "" };
  await tab.upload(await stand.songs.make(large));
  const sheet = await storage(tab);
  await sheet.getByRole("slider", { name: "Room for songs" }).fill("0");
  await says(sheet, /At most 25\.0 MB/);
  await says(sheet, /Nothing is deleted, but nothing more is kept/);
  await tab.page.reload();
  await tab.connected();
  await tab.lists("Large");
  await storage(tab);
  await says(sheet, /26\.\d MB of 25\.0 MB used/);
  await sheet.getByRole("button", { name: "Close" }).click();
  await tab.pick(await stand.songs.make({ title: "One more", artist: "Storage", album: "" }));
  await tab.shows(/storage refused/);
  assert.deepEqual(await tab.titles(), ["Large"]);
});

test("the browser is asked to keep songs, and what it answers is said", LIMIT, async () => {
  const tab = await stand.browser.visit(await stand.relay());
  const sheet = await storage(tab);
  await says(sheet, /may clear these songs/);
  await sheet.getByRole("button", { name: "Ask the browser to keep them" }).click();
  const kept = await tab.page.evaluate(() => navigator.storage.persisted());
  await says(sheet, kept ? /keeps these songs until you clear/ : /did not agree/);
});
