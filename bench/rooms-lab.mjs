// Measures how near to each other three tabs of a room play the same song behind home routers, a round trip of 80 ms from
// each other and from the relay. Progress goes to stderr; the last line of stdout is one JSON object. Runs on the pretend
// internet's public host, where `cargo xtask` starts it and does what it asks of the lab.
//
//   cargo xtask bench rooms --lab
//
// Environment: SECONDS to play; KADENZA_RELAY, a relay that is built already.

import { loadavg } from "node:os";
import { setTimeout as pause } from "node:timers/promises";

import { Lab } from "../tests/nat/lab.mjs";
import { RoomTab } from "../tests/support/room.mjs";
import { eventually } from "../tests/support/wait.mjs";
import { LINE, Stand } from "./listen/lab/stand.mjs";
import { longSongs } from "./listen/media.mjs";
import { apart, clock, quantile, watch } from "./rooms/step.mjs";
import { median, missed, rounded, say } from "./webrtc/rounds.mjs";

const SECONDS = Number(process.env.SECONDS ?? 60);
const ROUND_TRIP_MS = 80;
const P95_MS_MAX = 100;

/** Who is where. */
const NAMES = { a: "Mira", b: "Ben", c: "Cleo" };

async function measure(stand, { relay, keep }, song) {
  const tabs = [];
  for (const [site, name] of Object.entries(NAMES)) {
    const person = await stand.person(site);
    await person.addInitScript(watch);
    const hash = tabs[0]?.hash;
    const tab = keep(
      hash
        ? await RoomTab.enter(person, relay, hash, { me: name })
        : await RoomTab.create(person, relay, { room: "Far", me: name }),
    );
    if (!hash) await tab.upload(song);
    await tab.playButton(song.tags.title).waitFor({ timeout: 60_000 });
    await tab.join();
    tabs.push(tab);
  }
  const [mira] = tabs;
  await mira.addToQueue(song.tags.title);
  await mira.room.getByRole("button", { name: `Play now: ${song.tags.title}` }).click();
  const begun = clock();
  await eventually(
    "all are in step",
    async () => {
      const drifts = await apart(tabs, clock() - 400, clock());
      return drifts.length > 0 && Math.max(...drifts) < P95_MS_MAX;
    },
    { within: 60_000 },
  );
  const settled = clock();
  say(`in step after ${(settled - begun).toFixed(0)} ms`);
  await pause(SECONDS * 1000);
  return { drifts: await apart(tabs, settled, clock()), in_step_after_ms: settled - begun };
}

const lab = await Lab.enter();
const songs = await longSongs();
const stand = await Stand.open(lab);
await lab.roundTrip(ROUND_TRIP_MS);
const load = loadavg();
try {
  const { drifts, in_step_after_ms } = await stand.round([], (round) => measure(stand, round, songs.mp3));
  const figures = {
    lab_drift_median_ms: median(drifts),
    lab_drift_p95_ms: quantile(drifts, 0.95),
    lab_drift_max_ms: Math.max(...drifts),
  };
  const result = {
    ...figures,
    missed: missed(figures, { lab_drift_p95_ms: P95_MS_MAX }),
    in_step_after_ms,
    samples: drifts.length,
    lab: { round_trip_ms: ROUND_TRIP_MS, bits_per_second: LINE },
    load_before: load,
    load_after: loadavg(),
  };
  say("done");
  console.log(JSON.stringify(rounded(result)));
} finally {
  await stand.close();
  lab.leave();
}
