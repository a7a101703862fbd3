// Twenty tabs play a hundred songs, a few of them often and most seldom: how much of it comes from the relay?

import { setTimeout as pause } from "node:timers/promises";

import { freePort, Relay } from "../../tests/support/relay.mjs";
import { SlowLine } from "../../tests/support/proxy.mjs";
import { Tab } from "../../tests/support/browser.mjs";
import { median, say } from "../webrtc/rounds.mjs";
import { ids } from "./contenders/kadenza.mjs";
import { person } from "./contenders/scene.mjs";
import { traffic } from "./inside.mjs";
import { shortSongs } from "./media.mjs";

/** As long as the time there is for this figure allows; most songs are several times as long. */
const SECONDS = 30;
const KILOBITS = 160;

/** Between the sound and the next choice: the song is heard to its end. */
const LISTENING_MS = SECONDS * 1000;

/** Copies of what was uploaded are made when less than this comes from the relay, in bytes a second, and not counted. */
const QUIET = 30_000;
const SETTLED_MS = 5000;
const SETTLED_WITHIN_MS = 180_000;

/**
 * So many of the tabs bring the songs, and the others come when these are in: uploads that twenty tabs on two cores look
 * at take minutes.
 */
const UPLOADERS = 5;

/** Tabs that are opened or upload at the same time: two cores are busy with one. */
const AT_ONCE = 1;
const UPLOADED_WITHIN_MS = 120_000;

/** No song is begun later than this, however few each tab has played by then; how many it were is one of the figures. */
const PLAYING_MS = 300_000;

export async function zipf({ browser, contenders: { kadenza } }, { tabs: tabCount, songs: songCount, plays }) {
  say(`${tabCount} tabs play ${songCount} songs by popularity`);
  const songs = await shortSongs("Zipf", songCount, SECONDS, KILOBITS);
  const port = await freePort();
  // All that comes from the relay passes here, whatever it is: the page's own account could leave something out.
  const relay = await Relay.start({ flags: ["--public", `http://127.0.0.1:${port}`] });
  const line = await SlowLine.open(port, relay.port);
  const tabs = [];
  try {
    const opened = async () => {
      const tab = await Tab.open(await person(browser), `http://127.0.0.1:${port}`);
      tabs.push(tab);
      await tab.served();
      return tab;
    };
    const uploaders = Math.min(UPLOADERS, tabCount);
    await inTurns(Array.from({ length: uploaders }), async (_, i) => {
      const tab = await opened();
      const own = songs.filter((_, j) => j % uploaders === i);
      await tab.pick(...own);
      for (const { tags } of own) await tab.shows(new RegExp(`Added ${tags.title}`), { within: UPLOADED_WITHIN_MS });
    });
    say("every song is uploaded");
    await inTurns(Array.from({ length: tabCount - uploaders }), opened);
    say("everybody is there");
    // What tabs and relay say to each other while nobody does anything is no share of the songs, and yet it counts.
    const idlePerSecond = await settled(line);
    const known = await ids(relay, songs);
    const begun = performance.now();
    const before = { relay: line.passed, tabs: await received(tabs) };
    const starts = [];
    await Promise.all(
      tabs.map(async (tab) => {
        let song;
        // People do not all begin at the same moment.
        await pause(Math.random() * LISTENING_MS);
        for (let i = 0; i < plays && performance.now() - begun < PLAYING_MS; i += 1) {
          song = another(songs, song);
          const playing = kadenza.listed(tab, relay, [song], known).then((listener) => listener.play());
          starts.push(await playing.catch((error) => ({ error: String(error) })));
          await pause(LISTENING_MS);
        }
      }),
    );
    const seconds = (performance.now() - begun) / 1000;
    const sounds = starts.filter((start) => !start.error);
    say(`${starts.length} plays took ${seconds.toFixed(0)} s`);
    const fromRelay = line.passed - before.relay;
    const fromTabs = (await received(tabs)) - before.tabs;
    return {
      figures: {
        relay_share: fromRelay / (fromRelay + fromTabs),
        relay_share_bytes: { relay: fromRelay, tabs: fromTabs, relay_if_idle: idlePerSecond * seconds },
        relay_share_plays: starts.length,
        relay_share_seconds: seconds,
        relay_share_sound_ms: sounds.length > 0 ? median(sounds) : null,
        relay_share_failures: starts.filter((start) => start.error),
      },
      plots: [],
    };
  } finally {
    await Promise.all(tabs.map((tab) => tab.person.close()));
    line.close();
    await relay.remove();
  }
}

/** Waits until copies are made; what comes from the relay then, in bytes a second. */
async function settled(line) {
  const deadline = performance.now() + SETTLED_WITHIN_MS;
  for (;;) {
    const before = line.passed;
    await pause(SETTLED_MS);
    const perSecond = ((line.passed - before) / SETTLED_MS) * 1000;
    if (perSecond < QUIET) return perSecond;
    if (performance.now() > deadline) throw new Error(`${perSecond.toFixed(0)} bytes a second still come from the relay`);
  }
}

/** Does something for all, a few at a time. */
async function inTurns(all, act) {
  const waiting = [...all.entries()];
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await act(next[1], next[0]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

/** Bytes that tabs have received from each other. */
async function received(tabs) {
  const all = await Promise.all(tabs.map((tab) => traffic(tab.page)));
  return all.reduce((sum, { channels }) => sum + channels.received, 0);
}

/** The next song of somebody who likes each by Zipf's law, and has just heard `last`. */
function another(songs, last) {
  const choice = songs.map((song, i) => [song, 1 / (i + 1)]).filter(([song]) => song !== last);
  let rest = Math.random() * choice.reduce((sum, [, weight]) => sum + weight, 0);
  return (choice.find(([, weight]) => (rest -= weight) < 0) ?? choice[0])[0];
}
