// From a click to sound, with nothing of the song there before.

import { over, rounds, say } from "../webrtc/rounds.mjs";
import { within } from "./contenders/scene.mjs";
import { seconds } from "./report.mjs";

/** By format: how much longer than the web server, and as what share of WebTorrent's time. */
const LIMITS = { mp3: [1.5, 0.5], flac: [2, 0.5] };

export const start = (format) => async ({ contenders, songs }, { rounds: count }) => {
  const { kadenza, http, tuned, shipped } = contenders;
  say(`click to sound, ${format}`);
  const turn = (contender) => within(contender, { song: songs[format] }, ({ listeners: [one] }) => one.play());
  const times = await rounds({ http, kadenza, tuned, shipped }, count, turn);
  const values = seconds(times);
  const [overHttp, overTuned] = LIMITS[format];
  const most = Math.min(overHttp * values.http, overTuned * values.tuned);
  return {
    figures: {
      [`${format}_sound_over_http`]: over(times.kadenza, times.http),
      [`${format}_sound_over_tuned`]: over(times.kadenza, times.tuned),
      [`${format}_sound_s`]: values,
      [`${format}_sound_ms_all`]: times,
    },
    plots: [{ label: `Click to sound, ${format.toUpperCase()}`, unit: "s", values, most }],
  };
};
