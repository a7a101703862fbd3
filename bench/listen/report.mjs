// The bars that figures are held to, and what is missed.

import { medians } from "../webrtc/rounds.mjs";

export const DOWNLOAD_LEAST = 0.92;

/** What each figure has to be at the most or the least, and what measures it; in the order in which they are printed. */
export const BARS = {
  mp3_sound_over_http: { by: "start_mp3", most: 1.5 },
  mp3_sound_over_tuned: { by: "start_mp3", most: 0.5 },
  flac_sound_over_http: { by: "start_flac", most: 2 },
  flac_sound_over_tuned: { by: "start_flac", most: 0.5 },
  link_sound_over_tuned: { by: "link", most: 1 },
  prefetched_over_http: { by: "prefetched", most: 1 },
  download_over_raw: { by: "download", least: DOWNLOAD_LEAST },
  download_cpu_over_tuned: { by: "download", most: 1 },
  copies_per_listener: { by: "swarm", most: 0.3 },
  listeners_sound_s: { by: "swarm", most: 1 },
  swarm_over_tuned: { by: "swarm", most: 0.8 },
  limited_uplink_over_ideal: { by: "uplink", most: 1.2 },
  upload_limit_over_set: { by: "uplink", most: 1.05 },
  seek_mp3_over_http: { by: "seek_mp3", most: 1.3 },
  seek_flac_over_http: { by: "seek_flac", most: 1.3 },
  seek_webm_over_http: { by: "seek_webm", most: 1.3 },
  uploader_closed_gap_s: { by: "closing", most: 0 },
  stutter_share: { by: "crash", most: 0.005 },
  polluted_bad_bytes: { by: "polluted", most: 0 },
  polluted_start_over_clean: { by: "polluted", most: 2 },
  relay_share: { by: "zipf", most: 0.1 },
  flac_200mb_extra_heap_mb: { by: "large", most: 64 },
};

/**
 * The figures with those first that have a bar, and `missed`: each of those that is not as it should be, or not there
 * although what measures it is one of `only`.
 */
export function report(figures, only, bars = BARS) {
  const held = Object.entries(bars).filter(([, { by }]) => only.includes(by));
  const first = Object.fromEntries(held.map(([key]) => [key, figures[key] ?? null]));
  const missed = held.flatMap(([key, { most, least }]) => {
    const figure = first[key];
    if (figure !== null && (most === undefined ? figure >= least : figure <= most)) return [];
    return [{ key, figure, ...(most === undefined ? { least } : { most }) }];
  });
  return { ...first, missed, ...Object.fromEntries(Object.entries(figures).filter(([key]) => !(key in first))) };
}

/** Medians in seconds of times in milliseconds. */
export const seconds = (times) =>
  medians(Object.fromEntries(Object.entries(times).map(([name, all]) => [name, all.map((ms) => ms / 1000)])));
