// From a click to sound, with nothing of the song there before.

import { over, rounds, say } from "../webrtc/rounds.mjs";
import { within } from "./contenders/scene.mjs";
import { seconds } from "./report.mjs";

const FORMATS = ["mp3", "flac"];

/** How much longer than the web server, and as what share of WebTorrent's time. */
const LIMITS = { mp3: [1.5, 0.5], flac: [2, 0.5] };

export async function start({ contenders: { kadenza, http, tuned, shipped }, songs }, { rounds: count }) {
  const figures = {};
  const plots = [];
  for (const format of FORMATS) {
    say(`click to sound, ${format}`);
    const turn = (contender) => within(contender, { song: songs[format] }, ({ listeners: [one] }) => one.play());
    const times = await rounds({ http, kadenza, tuned, shipped }, count, turn);
    figures[`${format}_sound_over_http`] = over(times.kadenza, times.http);
    figures[`${format}_sound_over_tuned`] = over(times.kadenza, times.tuned);
    const values = seconds(times);
    figures[`${format}_sound_s`] = values;
    const [overHttp, overTuned] = LIMITS[format];
    const most = Math.min(overHttp * values.http, overTuned * values.tuned);
    plots.push({ label: `Click to sound, ${format.toUpperCase()}`, unit: "s", values, most });
  }
  return { figures, plots };
}
