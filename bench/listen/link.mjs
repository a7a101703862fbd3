// From opening a link in a new tab of somebody new to sound, everything the page has to load included.

import { over, rounds, say } from "../webrtc/rounds.mjs";
import { seconds } from "./report.mjs";

export async function link({ contenders: { kadenza, http, tuned, shipped }, songs }, { rounds: count }) {
  say("link opened to sound");
  const times = await rounds({ http, kadenza, tuned, shipped }, count, (contender) => contender.link(songs.mp3));
  const values = seconds(times);
  return {
    figures: { link_sound_over_tuned: over(times.kadenza, times.tuned), link_sound_s: values },
    plots: [{ label: "Link opened to sound", unit: "s", values, most: values.tuned }],
  };
}
