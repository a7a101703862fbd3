// One tab behind a slow uplink has a song, and four want it: the least there can be is the time of one copy.

import { median, rounds, say } from "../webrtc/rounds.mjs";
import { within } from "./contenders/scene.mjs";
import { crowd } from "./swarm.mjs";

const LISTENERS = 4;
const UPLINK = 500_000;
const ROUNDS_MAX = 2;

/** An uplink counts as kept if no more than this was sent of what it allows. */
const KEPT = 1.05;

export async function uplink({ contenders: { kadenza, tuned }, songs: { webm } }, { rounds: count }) {
  say(`${LISTENERS} listeners, an uplink of ${UPLINK / 1000} kB/s`);
  const ideal = webm.size / UPLINK;
  const turn = (contender) =>
    within(contender, { song: webm, listeners: LISTENERS, uplink: UPLINK }, (scene) => crowd(scene, webm.size));
  const ours = (await rounds({ kadenza }, Math.min(count, ROUNDS_MAX), turn)).kadenza;
  // It takes half a minute, and is only there to look at.
  const [theirs] = (await rounds({ tuned }, 1, turn)).tuned;
  const used = Math.max(...ours.map(({ sent, seconds }) => sent / (seconds * UPLINK)));
  if (used > KEPT) throw new Error(`the limit of the uplink was not kept: ${used.toFixed(2)} times as much was sent`);
  const values = { kadenza: median(ours.map(({ seconds }) => seconds)), tuned: theirs.seconds };
  return {
    figures: {
      limited_uplink_over_ideal: values.kadenza / ideal,
      limited_uplink_tuned_over_ideal: values.tuned / ideal,
      limited_uplink_s: values,
      limited_uplink_ideal_s: ideal,
      limited_uplink_copies_per_listener: median(ours.map(({ copies }) => copies)),
      limited_uplink_used: used,
    },
    plots: [{ label: "Four listeners, uplink 500 kB/s", unit: "s", values, most: 1.2 * ideal }],
  };
}
