// Ours: a relay, a tab that uploads through the page, and tabs whose page shows the song and is clicked.

import { Tab } from "../../../tests/support/browser.mjs";
import { Relay } from "../../../tests/support/relay.mjs";
import { traffic } from "../inside.mjs";
import { person, rate, WHOLE_WITHIN_MS } from "./scene.mjs";

/** A relay that keeps no song, so that tabs carry them all: 0 is no quota, and no song is this small. */
export const KEEPS_NOTHING = ["--quota", "1KB"];

/** The page's setting for how many bytes a second a tab sends. */
const UPLOAD_LIMIT = "kadenza.upload-limit";

/** The page's setting for keeping songs for others; a listener who did would have the song before it is asked for. */
const KEEP = "kadenza.keep";

/** A tab that fetches nothing before it is asked to: neither for its own person nor to keep it for others. */
const COLD = "?prefetch=off";

/** What a listener may have received before the click: records and greetings, but no first 256 KiB of a song. */
const COLD_BYTES_MAX = 240 * 1024;

export class Kadenza {
  constructor({ browser }) {
    Object.assign(this, { browser });
  }

  /** `cold` is whether tabs may have nothing of the song before they are asked to. */
  async open({ song, songs = [song], listeners = 1, uplink, cold = true }) {
    const relay = await Relay.start({ flags: KEEPS_NOTHING });
    const tabs = [];
    const scene = {
      relay,
      listeners: tabs,
      ready: () => cold && Promise.all(tabs.map((tab) => tab.isCold())),
      async close() {
        await Promise.all([scene.uploader, ...tabs].map((tab) => tab?.person.close()));
        await relay.remove();
      },
    };
    try {
      scene.uploader = await this.uploader(relay, songs, { uplink });
      for (let i = 0; i < listeners; i += 1) tabs.push(await this.listener(relay, songs, { cold }));
      return scene;
    } catch (error) {
      await scene.close();
      throw error;
    }
  }

  /** A tab that has uploaded these songs; its page says so by each one's title, or by the text `says`. */
  async uploader(relay, songs, { uplink, says } = {}) {
    const somebody = await person(this.browser);
    if (uplink) await set(somebody, UPLOAD_LIMIT, `${uplink}`);
    const tab = await Tab.open(somebody, `${relay.url}/${COLD}`);
    if (says) {
      await tab.pick(...songs);
      await tab.shows(says);
    } else {
      await tab.upload(...songs);
    }
    return tab;
  }

  /** A tab whose list shows these songs, which belong together. */
  async listener(relay, songs, { cold = true } = {}) {
    const somebody = await person(this.browser);
    if (cold) await set(somebody, KEEP, "no");
    const tab = await Tab.open(somebody, `${relay.url}/${cold ? COLD : ""}`);
    await tab.served();
    return this.listed(tab, relay, songs);
  }

  /** The same tab with these songs in its list. `known` is what the network calls them, where that was asked before. */
  async listed(tab, relay, songs, known = undefined) {
    await tab.search(songs.length > 1 ? songs[0].tags.artist : songs[0].tags.title);
    for (const song of songs) await tab.playButton(song.tags.title).waitFor({ timeout: 30_000 });
    return new Listener(tab, songs[0], known ?? (await ids(relay, songs)));
  }

  /** Milliseconds from opening a link to sound. */
  async link(song) {
    const scene = await this.open({ song, listeners: 0 });
    const somebody = await person(this.browser);
    try {
      const id = (await ids(scene.relay, [song])).get(song);
      const tab = await somebody.newPage();
      await tab.goto(`${scene.relay.url}/#/song/${id}`);
      return await tab.evaluate((part) => bench.sound(part), id);
    } finally {
      await somebody.close();
      await scene.close();
    }
  }
}

/** Sets one of the page's settings before it is opened. */
const set = (somebody, key, value) =>
  somebody.addInitScript(([key, value]) => localStorage.setItem(key, value), [key, value]);

/** What the network calls these songs. */
export async function ids(relay, songs) {
  const named = async (song) => {
    const { songs: found } = await relay.search(song.tags.title);
    return [song, found.find(({ title }) => title === song.tags.title).id];
  };
  return new Map(await Promise.all(songs.map(named)));
}

class Listener {
  constructor(tab, song, ids) {
    Object.assign(this, { tab, song, ids, page: tab.page, person: tab.person });
  }

  /** Part of the address at which a song is played. */
  part(song = this.song) {
    return this.ids.get(song);
  }

  /** Throws where it has some of the song already: since it had received `before` bytes from others, more has come. */
  async isCold(before = 0) {
    const bytes = (await traffic(this.page)).channels.received - before;
    if (bytes > COLD_BYTES_MAX && !process.env.WARM) {
      throw new Error(`the listener was not cold: ${bytes} bytes had come before the click`);
    }
  }

  /** Presses the button of this name. */
  press(name, part) {
    return this.page.evaluate(
      ([name, part]) =>
        bench.soundAfter(part, () => document.querySelector(`button[aria-label=${JSON.stringify(name)}]`).click()),
      [name, part],
    );
  }

  play(song = this.song) {
    return this.press(`Play ${song.tags.title}`, this.part(song));
  }

  /** Presses Next, which is to play `song`. */
  next(song) {
    return this.press("Next", this.part(song));
  }

  join() {
    return this.play();
  }

  seek(share) {
    return this.page.evaluate(
      ([part, share]) =>
        bench.soundAfterSeek(part, share, (_, second) => {
          const slider = document.querySelector('input[aria-label="Seek"]');
          slider.value = second;
          for (const kind of [InputEvent, Event]) {
            slider.dispatchEvent(new kind(kind === Event ? "change" : "input", { bubbles: true }));
          }
        }),
      [this.part(), share],
    );
  }

  /** Bytes of content that have come, as a share of the song; what goes with them counts too. */
  async progress() {
    return (await traffic(this.page)).received / this.song.size;
  }

  /** Waits until the song is in the tab's store, where it goes only when all of it has come and was verified. */
  async whole() {
    await this.page.evaluate(holds, [this.song.size, WHOLE_WITHIN_MS]);
  }

  async download() {
    const [first, whole, bytes] = await this.page.evaluate(fetched, `/listen/${this.part()}`);
    if (bytes !== this.song.size) throw new Error(`${bytes} of ${this.song.size} bytes came`);
    return rate(bytes, first, whole);
  }
}

/** Runs in the page: fetches all of what is at `path` by the page's own service worker. */
async function fetched(path) {
  const begun = performance.now();
  const reader = (await fetch(path)).body.getReader();
  let bytes = 0;
  let first;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return [first - begun, performance.now() - begun, bytes];
    first ??= performance.now();
    bytes += value.length;
  }
}

/**
 * Runs in the page: waits until a whole content of this size is in its store (crates/services/src/store/indexed_db.rs). It
 * looks there itself and often, since being asked from outside costs a busy page more than looking.
 */
async function holds([size, within]) {
  const answer = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const deadline = performance.now() + within;
  const database = await answer(indexedDB.open(`kadenza-${sessionStorage.getItem("kadenza-slot") ?? 0}`));
  try {
    while (performance.now() < deadline) {
      const contents = await answer(database.transaction("contents").objectStore("contents").getAll());
      if (contents.some(([, length]) => length === size)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } finally {
    database.close();
  }
  throw new Error(`a content of ${size} bytes was not whole within ${within} ms`);
}
