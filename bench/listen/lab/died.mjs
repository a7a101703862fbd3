// The browser that serves a song is killed while it plays elsewhere, or its home loses the network. Somebody else has the
// song too: the relay, or a tab behind a third router while the relay keeps nothing.

import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";

import { say } from "../../webrtc/rounds.mjs";
import { KEEPS_NOTHING } from "../contenders/kadenza.mjs";
import { gaps } from "../inside.mjs";

/** It happens at a random moment so soon after the first sound: a little later all of the song has come. */
const WITHIN_MS = 1500;

/** How long is listened after all of the song has come. */
const AFTERWARDS_MS = 2000;

/** Less of the song than this is what tabs tell each other. */
const SERVED_BYTES_MIN = 100_000;

export const died = ({ how, other }) => async ({ stand, songs: { flac } }, { rounds: count }) => {
  say(`lab: a source is ${how}, the other is a ${other}`);
  const all = [];
  for (let i = 0; i < count; i += 1) {
    all.push(await stand.round(other === "relay" ? [] : KEEPS_NOTHING, (round) => playback(stand, round, flac, how, other)));
    say(JSON.stringify(all.at(-1)));
  }
  const key = `lab_${how}_${other === "tab" ? "tab_" : ""}`;
  return {
    [`${key}gap_s`]: Math.max(...all.map(({ gap_s }) => gap_s)),
    [`${key}all`]: all,
  };
};

async function playback(stand, round, song, how, other) {
  await holders[other](stand, round, song);
  const listener = await stand.listener(round, song);
  const watch = await gaps(listener.page, listener.part());
  const counted = await stand.counting();
  const sound_ms = await listener.play();
  const after_ms = Math.random() * WITHIN_MS;
  await pause(after_ms);
  const before = await counted();
  const site = before.c > before.a ? "c" : "a";
  if (before[site] < SERVED_BYTES_MIN) throw new Error(`no tab served the song: ${JSON.stringify(before)}`);
  const again = how === "killed" ? await stand.kill(site) : await stand.unplug(site);
  const died = performance.now();
  try {
    await listener.whole();
    const whole_after_s = (performance.now() - died) / 1000;
    await pause(AFTERWARDS_MS);
    const gap_s = (await watch()).longest;
    return { died: site, after_ms, sound_ms, gap_s, whole_after_s, bytes_before: before, bytes: await counted() };
  } finally {
    await again?.();
  }
}

/** Makes a tab at `a` hold the song, and one other. */
const holders = {
  async relay(stand, { relay, keep }, song) {
    await relay.upload({ name: song.file, bytes: await readFile(song.path) });
    keep(await (await stand.kadenza("a")).uploader(relay, [song], { says: /Safe: on 1 relay/ }));
  },
  async tab(stand, { relay, keep }, song) {
    keep(await (await stand.kadenza("a")).uploader(relay, [song]));
    const other = keep(await (await stand.kadenza("c")).listener(relay, [song]));
    await other.join();
    await other.whole();
    await other.page.evaluate(() => document.querySelectorAll("audio").forEach((audio) => audio.pause()));
  },
};
