// What the contenders have in common. Each has a method `open({ song, listeners, uplink })` that returns a scene: somebody
// who offers the song and `listeners` tabs that are ready to hear it, each with
//
//   play()       begins to play; milliseconds to sound
//   seek(share)  seeks to a share of the song; milliseconds to sound
//   join()       begins to fetch all of it, and plays where that is how it is done; milliseconds to sound, if any
//   whole()      waits until it holds all of the song
//   download()   fetches all of it; how fast
//
// as far as the contender can. `song` is one of `media.mjs`; `uplink` bounds what the one who offers sends, in bytes a second.

import { setTimeout as pause } from "node:timers/promises";

import { inside } from "../inside.mjs";

/** Tabs that nobody looks at are measured as if somebody did, and nobody has to press anything for sound. */
export const FLAGS = [
  "--autoplay-policy=no-user-gesture-required",
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-quic",
  "--disable-renderer-backgrounding",
];

/** A song that is not there by then never will be. */
export const WHOLE_WITHIN_MS = 120_000;

/** Between a page that is there and the click, as long as a person takes at least. */
const READING_MS = 500;

/** A person whose tabs are measured from inside. */
export async function person(browser) {
  const person = await browser.person();
  await person.addInitScript(inside);
  return person;
}

/** A tab of a new person, at `url`. */
export async function page(browser, url) {
  const page = await (await person(browser)).newPage();
  await page.goto(url);
  return page;
}

/** Megabytes a second from the first byte to the last; times in milliseconds since the start. */
export const rate = (bytes, first, whole) => ({
  first_byte_s: first / 1000,
  seconds: whole / 1000,
  mb_per_s: bytes / 1000 / (whole - first),
  mb_per_s_from_click: bytes / 1000 / whole,
});

/** Opens a scene, has something done in it, and closes it whatever happens. */
export async function within(contender, what, act) {
  const scene = await contender.open(what);
  try {
    await pause(READING_MS);
    await scene.ready?.();
    return await act(scene);
  } finally {
    await scene.close();
  }
}
