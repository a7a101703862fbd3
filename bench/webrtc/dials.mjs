// Dials to a peer that there is no connection to, neither direct nor relayed.

import { spawn } from "node:child_process";
import { cpus } from "node:os";

import { medians, median, over, rounds, say } from "./rounds.mjs";

/** A dial that takes longer counts as failed. */
const DIAL_MS_MAX = 5000;

/** js-libp2p's share of the dials on a busy machine: each that fails takes 6 s or more. */
const JS_SHARE = 1 / 10;

/** Times to compare, each round with a dial of both that succeeded. */
export async function quietDials(pairs, count) {
  say(`dials, ${count} each`);
  const turn = async (pair) => {
    await pair.disconnect();
    return pair.connect();
  };
  const times = await rounds(pairs, count, turn);
  return { ...medians(times), rust_over_js: over(times.rust, times.js), all: times };
}

/** How many of the dials fail or take too long while every core has something else to do. */
export async function busyDials({ rust, js }, count) {
  say(`dials on a busy machine, ${count} and ${Math.ceil(count * JS_SHARE)}`);
  const others = cpus().map(() => spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }));
  try {
    return { rust: await dials(rust, count), js: await dials(js, Math.ceil(count * JS_SHARE)) };
  } finally {
    others.forEach((other) => other.kill("SIGKILL"));
  }
}

async function dials(pair, count) {
  const times = [];
  const reasons = [];
  for (let i = 0; i < count; i += 1) {
    await pair.disconnect();
    // In turn, since a relay slows down whoever asks for a circuit again and again.
    const ends = i % 2 ? [pair.to, pair.from] : [pair.from, pair.to];
    try {
      times.push(await pair.dial(ends));
    } catch (error) {
      reasons.push(String(error).split("\n")[0]);
    }
  }
  const slow = times.filter((took) => took > DIAL_MS_MAX).length;
  return {
    dials: count,
    failures: reasons.length + slow,
    median_ms: times.length > 0 ? median(times) : null,
    max_ms: times.length > 0 ? Math.max(...times) : null,
    reasons: [...new Set(reasons)],
  };
}
