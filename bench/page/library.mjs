// A tab that knows ten thousand songs: how soon a search of them is answered, and how smoothly they scroll. A relay is given
// their records (crates/services/examples/library.rs), and hands them over to the tab as to any that comes.

import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { Relay } from "../../tests/support/relay.mjs";
import { eventually } from "../../tests/support/wait.mjs";
import { quantile } from "../rooms/step.mjs";
import { median, say } from "../webrtc/rounds.mjs";

/** The program that makes a relay's data folder. */
const PROGRAM = process.env.KADENZA_LIBRARY;

const SONGS = 10_000;

/** Words of many songs and of few, of titles, artists and albums; beginnings, and two at a time. */
const WORDS = [
  "a", "s", "vol 7", "am", "golden", "shadows", "silver ocean", "wild", "cora", "brandt", "inés castillo", "no", "quiet r",
  "velvet thunder", "m", "lena", "paper windows", "hollow", "journey vol 1", "tender zephyr", "farouk", "elec",
];

/** How long the typing rests between two words: until the network has been asked and has answered. */
const REST_MS = 1200;

/** How fast it scrolls, in pixels a second, and for how long. A row is 68 pixels. */
const SCROLLS = [
  { speed: 800, seconds: 4 },
  { speed: 6_000, seconds: 5 },
  { speed: 40_000, seconds: 8 },
  { speed: -40_000, seconds: 4 },
];

/** How many records the tab's own store has. */
async function stored() {
  let songs = 0;
  for (const { name, version } of await indexedDB.databases()) {
    const opened = indexedDB.open(name, version);
    await new Promise((resolve) => (opened.onsuccess = opened.onerror = resolve));
    const database = opened.result;
    if (database.objectStoreNames.contains("songs")) {
      const count = database.transaction("songs").objectStore("songs").count();
      await new Promise((resolve) => (count.onsuccess = count.onerror = resolve));
      songs = Math.max(songs, count.result);
    }
    database.close();
  }
  return songs;
}

/** Runs in the page: `answer` is how long from the next input until a frame shows songs that have all of `words`, no others. */
function watchFor(words) {
  const plain = (text) => text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
  const wanted = plain(words).split(" ");
  const answers = (row) => {
    const fields = [...row.querySelectorAll(".song-title, .song-artist, .song-album")];
    const has = plain(fields.map((field) => field.textContent).join(" ")).split(/[^\p{L}\p{N}]+/u);
    return wanted.every((word) => has.some((one) => one.startsWith(word)));
  };
  const isShown = () => {
    const rows = [...document.querySelectorAll(".song")].filter((row) => row.getBoundingClientRect().top < innerHeight);
    return rows.length > 0 && rows.every(answers);
  };
  if (isShown()) throw new Error(`the list before already answers ${words}`);
  globalThis.answer = new Promise((resolve) => {
    addEventListener("input", ({ timeStamp }) => {
      const look = () => {
        if (!isShown()) return requestAnimationFrame(look);
        // A message is taken when the frame has been drawn.
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(performance.now() - timeStamp);
        port2.postMessage(undefined);
      };
      requestAnimationFrame(look);
    }, { capture: true, once: true });
  });
}

/** Runs in the page: scrolls, and how long each frame took, in milliseconds; how many songs were seen; how many frames had none. */
async function scroll({ speed, seconds }) {
  const frames = [];
  const seen = new Set();
  let blank = 0;
  const frame = () => new Promise(requestAnimationFrame);
  const begun = await frame();
  for (let at = begun; at - begun < seconds * 1000; ) {
    const now = await frame();
    frames.push(now - at);
    scrollBy({ top: (speed * (now - at)) / 1000, behavior: "instant" });
    at = now;
    const row = document.elementFromPoint(innerWidth / 3, innerHeight / 2)?.closest("[data-song]");
    if (row) seen.add(row.dataset.song);
    else blank += 1;
  }
  return { frames, seen: [...seen], blank };
}

async function searches(page) {
  const box = page.getByRole("searchbox");
  const times = [];
  for (const words of WORDS) {
    await box.fill("");
    await page.waitForTimeout(REST_MS);
    await box.focus();
    await page.evaluate(watchFor, words);
    await page.keyboard.insertText(words);
    times.push(await page.evaluate("answer"));
    await page.waitForTimeout(REST_MS);
  }
  await box.fill("");
  await page.waitForTimeout(REST_MS);
  return times;
}

async function scrolls(page) {
  const frames = [];
  const seen = new Set();
  let blank = 0;
  for (const step of SCROLLS) {
    const did = await page.evaluate(scroll, step);
    say(`${step.speed} px/s: ${(1000 / median(did.frames)).toFixed(1)} frames/s, 95 % within ${quantile(did.frames, 0.95).toFixed(1)} ms`);
    frames.push(...did.frames);
    did.seen.forEach((song) => seen.add(song));
    blank += did.blank;
  }
  return {
    scroll_fps: 1000 / median(frames),
    scroll_frame_p95_ms: quantile(frames, 0.95),
    scroll_blank_share: blank / frames.length,
    songs_scrolled_past: seen.size,
  };
}

/** Measures both in a tab of a new person. */
export async function ofLibrary(browser) {
  if (!PROGRAM) throw new Error("KADENZA_LIBRARY must name the program; `cargo xtask bench page` sets it");
  say(`a relay with ${SONGS} songs`);
  const relay = await Relay.start({ fill: (data) => promisify(execFile)(PROGRAM, [data, String(SONGS)]) });
  const person = await browser.person();
  try {
    const page = await person.newPage();
    await page.goto(relay.url);
    const begun = performance.now();
    await eventually("the tab knows all of them", async () => (await page.evaluate(stored)) >= SONGS, { within: 300_000 });
    const handed_over_s = (performance.now() - begun) / 1000;
    // Others are asked for what is new here when the page comes; this one has all.
    await page.reload();
    await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
    await page.locator(".song").first().waitFor();
    await page.waitForTimeout(5_000);
    say("searching them");
    const times = await searches(page);
    say("scrolling through them");
    const scrolled = await scrolls(page);
    return {
      search_10k_ms: median(times),
      ...scrolled,
      search_10k_p95_ms: quantile(times, 0.95),
      searches: times.length,
      handed_over_s,
    };
  } finally {
    await person.close();
    await relay.remove();
  }
}
