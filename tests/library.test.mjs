// A library longer than the screen: what is out of sight is not in the document, and nobody notices.

import assert from "node:assert/strict";
import { test } from "node:test";

import { LIMIT, stage } from "./support/stage.mjs";
import { eventually } from "./support/wait.mjs";

const SONGS = 120;
const ON_AN_ALBUM = 6;

/** Rows that may be in the document: those of a screen, and some around them. */
const ROWS_MAX = 50;

const title = (number) => `Song ${String(number).padStart(3, "0")}`;

let tab;

const stand = stage(async (stand) => {
  const relay = await stand.relay();
  const { bytes } = await stand.songs.make({ format: "wav", seconds: 1 });
  for (let number = 0; number < SONGS; number += 1) {
    const album = `Album ${String(Math.floor(number / ON_AN_ALBUM)).padStart(2, "0")}`;
    const tags = new URLSearchParams({ name: "song.wav", title: title(number), artist: "Ada", album });
    await relay.json(`/api/songs?${tags}`, { method: "POST", body: bytes });
  }
  tab = await stand.browser.visit(relay);
  await tab.playButton(title(SONGS - 1)).waitFor();
});

const inDocument = () => tab.list.getByRole("listitem").count();
const scrollTo = (edge) => tab.page.keyboard.press(edge);

test("a long list is scrolled from one end to the other, and few of its rows are in the document", LIMIT, async () => {
  await eventually("the last song is in sight", async () => {
    await scrollTo("End");
    const more = tab.page.getByRole("button", { name: "Show more" });
    if (await more.isVisible()) await more.click();
    return tab.playButton(title(0)).isVisible();
  });
  assert.ok((await inDocument()) < ROWS_MAX);
  const last = tab.item(title(0));
  assert.deepEqual(
    await last.evaluate((row) => [row.ariaPosInSet, row.ariaSetSize]),
    [String(SONGS), String(SONGS)],
    "a screen reader hears of all of them",
  );
  await scrollTo("Home");
  await tab.playButton(title(SONGS - 1)).waitFor();
  assert.ok((await inDocument()) < ROWS_MAX);
});

test("who goes through the list by keyboard stays where they are when it is scrolled", LIMIT, async () => {
  const first = tab.playButton(title(SONGS - 1));
  await first.focus();
  await scrollTo("End");
  await tab.playButton(title(0)).waitFor();
  assert.ok(await first.evaluate((button) => button === document.activeElement));
  await tab.page.keyboard.press("Tab");
  await tab.page.keyboard.press("Tab");
  const second = tab.playButton(title(SONGS - 2));
  assert.ok(await second.evaluate((button) => button === document.activeElement));
  await eventually("the focus is in sight", () =>
    second.evaluate((button) => {
      const { top, bottom } = button.getBoundingClientRect();
      return top > 0 && bottom < innerHeight;
    }),
  );
});

test("albums are of all songs, however few are in sight", LIMIT, async () => {
  await tab.page.getByRole("button", { name: "Albums" }).click();
  const albums = tab.page.getByRole("list", { name: "Albums" });
  await eventually("the last album is in sight", async () => {
    await scrollTo("End");
    return albums.getByRole("button", { name: "Album 19" }).isVisible();
  });
  await albums.getByRole("button", { name: "Album 19" }).click();
  await tab.lists(...Array.from({ length: ON_AN_ALBUM }, (_, i) => title(114 + i)));
  await tab.page.getByRole("button", { name: "All albums" }).click();
  await eventually("the page is where it was", () =>
    albums.getByRole("button", { name: "Album 19" }).evaluate((card) => card.getBoundingClientRect().top < innerHeight),
  );
  assert.deepEqual(tab.errors, []);
});
