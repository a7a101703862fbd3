// From a click to sound, with nothing of the song there before: the one who has it is behind another router, and the relay
// keeps nothing.

import { median, rounds, say } from "../../webrtc/rounds.mjs";
import { within } from "../contenders/scene.mjs";
import { prefix } from "./stand.mjs";

export const start = (format) => async ({ stand, songs }, { rounds: count }) => {
  say(`lab: click to sound, ${format}`);
  const song = songs[format];
  const came = [];
  const turns = {
    kadenza: () =>
      stand.cold(song, async (listener) => {
        const counted = await stand.counting();
        const taken = await listener.play();
        came.push(await counted());
        return taken;
      }),
    http: async () => within(await stand.http(), { song }, ({ listeners: [one] }) => one.play()),
  };
  const times = await rounds(turns, count, (turn) => turn());
  const key = prefix(format);
  return {
    [`lab_${key}sound_ms`]: median(times.kadenza),
    [`lab_${key}sound_http_ms`]: median(times.http),
    [`lab_${key}sound_ms_all`]: times,
    [`lab_${key}sound_bytes_from`]: came,
  };
};
