// One tab has a song, and six want it at the same moment.

import { median, over, rounds, say } from "../webrtc/rounds.mjs";
import { within } from "./contenders/scene.mjs";
import { traffic } from "./inside.mjs";

const LISTENERS = 6;

/** Seven tabs at once are measured this often at the most. */
const ROUNDS_MAX = 3;

/** Everybody begins at once; how that went. Also for swarms of another kind. */
export async function crowd({ uploader, listeners }, size) {
  const before = (await traffic(uploader.page)).sent;
  const begun = performance.now();
  const sounds = await Promise.all(listeners.map((listener) => listener.join()));
  // Those that do not play make no sound.
  const sound = sounds.every(Number.isFinite) ? Math.max(...sounds) / 1000 : null;
  await Promise.all(listeners.map((listener) => listener.whole()));
  const taken = (performance.now() - begun) / 1000;
  const sent = (await traffic(uploader.page)).sent - before;
  return { seconds: taken, sent, copies: sent / size / listeners.length, sound };
}

export async function swarm({ contenders: { kadenza, tuned }, songs: { mp3 } }, { rounds: count }) {
  say(`${LISTENERS} listeners at once`);
  const turn = (contender) =>
    within(contender, { song: mp3, listeners: LISTENERS }, (scene) => crowd(scene, mp3.size));
  const all = await rounds({ kadenza, tuned }, Math.min(count, ROUNDS_MAX), turn);
  const of = (figure, name) => all[name].map((one) => one[figure]);
  const both = (figure) => ({ kadenza: median(of(figure, "kadenza")), tuned: median(of(figure, "tuned")) });
  const [times, copies] = [both("seconds"), both("copies")];
  return {
    figures: {
      copies_per_listener: copies.kadenza,
      listeners_sound_s: median(of("sound", "kadenza")),
      swarm_over_tuned: over(of("seconds", "kadenza"), of("seconds", "tuned")),
      swarm_copies_per_listener: copies,
      swarm_complete_s: times,
      swarm_all: all,
    },
    plots: [
      { label: "Six listeners: copies sent, each", unit: "", values: copies, most: 0.3 },
      { label: "Six listeners: all complete", unit: "s", values: times, most: 0.8 * times.tuned },
    ],
  };
}
