// A relay that sends tabs yamux frames no honest peer sends: the connection ends, the tab does not.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { Tab } from "./support/browser.mjs";
import { HostileRelay } from "./support/hostile-relay.mjs";
import { stage } from "./support/stage.mjs";
import { eventually } from "./support/wait.mjs";

/** Every known frame, unread pings, and some random ones. */
const CONNECTIONS = 30;
/** They share the connections, so that it is over sooner. */
const TABS = 3;

/** What a page says when its program has come to an end. */
const PANIC = /panicked|unreachable|RuntimeError|recursive use|memory access/;

/** A tab that finds its relay again after each connection takes seconds for each. */
const LIMIT = { timeout: 240_000 };

let hostile;
const stand = stage(async (held) => (hostile = await HostileRelay.before(await held.relay())));
after(() => hostile?.close());

test("a tab outlives bad frames of its relay: it takes songs in, lists them and plays them", LIMIT, async () => {
  const tabs = [];
  for (let at = 0; at < TABS; at++) {
    const person = await stand.browser.person();
    const tab = new Tab(person, await person.newPage());
    await tab.page.goto(hostile.url);
    tabs.push(tab);
  }
  await eventually(
    `${CONNECTIONS} connections have got their frames`,
    () => {
      for (const { errors } of tabs) assert.deepEqual(errors.filter((error) => PANIC.test(error)), [], hostile.sent.at(-1));
      if (hostile.sent.length < CONNECTIONS) throw new Error(`${hostile.sent.length} so far`);
      return true;
    },
    { within: 180_000 },
  );
  for (const [at, tab] of tabs.entries()) {
    const song = await stand.songs.make({ seconds: 20, title: `Unhurt ${at}`, artist: "Frames", album: "" });
    await tab.upload(song);
    await tab.lists(song.tags.title);
    await tab.play(song.tags.title);
    assert.deepEqual(tab.errors.filter((error) => PANIC.test(error)), []);
  }
});
