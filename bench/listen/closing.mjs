// The uploader's tab is closed when each of two listeners has most of the song, but neither has all.

import { setTimeout as pause } from "node:timers/promises";

import { say } from "../webrtc/rounds.mjs";
import { within } from "./contenders/scene.mjs";
import { gaps, heldTo } from "./inside.mjs";

const UPLINK = 1_000_000;
const SHARE = 0.6;
const ROUNDS_MAX = 3;

/** How long they are listened to after both hold the song. */
const AFTERWARDS_MS = 2000;
const LOOK_EVERY_MS = 50;

export async function closing({ contenders: { kadenza }, songs: { mp3 } }, { rounds: count }) {
  say("the uploader's tab closes");
  const all = [];
  for (let i = 0; i < Math.min(count, ROUNDS_MAX); i += 1) {
    all.push(await within(kadenza, { song: mp3, listeners: 2, uplink: UPLINK }, left));
  }
  return {
    figures: {
      uploader_closed_gap_s: Math.max(...all.map(({ gap }) => gap)),
      uploader_closed_whole_after_s: Math.max(...all.map(({ whole }) => whole)),
    },
    plots: [],
  };
}

async function left({ uploader, listeners }) {
  const watches = await Promise.all(listeners.map((listener) => gaps(listener.page, listener.part())));
  await heldTo(UPLINK, uploader.page, async () => {
    await Promise.all(listeners.map((listener) => listener.play()));
    for (;;) {
      const progress = await Promise.all(listeners.map((listener) => listener.progress()));
      if (Math.min(...progress) >= SHARE) break;
      await pause(LOOK_EVERY_MS);
    }
  });
  const closed = performance.now();
  await uploader.page.close();
  await Promise.all(listeners.map((listener) => listener.whole()));
  const whole = (performance.now() - closed) / 1000;
  await pause(AFTERWARDS_MS);
  const heard = await Promise.all(watches.map((watch) => watch()));
  return { whole, gap: Math.max(...heard.map(({ longest }) => longest)) };
}
