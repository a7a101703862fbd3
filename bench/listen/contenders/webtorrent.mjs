// WebTorrent from npm: as it ships, or tuned with a store in memory and pieces of 256 KiB.

import { once } from "node:events";

import Server from "bittorrent-tracker/server";

import { mediaPath } from "../web.mjs";
import { page, rate, WHOLE_WITHIN_MS } from "./scene.mjs";

/** The address its service worker answers at. */
const PART = "/webtorrent/";

/** Introduces tabs to each other, as a relay does for ours. */
export class Tracker {
  static async open() {
    const tracker = new Tracker();
    tracker.server = new Server({ udp: false, http: false, ws: true, stats: false });
    // A tab that closes without a word is an error to it.
    tracker.server.on("warning", () => {});
    tracker.server.listen(0, "127.0.0.1");
    await once(tracker.server, "listening");
    tracker.url = `ws://127.0.0.1:${tracker.server.http.address().port}`;
    return tracker;
  }

  close() {
    this.server.close();
  }
}

export class WebTorrent {
  constructor({ browser, web, tracker }, { tuned }) {
    Object.assign(this, { browser, web, tracker, tuned });
  }

  async open({ song, listeners = 1, uplink }) {
    const uploader = await this.#tab({ uplink });
    const magnet = await uploader.evaluate(
      ([path, tuned]) => torrents.seed(path, tuned),
      [mediaPath(song), this.tuned],
    );
    const tabs = [];
    for (let i = 0; i < listeners; i += 1) tabs.push(new Listener(await this.#tab({}), magnet, song));
    return {
      uploader: { page: uploader },
      listeners: tabs,
      close: () => Promise.all([uploader, ...tabs.map(({ page }) => page)].map((tab) => tab.context().close())),
    };
  }

  /** Milliseconds from opening a link to sound. */
  async link(song) {
    const scene = await this.open({ song, listeners: 0 });
    const magnet = await scene.uploader.page.evaluate("torrents.magnet");
    const link = encodeURIComponent(JSON.stringify({ tracker: this.tracker.url, tuned: this.tuned, magnet }));
    const tab = await page(this.browser, `${this.web.url}/webtorrent#${link}`);
    const sounded = await tab.evaluate((part) => bench.sound(part), PART);
    await tab.context().close();
    await scene.close();
    return sounded;
  }

  async #tab({ uplink }) {
    const tab = await page(this.browser, `${this.web.url}/webtorrent`);
    await tab.waitForFunction("globalThis.torrents");
    await tab.evaluate((start) => torrents.start(start), { tracker: this.tracker.url, tuned: this.tuned, uplink });
    return tab;
  }
}

class Listener {
  constructor(page, magnet, song) {
    Object.assign(this, { page, magnet, song });
  }

  play() {
    return this.page.evaluate(
      ([part, magnet]) => bench.soundAfter(part, () => torrents.play(magnet)),
      [PART, this.magnet],
    );
  }

  seek(share) {
    return this.page.evaluate(
      ([part, share]) => bench.soundAfterSeek(part, share, (audio, second) => (audio.currentTime = second)),
      [PART, share],
    );
  }

  /** Without playing, which would only slow it down. */
  join() {
    return this.page.evaluate((magnet) => torrents.add(magnet), this.magnet);
  }

  whole() {
    return this.page.evaluate(
      (within) => bench.until(() => torrents.progress === 1, within, "not whole"),
      WHOLE_WITHIN_MS,
    );
  }

  progress() {
    return this.page.evaluate("torrents.progress");
  }

  async download() {
    const [first, whole] = await this.page.evaluate(async (magnet) => {
      const begun = performance.now();
      torrents.add(magnet);
      return (await Promise.all([torrents.first, torrents.whole])).map((time) => time - begun);
    }, this.magnet);
    return rate(this.song.size, first, whole);
  }
}
