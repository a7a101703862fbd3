// Measures listening on hosts 40 ms apart, each behind a home router with 20 Mbit/s: start-up, seeking, and sources that
// die. Progress goes to stderr; the last line of stdout is one JSON object: first the figures that have a bar, then which
// of them are missed, then what they come from. Runs on the pretend internet's public host, where `cargo xtask` starts it
// and does what it asks of the lab.
//
//   cargo xtask bench listen --lab
//
// Environment: ONLY, the names of some of the figures below; ROUNDS of each; KADENZA_RELAY, a relay that is built already.
// WARM=1 goes on where a listener had some of the song before the click.

import { cpus, loadavg } from "node:os";

import { Lab } from "../tests/nat/lab.mjs";
import { died } from "./listen/lab/died.mjs";
import { seek } from "./listen/lab/seek.mjs";
import { LINE, Stand } from "./listen/lab/stand.mjs";
import { start } from "./listen/lab/start.mjs";
import { longSongs } from "./listen/media.mjs";
import { report } from "./listen/report.mjs";
import { rounded, say } from "./webrtc/rounds.mjs";

/** What is measured, in this order. */
const ALL = {
  start_mp3: start("mp3"),
  start_flac: start("flac"),
  seek_mp3: seek("mp3"),
  seek_flac: seek("flac"),
  killed_relay: died({ how: "killed", other: "relay" }),
  killed_tab: died({ how: "killed", other: "tab" }),
  unplugged_relay: died({ how: "unplugged", other: "relay" }),
};

/** What figures have to be at the most, and what measures them. */
const BARS = {
  lab_sound_ms: { by: "start_mp3", most: 400 },
  lab_flac_sound_ms: { by: "start_flac", most: 400 },
  lab_killed_gap_s: { by: "killed_relay", most: 0 },
  lab_killed_tab_gap_s: { by: "killed_tab", most: 0 },
  lab_unplugged_gap_s: { by: "unplugged_relay", most: 0 },
};

/** The names that begin with this one: `seek` is both of them. */
const named = (wanted) => Object.keys(ALL).filter((name) => name === wanted || name.startsWith(`${wanted}_`));

const options = {
  only: process.env.ONLY?.split(",").flatMap(named) ?? Object.keys(ALL),
  rounds: Number(process.env.ROUNDS ?? 5),
  warm: Boolean(process.env.WARM),
};
if (options.only.length === 0) throw new Error(`ONLY may name ${Object.keys(ALL).join(", ")}`);

const begun = performance.now();
const load = loadavg();
const lab = await Lab.enter();
say("making the songs");
const songs = await longSongs();
const stand = await Stand.open(lab);
const figures = {};
const failures = {};
try {
  await stand.warm(songs.mp3);
  for (const name of options.only) {
    try {
      const measured = await ALL[name]({ stand, songs }, options);
      Object.assign(figures, measured);
      say(JSON.stringify(rounded(measured)));
    } catch (error) {
      // What fails says so in the end, and does not keep the others from being measured.
      failures[name] = String(error.message ?? error).split("\n")[0];
      say(`${name} failed: ${error.stack ?? error}`);
    }
  }
  const result = {
    ...report(figures, options.only, BARS),
    failures,
    options,
    lab: { round_trip_ms: Lab.ROUND_TRIP_MS, bits_per_second: LINE },
    machine: { cpus: cpus().length, cpu: cpus()[0]?.model, load_before: load, load_after: loadavg() },
    chromium: stand.version,
    seconds: (performance.now() - begun) / 1000,
  };
  say("done");
  console.log(JSON.stringify(rounded(result)));
} finally {
  await stand.close();
  lab.leave();
}
