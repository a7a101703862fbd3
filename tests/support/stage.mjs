// What every test file begins with: a browser, a folder of songs, and all of it put away afterwards.

import { after, before } from "node:test";

import { Browser } from "./browser.mjs";
import { Relay } from "./relay.mjs";
import { Songs } from "./songs.mjs";

/**
 * Returns an object that holds `browser` and `songs` while the file's tests run. `prepare` is called with it
 * before the first of them.
 */
export function stage(prepare = async () => {}) {
  const held = {
    relays: [],
    /** Starts a relay that is removed after the last test. */
    async relay(options) {
      const relay = await Relay.start(options);
      held.relays.push(relay);
      return relay;
    },
  };
  before(async () => {
    held.browser = await Browser.open();
    held.songs = await Songs.open();
    await prepare(held);
  });
  after(async () => {
    await held.browser?.close();
    await Promise.all(held.relays.map((relay) => relay.remove()));
    await held.songs?.remove();
  });
  return held;
}

/** Every test has to end; a browser that hangs would keep all the others waiting. */
export const LIMIT = { timeout: 120_000 };
