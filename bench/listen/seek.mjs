// From a seek to sound over a slow link.

import { setTimeout as pause } from "node:timers/promises";

import { over, rounds, say } from "../webrtc/rounds.mjs";
import { within } from "./contenders/scene.mjs";
import { seconds } from "./report.mjs";

/** Bytes a second. */
const LINKS = { mp3: 250_000, flac: 1_000_000, webm: 100_000 };

const LISTENING_MS = 1500;
const SHARE = 0.75;
const ROUNDS_MAX = 3;

export async function seek({ contenders: { kadenza, http, tuned }, songs }, { rounds: count }) {
  const figures = {};
  const plots = [];
  for (const [format, uplink] of Object.entries(LINKS)) {
    say(`seek, ${format} at ${uplink / 1000} kB/s`);
    const turn = (contender) =>
      within(contender, { song: songs[format], uplink }, async ({ listeners: [one] }) => {
        await one.play();
        await pause(LISTENING_MS);
        return one.seek(SHARE);
      });
    const times = await rounds({ http, kadenza }, Math.min(count, ROUNDS_MAX), turn);
    figures[`seek_${format}_over_http`] = over(times.kadenza, times.http);
    const values = seconds({ ...times, ...(await rounds({ tuned }, 1, turn)) });
    figures[`seek_${format}_s`] = values;
    const label = `Seek on a slow link, ${format === "webm" ? "WebM" : format.toUpperCase()}`;
    plots.push({ label, unit: "s", values, most: 1.3 * values.http });
  }
  return { figures, plots };
}
