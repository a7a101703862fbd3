// Who is where on the pretend internet: a relay and a plain web server on the public host, somebody who has a song at
// home at `a`, somebody else who may have it at `c`, and the one who listens at `b`.

import { setTimeout as pause } from "node:timers/promises";

import { freePort, Relay } from "../../../tests/support/relay.mjs";
import { Http } from "../contenders/http.mjs";
import { Kadenza, KEEPS_NOTHING } from "../contenders/kadenza.mjs";
import { FLAGS, within } from "../contenders/scene.mjs";
import { Web } from "../web.mjs";

/** Bits a second, up and down, of everybody's line. */
export const LINE = 20_000_000;

/** What a router of each home does: as most do. */
const NAT = "cone";

/** A listener has opened the page so long ago before the click, and has its song in view. */
const JOINED_MS = 3000;

/** What the names of a format's figures begin with, after `lab_`; the MP3's have nothing there. */
export const prefix = (format) => (format === "mp3" ? "" : `${format}_`);

export class Stand {
  #lab;
  #browsers = new Map();
  #relay;

  static async open(lab) {
    const stand = new Stand();
    stand.#lab = lab;
    await lab.routers(NAT);
    for (const site of Object.keys(lab.sites)) await lab.pace(site, LINE, LINE);
    const host = lab.sites.relay.address;
    // Always the same one: to the browsers this address is as good as HTTPS, which they are told when they start.
    stand.#relay = { host, port: await freePort() };
    stand.web = await Web.open({ host });
    return stand;
  }

  async close() {
    await Promise.all([...this.#browsers.keys()].map((site) => this.#end(site)));
    this.web.close();
  }

  /** The browser's version. */
  get version() {
    return [...this.#browsers.values()][0]?.chromium.version();
  }

  /** The browser at a site, started where none runs. */
  async #browser(site) {
    if (!this.#browsers.has(site)) {
      const { host, port } = this.#relay;
      this.#browsers.set(site, await this.#lab.browser(site, { url: `http://${host}:${port}` }, FLAGS));
    }
    return this.#browsers.get(site);
  }

  async #end(site) {
    const browser = this.#browsers.get(site);
    this.#browsers.delete(site);
    await browser?.close();
  }

  /** A new person in the browser at a site. */
  async person(site) {
    return (await this.#browser(site)).person();
  }

  /** Ours, in the browser at a site. */
  async kadenza(site) {
    return new Kadenza({ browser: await this.#browser(site) });
  }

  /** A plain web server on the public host, heard at `b`. */
  async http() {
    return new Http({ browser: await this.#browser("b"), web: this.web });
  }

  /** The first sound of a browser takes longer than all others, whoever makes it. */
  async warm(song) {
    await within(await this.http(), { song }, ({ listeners: [one] }) => one.play());
  }

  /** Has something done with a relay of its own, and with tabs that `tabs` is told of, and puts all of them away. */
  async round(flags, act) {
    const relay = await Relay.start({ ...this.#relay, flags });
    const tabs = [];
    try {
      return await act({ relay, keep: (tab) => (tabs.push(tab), tab) });
    } finally {
      // Those of a browser that was killed are gone.
      await Promise.all(tabs.map(({ person }) => person.close().catch(() => {})));
      await relay.remove();
    }
  }

  /** Has something done with a tab at `b` that has nothing of `song`: a tab at `a` holds it, and the relay keeps nothing. */
  cold(song, act) {
    return this.round(KEEPS_NOTHING, async (round) => {
      round.keep(await (await this.kadenza("a")).uploader(round.relay, [song]));
      return act(await this.listener(round, song));
    });
  }

  /** A tab at `b` that has joined, shows `song`, and has nothing of it. */
  async listener({ relay, keep }, song) {
    const listener = keep(await (await this.kadenza("b")).listener(relay, [song]));
    await pause(JOINED_MS);
    await listener.isCold();
    return listener;
  }

  /** Bytes that come to `b` from now on: the function it returns says how many, by where they came from. */
  async counting() {
    const counted = await this.#lab.counting(Object.keys(this.#lab.sites));
    return async () => {
      const { a_to_b: a, c_to_b: c, relay_to_b: relay } = await counted();
      return { a, c, relay };
    };
  }

  /** Ends the browser at a site, which has no chance to say goodbye. */
  async kill(site) {
    await this.#lab.kill(site);
    await this.#end(site);
  }

  /** Pulls the plug of a site. The function it returns puts it in again, when nothing runs there any more. */
  async unplug(site) {
    await this.#lab.link(site, false);
    return async () => {
      await this.#end(site);
      await this.#lab.link(site, true);
    };
  }
}
