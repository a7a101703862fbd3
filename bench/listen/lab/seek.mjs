// From a seek to sound, while the song still comes from behind another router.

import { setTimeout as pause } from "node:timers/promises";

import { median, rounds, say } from "../../webrtc/rounds.mjs";
import { within } from "../contenders/scene.mjs";
import { prefix } from "./stand.mjs";

const LISTENING_MS = 1500;
const SHARE = 0.75;

export const seek = (format) => async ({ stand, songs }, { rounds: count }) => {
  say(`lab: seek, ${format}`);
  const song = songs[format];
  const had = [];
  const turns = {
    kadenza: () =>
      stand.cold(song, async (listener) => {
        await listener.play();
        await pause(LISTENING_MS);
        had.push(await listener.progress());
        return listener.seek(SHARE);
      }),
    http: async () => within(await stand.http(), { song }, async ({ listeners: [one] }) => {
        await one.play();
        await pause(LISTENING_MS);
        return one.seek(SHARE);
      }),
  };
  const times = await rounds(turns, count, (turn) => turn());
  // What is there already is no measure of a network.
  if (Math.max(...had) >= SHARE) throw new Error(`the listener had ${Math.max(...had)} of the song before it sought`);
  const key = prefix(format);
  return {
    [`lab_${key}seek_ms`]: median(times.kadenza),
    [`lab_${key}seek_http_ms`]: median(times.http),
    [`lab_${key}seek_ms_all`]: times,
    [`lab_${key}seek_shares_before`]: had,
  };
};
