// One tab behind a slow uplink has a song, and four want it: the least there can be is the time of one copy.

import { median, rounds, say } from "../webrtc/rounds.mjs";
import { within } from "./contenders/scene.mjs";
import { heldTo, sending } from "./inside.mjs";
import { crowd } from "./swarm.mjs";

const LISTENERS = 4;
const UPLINK = 500_000;
const ROUNDS_MAX = 2;

export async function uplink({ contenders: { kadenza, tuned }, songs: { webm } }, { rounds: count }) {
  say(`${LISTENERS} listeners, an uplink of ${UPLINK / 1000} kB/s`);
  const ideal = webm.size / UPLINK;
  const turn = (contender) =>
    within(contender, { song: webm, listeners: LISTENERS, uplink: UPLINK }, async (scene) => {
      const act = () => crowd(scene, webm.size);
      if (contender !== kadenza) return act();
      const rate = await sending(scene.uploader.page);
      const taken = await heldTo(UPLINK, scene.uploader.page, act);
      return { ...taken, rate: await rate() };
    });
  const ours = (await rounds({ kadenza }, Math.min(count, ROUNDS_MAX), turn)).kadenza;
  // It takes half a minute, and is only there to look at.
  const [theirs] = (await rounds({ tuned }, 1, turn)).tuned;
  const values = { kadenza: median(ours.map(({ seconds }) => seconds)), tuned: theirs.seconds };
  return {
    figures: {
      limited_uplink_over_ideal: values.kadenza / ideal,
      upload_limit_over_set: Math.max(...ours.map(({ rate }) => rate)) / UPLINK,
      limited_uplink_tuned_over_ideal: values.tuned / ideal,
      limited_uplink_s: values,
      limited_uplink_ideal_s: ideal,
      limited_uplink_copies_per_listener: median(ours.map(({ copies }) => copies)),
    },
    plots: [{ label: "Four listeners, uplink 500 kB/s", unit: "s", values, most: 1.2 * ideal }],
  };
}
