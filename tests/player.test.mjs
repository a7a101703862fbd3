// The player as a person finds it: what it remembers, what keys do, and what plays next.

import assert from "node:assert/strict";
import { test } from "node:test";

import { LIMIT, stage } from "./support/stage.mjs";
import { eventually } from "./support/wait.mjs";

const stand = stage();

const TITLES = ["Alpha", "Bravo", "Charlie", "Delta"];

/** A tab with four songs that its relay has, Delta the newest. */
async function tabWithSongs() {
  const relay = await stand.relay();
  for (const title of TITLES) {
    await relay.upload(await stand.songs.make({ seconds: 60, title, artist: "Nato", album: "Alphabet" }));
  }
  const tab = await stand.browser.visit(relay);
  await tab.lists(...[...TITLES].reverse());
  return tab;
}

/** Titles of the songs that follow, from top to bottom, as the panel has them. */
async function upNext(tab) {
  const panel = tab.page.getByRole("region", { name: "Up next" });
  if (!(await panel.isVisible())) await tab.control("Up next").click();
  return panel.locator(".queued-title").allTextContents();
}

async function follow(tab, ...titles) {
  const wanted = JSON.stringify(titles);
  await eventually(`${wanted} follow`, async () => {
    const found = JSON.stringify(await upNext(tab));
    if (found !== wanted) throw new Error(found);
    return true;
  });
}

test("after a reload the same song waits at the same place, as loud as before, with the same songs after it", LIMIT, async () => {
  const tab = await tabWithSongs();
  await tab.play("Charlie");
  await tab.slider("Seek").fill("30");
  await tab.slider("Volume").fill("40");
  await eventually("it is past half a minute", async () => (await tab.elapsed()) > 30);
  await follow(tab, "Bravo", "Alpha");
  await tab.page.reload();
  await tab.connected();
  await tab.player.getByText("Charlie").waitFor();
  const elapsed = await tab.elapsed();
  assert.ok(elapsed >= 25 && elapsed <= 35, `it waits at ${elapsed} s`);
  assert.equal(await tab.slider("Volume").getAttribute("aria-valuetext"), "40%");
  await follow(tab, "Bravo", "Alpha");
  await tab.page.keyboard.press("Escape");
  await tab.control("Play").click();
  await tab.plays("Charlie");
  assert.ok((await tab.elapsed()) > 25, "it goes on where it was");
  assert.deepEqual(tab.errors, []);
});

test("what follows can be added to, dragged, moved and taken out, and plays in that order", LIMIT, async () => {
  const tab = await tabWithSongs();
  await tab.play("Delta");
  await tab.page.getByRole("button", { name: "Queue next: Alpha" }).click();
  await follow(tab, "Alpha", "Charlie", "Bravo");
  const row = (title) => tab.page.locator(".up-next .queued").filter({ hasText: title });
  await row("Bravo").dragTo(row("Alpha"));
  await follow(tab, "Bravo", "Alpha", "Charlie");
  await row("Charlie").getByRole("button", { name: "Move up: Charlie" }).click();
  await follow(tab, "Bravo", "Charlie", "Alpha");
  await row("Charlie").getByRole("button", { name: "Take out of the queue: Charlie" }).click();
  await follow(tab, "Bravo", "Alpha");
  await tab.page.keyboard.press("Escape");
  await tab.control("Next").click();
  await tab.plays("Bravo");
  await tab.control("Next").click();
  await tab.plays("Alpha");
});

test("single keys play, seek, silence, search and say what they do, and can be switched off", LIMIT, async () => {
  const tab = await tabWithSongs();
  const { keyboard } = tab.page;
  await tab.play("Delta");
  await tab.page.getByRole("heading", { name: "Kadenza" }).click();
  await keyboard.press("k");
  await tab.control("Play").waitFor();
  const before = await tab.elapsed();
  await keyboard.press("l");
  await eventually("it is five seconds further", async () => (await tab.elapsed()) >= before + 5);
  await keyboard.press("m");
  await tab.control("Sound on").waitFor();
  await keyboard.press("n");
  await tab.plays("Charlie");
  await keyboard.press("/");
  await keyboard.type("km");
  assert.equal(await tab.page.getByRole("searchbox").inputValue(), "km", "words are typed, not obeyed");
  await tab.search("");
  await tab.page.getByRole("heading", { name: "Kadenza" }).click();
  await keyboard.press("?");
  const sheet = tab.page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await sheet.getByText("Play or pause").waitFor();
  await sheet.getByLabel("Single keys work").uncheck();
  await keyboard.press("Escape");
  await keyboard.press("k");
  await tab.plays("Charlie");
  assert.equal(await tab.control("Pause").count(), 1, "it still plays");
  await tab.page.reload();
  await tab.connected();
  await tab.player.waitFor();
  await keyboard.press("?");
  // What a key does is drawn in the next frame.
  await tab.page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
  assert.equal(await sheet.isVisible(), false, "they stay off at the next visit");
});

test("a person can see where copies of a song are", LIMIT, async () => {
  const tab = await tabWithSongs();
  await tab.play("Delta");
  await tab.control("How safe is this song").click();
  const sheet = tab.page.getByRole("dialog", { name: /How safe is “\u2068?Delta\u2069?”/ });
  await sheet.getByText("It is safe").waitFor();
  await sheet.getByText("On 1 relay").waitFor();
  await sheet.getByRole("button", { name: "Close" }).click();
  assert.equal(await sheet.isVisible(), false);
});
