// Measures listening together: five tabs in one room play the same song for a minute. One of them comes late, one has a wall
// clock that is 90 s off, and somebody pauses, goes on, seeks and skips. Progress goes to stderr; the last line of stdout is
// one JSON object: first the figures that have a bar, then which of them are missed, then what they come from.
//
//   cargo xtask bench rooms
//
// Environment: SECONDS to play.

import { loadavg } from "node:os";
import { setTimeout as pause } from "node:timers/promises";

import { Browser } from "../tests/support/browser.mjs";
import { Relay } from "../tests/support/relay.mjs";
import { RoomTab } from "../tests/support/room.mjs";
import { eventually } from "../tests/support/wait.mjs";
import { FLAGS } from "./listen/contenders/scene.mjs";
import { longSongs } from "./listen/media.mjs";
import { apart, clock, quantile, watch, within } from "./rooms/step.mjs";
import { median, missed, rounded, say } from "./webrtc/rounds.mjs";

const SECONDS = Number(process.env.SECONDS ?? 60);

/** What a tab's wall clock is off by, in one of them. */
const OFF_MS = 90_000;

/** Members from the start, and one that comes late. */
const NAMES = ["Mira", "Ben", "Cleo", "Dora"];
const LATE = "Emil";

/** A tab counts as in step when it is this near to the others. */
const IN_STEP_MS = 50;

/** The bars of the room: milliseconds. */
const BARS = { drift_median_ms: 25, drift_p95_ms: 50, action_ms: 300, join_ms: 3000 };

const person = async (browser, name, off) => {
  const person = await browser.person();
  await person.addInitScript(watch);
  await person.addInitScript((name) => localStorage.setItem("kadenza.name", name), name);
  if (off) {
    await person.addInitScript((off) => {
      const { now } = Date;
      Date.now = () => now() + off;
    }, off);
  }
  return person;
};

/** Presses something in one tab; milliseconds until the last of all tabs has done it, and until the last one sounds again. */
async function pressed(tab, tabs, press, done) {
  const before = await tab.page.evaluate("performance.timeOrigin + performance.now()");
  const all = tabs.map((other) => other.page.evaluate(within, [done, before]));
  await press(tab);
  const begun = await tab.page.evaluate("lastPress");
  const ends = await Promise.all(all);
  return [0, 1].map((which) => Math.max(...ends.map((end) => end[which])) - begun);
}

async function measure(browser, relay, songs) {
  const mira = await RoomTab.create(await person(browser, NAMES[0]), relay, { room: "Bench", me: NAMES[0] });
  await mira.upload(songs.mp3, songs.flac);
  const tabs = [mira];
  for (const [index, name] of NAMES.slice(1).entries()) {
    tabs.push(await RoomTab.enter(await person(browser, name, index === 0 ? OFF_MS : 0), relay, mira.hash));
  }
  const title = songs.mp3.tags.title;
  for (const tab of tabs) {
    await tab.playButton(title).waitFor({ timeout: 30_000 });
    await tab.join();
  }
  await mira.addToQueue(title);
  await mira.addToQueue(songs.flac.tags.title);
  await mira.queues(title, songs.flac.tags.title);
  // As long as a person takes to look at it.
  await pause(1000);
  say("playing together");
  const control = (name) => (tab) => tab.control(name).click();
  const [actions, sounds] = [{}, {}];
  const act = async (name, tab, press, done) => {
    [actions[name], sounds[name]] = await pressed(tab, tabs, press, done);
    say(`${name}: ${actions[name].toFixed(0)} ms, sound ${sounds[name].toFixed(0)} ms`);
    if (done === "standing") return 0;
    const begun = clock();
    await eventually("all are in step again", async () => {
      const now = clock();
      const drifts = await apart(tabs, now - 400, now);
      return drifts.length > 0 && Math.max(...drifts) < IN_STEP_MS;
    });
    return clock() - begun;
  };
  const settles = [];
  settles.push(
    await act("play", mira, (tab) => tab.room.getByRole("button", { name: `Play now: ${title}` }).click(), "playing"),
  );
  const began = clock();
  await pause((SECONDS / 3) * 1000);
  say("a late joiner");
  const steady = [await apart(tabs, began, clock())];
  const late = await person(browser, LATE);
  const opened = clock();
  const emil = await RoomTab.enter(late, relay, mira.hash);
  say(`inside after ${(clock() - opened).toFixed(0)} ms`);
  await emil.join();
  await eventually("the late joiner plays", () => emil.page.evaluate("playing()?.moves"));
  say(`plays after ${(clock() - opened).toFixed(0)} ms`);
  await eventually("the late joiner is in step", async () => {
    const now = clock();
    const drifts = await apart([...tabs, emil], now - 200, now);
    return drifts.length > 0 && Math.max(...drifts) < IN_STEP_MS;
  });
  const join_ms = clock() - opened - 200;
  tabs.push(emil);
  let from = clock();
  await pause((SECONDS / 3) * 1000);
  steady.push(await apart(tabs, from, clock()));
  settles.push(await act("pause", tabs[1], control("Pause"), "standing"));
  settles.push(await act("resume", tabs[2], control("Play"), "playing"));
  settles.push(await act("seek", tabs[3], seekTo(0.6), "sought"));
  from = clock();
  await pause((SECONDS / 3) * 1000);
  steady.push(await apart(tabs, from, clock()));
  settles.push(await act("skip", tabs[1], control("Next"), "other"));
  return { steady: steady.flat(), actions, sounds, join_ms, settles };
}

/** Presses the slider at a share of the song. */
const seekTo = (share) => (tab) =>
  tab.page.evaluate((share) => {
    const slider = document.querySelector('input[aria-label="Seek"]');
    slider.value = slider.max * share;
    globalThis.lastPress = performance.timeOrigin + performance.now();
    for (const kind of ["input", "change"]) {
      slider.dispatchEvent(new (kind === "input" ? InputEvent : Event)(kind, { bubbles: true }));
    }
  }, share);

const songs = await longSongs();
const browser = await Browser.open({ flags: FLAGS });
const relay = await Relay.start();
const load = loadavg();
try {
  const { steady, actions, sounds, join_ms, settles } = await measure(browser, relay, songs);
  const figures = {
    drift_median_ms: median(steady),
    drift_p95_ms: quantile(steady, 0.95),
    drift_max_ms: Math.max(...steady),
    action_ms: Math.max(...Object.values(actions)),
    join_ms,
  };
  const result = {
    ...figures,
    missed: missed(figures, BARS),
    actions_ms: actions,
    sounds_ms: sounds,
    in_step_after_ms: settles,
    samples: steady.length,
    load_before: load,
    load_after: loadavg(),
  };
  say("done");
  console.log(JSON.stringify(rounded(result)));
} finally {
  await browser.close();
  await relay.remove();
}
