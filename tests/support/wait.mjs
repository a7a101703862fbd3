// Waiting for things to become true.

import { setTimeout as pause } from "node:timers/promises";

const LOOK_EVERY_MS = 100;

/**
 * Waits until `probe` returns something truthy, and returns that. `what` completes "… did not happen".
 * A probe that throws is asked again; its last error is part of the failure.
 */
export async function eventually(what, probe, { within = 20_000 } = {}) {
  const deadline = Date.now() + within;
  let last;
  while (Date.now() < deadline) {
    try {
      last = await probe();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    await pause(LOOK_EVERY_MS);
  }
  throw new Error(`within ${within} ms it did not happen that ${what}; the last answer was ${last}`);
}
