// Round trips on a stream that is there, and what a new stream costs.

import { median, medians, over, rounds, say } from "./rounds.mjs";

/** In each round; its median is the round's figure. */
const PINGS = 200;
const OPENS = 50;

export async function pings(contenders, count) {
  say("pings on a held stream");
  const times = await rounds(contenders, count, async (contender) => median(await contender.pings(PINGS)));
  return {
    ...medians(times),
    rust_over_raw: over(times.rust, times.raw),
    js_over_raw: over(times.js, times.raw),
    all: times,
  };
}

/** From asking for a stream to the first byte that comes back on it. */
export async function opens(pairs, count) {
  say("opening streams");
  const times = await rounds(pairs, count, async (pair) => median(await pair.streamOpens(OPENS)));
  return { ...medians(times), rust_over_js: over(times.rust, times.js), all: times };
}
