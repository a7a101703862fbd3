// A plain web server with byte ranges, on the same machine.

import { mediaPath } from "../web.mjs";
import { page } from "./scene.mjs";

export class Http {
  constructor({ browser, web }) {
    Object.assign(this, { browser, web });
  }

  async open({ song, listeners = 1, uplink }) {
    const tabs = [];
    for (let i = 0; i < listeners; i += 1) {
      tabs.push(new Listener(await page(this.browser, `${this.web.url}/plain`), mediaPath(song, uplink)));
    }
    return { listeners: tabs, close: () => Promise.all(tabs.map(({ page }) => page.context().close())) };
  }

  /** Milliseconds from opening a link to sound. */
  async link(song) {
    const tab = await page(this.browser, `${this.web.url}/plain#${mediaPath(song)}`);
    const sounded = await tab.evaluate((part) => bench.sound(part), mediaPath(song));
    await tab.context().close();
    return sounded;
  }
}

class Listener {
  constructor(page, path) {
    Object.assign(this, { page, path });
  }

  /** Plays `path`, in place of what was played before. */
  play(path = this.path) {
    return this.page.evaluate(
      (path) =>
        bench.soundAfter(path, () => {
          const audio = document.querySelector("audio");
          audio.src = path;
          audio.play();
        }),
      path,
    );
  }

  seek(share) {
    return this.page.evaluate(
      ([path, share]) => bench.soundAfterSeek(path, share, (audio, second) => (audio.currentTime = second)),
      [this.path, share],
    );
  }
}
