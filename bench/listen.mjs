// Measures listening: Kadenza next to a plain web server, to WebTorrent from npm as it ships and tuned, and to a bare
// RTCDataChannel, in one run of one Chromium. Progress goes to stderr; the last line of stdout is one JSON object: first
// the figures that have a bar, then which of them are missed, then what they come from.
//
//   cargo xtask bench listen
//
// Environment: ONLY, the names of some of the figures below; ROUNDS of each comparison; CRASHES; TABS, SONGS and PLAYS of
// the figure `zipf`. WARM=1 goes on where a listener had some of the song before the click.

import { writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";

import { Browser } from "../tests/support/browser.mjs";
import { closing } from "./listen/closing.mjs";
import { Http } from "./listen/contenders/http.mjs";
import { Kadenza } from "./listen/contenders/kadenza.mjs";
import { Raw } from "./listen/contenders/raw.mjs";
import { FLAGS, within } from "./listen/contenders/scene.mjs";
import { Tracker, WebTorrent } from "./listen/contenders/webtorrent.mjs";
import { crash } from "./listen/crash.mjs";
import { download } from "./listen/download.mjs";
import { large } from "./listen/large.mjs";
import { link } from "./listen/link.mjs";
import { longSongs } from "./listen/media.mjs";
import { about, svg } from "./listen/plot.mjs";
import { polluted } from "./listen/polluted.mjs";
import { prefetched } from "./listen/prefetched.mjs";
import { report } from "./listen/report.mjs";
import { seek } from "./listen/seek.mjs";
import { start } from "./listen/start.mjs";
import { swarm } from "./listen/swarm.mjs";
import { uplink } from "./listen/uplink.mjs";
import { versions } from "./listen/versions.mjs";
import { Web } from "./listen/web.mjs";
import { zipf } from "./listen/zipf.mjs";
import { rounded, say } from "./webrtc/rounds.mjs";

const PLOT = fileURLToPath(new URL("../docs/listen.svg", import.meta.url));

/** What is measured, in this order. */
const ALL = {
  start_mp3: start("mp3"),
  start_flac: start("flac"),
  link,
  prefetched,
  download,
  swarm,
  uplink,
  seek_mp3: seek("mp3"),
  seek_flac: seek("flac"),
  seek_webm: seek("webm"),
  closing,
  crash,
  zipf,
  large,
  polluted,
};

/** The names that begin with this one: `seek` is all three of them. */
const named = (wanted) => Object.keys(ALL).filter((name) => name === wanted || name.startsWith(`${wanted}_`));

const option = (name, otherwise) => Number(process.env[name] ?? otherwise);

const options = {
  only: process.env.ONLY?.split(",").flatMap(named) ?? Object.keys(ALL),
  rounds: option("ROUNDS", 5),
  crashes: option("CRASHES", 200),
  tabs: option("TABS", 20),
  songs: option("SONGS", 100),
  plays: option("PLAYS", 10),
  warm: Boolean(process.env.WARM),
};

/** The first sound of a browser takes longer than all others, whoever makes it. */
async function warm({ contenders: { http }, songs }) {
  await within(http, { song: songs.mp3 }, ({ listeners: [one] }) => one.play());
}

/** Measures all that is asked for. What fails says so in the end, and does not keep the others from being measured. */
async function measure(place) {
  await warm(place);
  const figures = {};
  const plots = [];
  const failures = {};
  for (const name of options.only) {
    try {
      const measured = await ALL[name](place, options);
      Object.assign(figures, measured.figures);
      plots.push(...measured.plots);
      say(JSON.stringify(rounded(measured.figures)));
    } catch (error) {
      failures[name] = String(error.message ?? error).split("\n")[0];
      say(`${name} failed: ${error.stack ?? error}`);
    }
  }
  return { figures, plots, failures };
}

if (options.only.length === 0) throw new Error(`ONLY may name ${Object.keys(ALL).join(", ")}`);
const begun = performance.now();
const load = loadavg();
say("making the songs");
const songs = await longSongs();
const web = await Web.open();
const tracker = await Tracker.open();
const browser = await Browser.open({ flags: FLAGS });
try {
  const stand = { browser, web, tracker };
  const contenders = {
    kadenza: new Kadenza(stand),
    http: new Http(stand),
    tuned: new WebTorrent(stand, { tuned: true }),
    shipped: new WebTorrent(stand, { tuned: false }),
    raw: new Raw(stand),
  };
  const { figures, plots, failures } = await measure({ ...stand, songs, contenders });
  const everything = options.only.length === Object.keys(ALL).length;
  const machine = { cpus: cpus().length, cpu: cpus()[0]?.model, load_before: load, load_after: loadavg() };
  const version = browser.chromium.version();
  const result = {
    ...report(figures, options.only),
    failures,
    options,
    song_bytes: Object.fromEntries(Object.entries(songs).map(([name, { size }]) => [name, size])),
    machine,
    versions: { ...(await versions()), chromium: version },
    plots,
    seconds: (performance.now() - begun) / 1000,
  };
  say("done");
  console.log(JSON.stringify(rounded(result)));
  // Figures that cannot be drawn are figures. A part of them is no picture of the whole: `bench/plot.mjs` draws several runs.
  if (everything || process.env.PLOT) await writeFile(process.env.PLOT ?? PLOT, svg(plots, about(result)));
} finally {
  await browser.close();
  tracker.close();
  web.close();
}
