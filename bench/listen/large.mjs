// A FLAC of 200 MB passes through tabs: from a person's disk into the network, and out of the network into another tab,
// which plays it and keeps it. How much more memory does each tab have in use meanwhile?

import { Tab } from "../../tests/support/browser.mjs";
import { Relay } from "../../tests/support/relay.mjs";
import { say } from "../webrtc/rounds.mjs";
import { KEEPS_NOTHING } from "./contenders/kadenza.mjs";
import { person } from "./contenders/scene.mjs";
import { Heap } from "./heap.mjs";
import { largeSong } from "./media.mjs";

const UPLOADED_WITHIN_MS = 120_000;

export async function large({ browser, contenders: { kadenza } }) {
  say("a FLAC of 200 MB");
  const song = await largeSong();
  const heaps = {
    with_waste: await passing(browser, kadenza, song, { collects: false }),
    live: await passing(browser, kadenza, song, { collects: true }),
  };
  const most = (all) => Math.max(...Object.values(all).map(({ extra_mb }) => extra_mb));
  return {
    figures: {
      flac_200mb_extra_heap_mb: most(heaps.with_waste),
      flac_200mb_extra_live_heap_mb: most(heaps.live),
      flac_200mb_bytes: song.size,
      flac_200mb_heaps: heaps,
    },
    plots: [],
  };
}

/** Heaps of the tab that uploads, of the same while it serves, and of the one that listens. */
async function passing(browser, kadenza, song, how) {
  const relay = await Relay.start({ flags: KEEPS_NOTHING });
  const tabs = [];
  try {
    const uploader = await Tab.open(await person(browser), `${relay.url}/?prefetch=off`);
    tabs.push(uploader);
    await uploader.served();
    const [uploaded] = await watched(browser, [uploader], how, async () => {
      await uploader.pick(song);
      await uploader.shows(new RegExp(`Added ${song.tags.title}`), { within: UPLOADED_WITHIN_MS });
    });
    const listener = await kadenza.listener(relay, [song]);
    tabs.push(listener.tab);
    const [served, listened] = await watched(browser, [uploader, listener], how, async () => {
      await listener.join();
      await listener.whole();
    });
    return { uploaded, served, listened };
  } finally {
    await Promise.all(tabs.map((tab) => tab.person.close()));
    await relay.remove();
  }
}

/** The heaps of tabs while something is done in them, and how long that took. */
async function watched(browser, tabs, how, act) {
  const heaps = await Promise.all(tabs.map(({ page }) => Heap.watch(browser, page, how)));
  const begun = performance.now();
  await act();
  const seconds = (performance.now() - begun) / 1000;
  return Promise.all(heaps.map(async (heap) => ({ seconds, ...(await heap.stop()) })));
}
