// From pressing Next to sound while another song plays: the next one's beginning is there already.

import { setTimeout as pause } from "node:timers/promises";

import { over, rounds, say } from "../webrtc/rounds.mjs";
import { within } from "./contenders/scene.mjs";
import { seconds } from "./report.mjs";

/** Nobody presses Next sooner. */
const LISTENING_MS = 2500;

export async function prefetched({ contenders: { kadenza, http }, songs }, { rounds: count }) {
  say("next song to sound");
  const both = [songs.mp3, songs.next];
  const turns = {
    kadenza: () =>
      within(kadenza, { song: songs.mp3, songs: both, cold: false }, async ({ listeners: [one] }) => {
        const titles = await one.tab.titles();
        const [first, second] = [...both].sort((a, b) => titles.indexOf(a.tags.title) - titles.indexOf(b.tags.title));
        await one.play(first);
        await pause(LISTENING_MS);
        return one.next(second);
      }),
    http: () =>
      within(http, { song: songs.mp3 }, async ({ listeners: [one] }) => {
        await one.play();
        await pause(LISTENING_MS);
        return one.play(`/media/${songs.next.file}`);
      }),
  };
  const times = await rounds(turns, count, (turn) => turn());
  const values = seconds(times);
  return {
    figures: { prefetched_over_http: over(times.kadenza, times.http), prefetched_sound_s: values },
    plots: [{ label: "Next song, click to sound", unit: "s", values, most: values.http }],
  };
}
