// The tab that serves a song crashes while it plays elsewhere. A relay holds the song too.

import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";

import { Relay } from "../../tests/support/relay.mjs";
import { eventually } from "../../tests/support/wait.mjs";
import { say } from "../webrtc/rounds.mjs";
import { gaps, traffic } from "./inside.mjs";
import { shortSongs } from "./media.mjs";

const SECONDS = 8;
const KILOBITS = 320;

/** Twice what the sound needs: it is on its way during the first half, which is when the crash comes. */
const UPLINK = (2 * KILOBITS * 1000) / 8;

/** Playbacks at once: each waits most of the time. */
const AT_ONCE = 4;

/** A song that has not come to its end by then has stood still for longer than anybody listens. */
const OVER_WITHIN_MS = 4 * SECONDS * 1000;

export async function crash({ contenders: { kadenza } }, { crashes }) {
  say(`the serving tab crashes, ${crashes} times`);
  const songs = await shortSongs("Crash", crashes, SECONDS, KILOBITS);
  const waiting = [...songs];
  const all = [];
  // Each on a relay of its own: what crashed elsewhere does not keep anybody waiting.
  const lane = async () => {
    const relay = await Relay.start();
    let tab;
    try {
      for (let song = waiting.pop(); song; song = waiting.pop()) {
        const { uploader, listener } = await ready(kadenza, relay, song, tab);
        tab = listener.tab;
        all.push(await playback(listener, uploader));
        await uploader.person.close();
        if (all.length % 20 === 0) say(`${all.length} crashes`);
      }
    } finally {
      await tab?.person.close();
      await relay.remove();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  const stuttered = all.filter(({ gap }) => gap > 0);
  return {
    figures: {
      stutter_share: stuttered.length / all.length,
      stutters: stuttered,
      crashes: all.length,
      crash_slowest_start_s: Math.max(...all.map(({ sound }) => sound)),
    },
    plots: [],
  };
}

/** A tab that serves `song`, and `tab`, or a new one, that lists it. */
async function ready(kadenza, relay, song, tab) {
  const before = tab ? (await traffic(tab.page)).channels.received : 0;
  // Beforehand: by the slow uplink the relay's own copy would take longer than the song.
  await relay.upload({ name: song.file, bytes: await readFile(song.path) });
  const uploader = await kadenza.uploader(relay, [song], { uplink: UPLINK, says: /Safe: on 1 relay/ });
  const listener = tab ? await kadenza.listed(tab, relay, [song]) : await kadenza.listener(relay, [song]);
  await listener.isCold(before);
  return { uploader, listener };
}

async function playback(listener, uploader) {
  const watch = await gaps(listener.page, listener.part());
  // Who never hears it has heard it stand still.
  const sounding = listener.play().catch(() => OVER_WITHIN_MS);
  const after = (Math.random() * SECONDS * 1000) / 2;
  await pause(after);
  await crashed(uploader);
  const sound = (await sounding) / 1000;
  const over = async () => (await watch()).ended;
  const ended = await eventually("the song is over", over, { within: OVER_WITHIN_MS }).catch(() => false);
  const gap = ended ? (await watch()).longest : OVER_WITHIN_MS / 1000;
  return { crashed_after_s: after / 1000, sound, gap };
}

/** Ends the process of a tab, as running out of memory would. */
async function crashed({ person, page }) {
  const session = await person.newCDPSession(page);
  const over = new Promise((resolve) => page.once("crash", resolve));
  // It is never answered: who would?
  session.send("Page.crash").catch(() => {});
  await over;
}
