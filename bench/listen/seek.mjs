// From a seek to sound over a slow link.

import { setTimeout as pause } from "node:timers/promises";

import { over, rounds, say } from "../webrtc/rounds.mjs";
import { within } from "./contenders/scene.mjs";
import { heldTo } from "./inside.mjs";
import { seconds } from "./report.mjs";

/** Bytes a second. */
const LINKS = { mp3: 250_000, flac: 1_000_000, webm: 100_000 };

const NAMES = { mp3: "MP3", flac: "FLAC", webm: "WebM" };

const LISTENING_MS = 1500;
const SHARE = 0.75;
const ROUNDS_MAX = 3;

export const seek = (format) => async ({ contenders, songs }, { rounds: count }) => {
  const { kadenza, http, shipped } = contenders;
  const uplink = LINKS[format];
  say(`seek, ${format} at ${uplink / 1000} kB/s`);
  const turn = (contender) =>
    within(contender, { song: songs[format], uplink }, ({ uploader, listeners: [one] }) => {
      const act = async () => {
        await one.play();
        await pause(LISTENING_MS);
        return one.seek(SHARE);
      };
      return contender === kadenza ? heldTo(uplink, uploader.page, act) : act();
    });
  const times = await rounds({ http, kadenza }, Math.min(count, ROUNDS_MAX), turn);
  // As it ships: large pieces are no good on a slow link.
  const values = seconds({ ...times, ...(await rounds({ shipped }, 1, turn)) });
  return {
    figures: {
      [`seek_${format}_over_http`]: over(times.kadenza, times.http),
      [`seek_${format}_s`]: values,
      [`seek_${format}_ms_all`]: times,
    },
    plots: [{ label: `Seek on a slow link, ${NAMES[format]}`, unit: "s", values, most: 1.3 * values.http }],
  };
};
