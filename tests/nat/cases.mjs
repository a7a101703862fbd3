// A song that only one tab has, listened to in another: through routers of several kinds, and while one of the two
// loses its network.

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

import { Relay } from "../support/relay.mjs";
import { Songs } from "../support/songs.mjs";
import { eventually } from "../support/wait.mjs";

/** Room for what a relay knows of songs, but for none of their bytes. */
const NO_ROOM = ["--quota", "50KB"];

/** 768 kbit/s, the rate of the songs here: one channel of 48,000 samples of 16 bits. */
const FORMAT = "wav";

/** From "Connected" until the page says how the other tab is reached; and from being online again until the song goes on. */
const PATH_WITHIN_MS = 5000;
const RESUMES_WITHIN_MS = 10_000;

/** What comes later than it should is waited for all the same, to say how late. */
const WAITED_FOR_MS = 60_000;

/** Somewhat faster than the song plays, so that it is still arriving when the network goes. */
const SLOW_UPLINK = 1_200_000;

const OFFLINE_MS = 20_000;

/** The song takes some twenty seconds to arrive; and so much of it, straight from the other tab, is no mere repetition of what was lost. */
const MIDDLING_UPLINK = 4_000_000;
const RECOVERED_BYTES = 400_000;

/** Plays a song of 60 s across two routers of kind `nat`, which are to leave `path`, "direct" or "relayed". */
export async function listensAcross(lab, { nat, path }, found) {
  await lab.routers(nat);
  await withHolder(lab, 60, found, async ({ listen, song }) => {
    const listener = await listen();
    await listener.reaches(path);
    await listener.plays();
    await listener.hearsAll(song);
    await listener.counts();
    assertPath(found, path, song);
    assertTime(found, "path_ms", PATH_WITHIN_MS);
  });
}

/** Plays a song of 120 s, and takes the network from one of the two in the middle of it. */
export async function losesItsNetwork(lab, site, found) {
  await lab.routers("cone");
  await lab.pace("a", SLOW_UPLINK);
  await withHolder(lab, 120, found, async ({ listen, song }) => {
    const listener = await listen();
    await listener.reaches("direct");
    await listener.plays();
    await listener.counts();
    const arrived = found.bytes.a_to_b + found.bytes.relay_to_b - found.page_bytes;
    assert.ok(arrived < song.bytes.length / 2, `${arrived} bytes had arrived already`);
    await lab.link(site, false);
    await pause(OFFLINE_MS);
    await lab.link(site, true);
    await listener.resumes();
    await lab.pace("a");
    await listener.hearsAll(song);
    await listener.counts();
    assertPath(found, "direct", song);
    assertTime(found, "resumed_ms", RESUMES_WITHIN_MS);
  });
}

/** Plays a song of 120 s, and moves the listener to another network while it still arrives. */
export async function changesNetworks(lab, found) {
  await lab.routers("cone");
  await lab.pace("a", MIDDLING_UPLINK);
  await withHolder(lab, 120, found, async ({ listen, song }) => {
    const listener = await listen();
    await listener.reaches("direct");
    await listener.plays();
    await lab.move("b");
    await listener.receives(RECOVERED_BYTES);
    await lab.pace("a");
    await listener.hearsAll(song);
    await listener.counts();
    assertPath(found, "direct", song);
    assertTime(found, "recovered_ms", RESUMES_WITHIN_MS);
  });
}

/** The lab counts what went between the sites, whatever the page says. */
function assertPath({ bytes, page_bytes }, path, song) {
  const size = song.bytes.length;
  const relayed = bytes.relay_to_b - page_bytes;
  if (path === "direct") {
    assert.ok(bytes.a_to_b >= size, `${bytes.a_to_b} of ${size} bytes went straight`);
    assert.ok(relayed < size / 10, `${relayed} bytes went through the relay`);
  } else {
    assert.ok(bytes.a_to_b < size / 100, `${bytes.a_to_b} bytes went straight`);
    assert.ok(relayed > size / 2, `${relayed} of ${size} bytes went through the relay`);
  }
}

function assertTime(found, name, limit) {
  assert.ok(found[name] <= limit, `${name} is ${found[name]}, and should be at most ${limit}`);
}

/** Starts a relay and, at a, a tab that has a song; then runs `listening`, and puts everything away. */
async function withHolder(lab, seconds, found, listening) {
  const songs = await Songs.open();
  const relay = await Relay.start({ host: lab.sites.relay.address, flags: NO_ROOM });
  const browsers = [];
  const visit = async (site) => {
    browsers.push(await lab.browser(site, relay));
    return browsers.at(-1).visit(relay);
  };
  try {
    const song = await songs.make({ format: FORMAT, seconds, title: "Doorstep", artist: "Two Homes", album: "" });
    const holder = await visit("a");
    await holder.upload(song);
    const listen = async () => {
      const counted = await lab.counting();
      const tab = await visit("b");
      const listener = new Listener(tab, { holder: await holder.peer(), counted, found });
      found.page_bytes = (await counted()).relay_to_b;
      return listener;
    };
    await listening({ listen, song });
  } finally {
    await Promise.all(browsers.map((browser) => browser.close()));
    await relay.remove();
    await songs.remove();
  }
}

/** The tab that has not got the song. What it finds out goes into its case's line. */
class Listener {
  #connected = performance.now();

  constructor(tab, { holder, counted, found }) {
    Object.assign(this, { tab, holder, counted, found });
  }

  /** Waits until the page says that the holder is reached by this path. */
  async reaches(path) {
    await eventually(
      `the page says ${path}`,
      async () => {
        const holder = (await this.tab.peers()).find(({ peer }) => peer === this.holder);
        this.found.path = holder?.reach;
        return holder?.reach === path && holder.text.toLowerCase().includes(path);
      },
      { within: WAITED_FOR_MS },
    );
    this.found.path_ms = this.#since(this.#connected);
  }

  /** Plays the song, and times it from the click. */
  async plays() {
    await this.tab.search("doorstep");
    await this.tab.lists("Doorstep");
    await this.tab.served();
    const clicked = performance.now();
    await this.tab.playButton("Doorstep").click();
    await this.#moves(0);
    this.found.sound_ms = this.#since(clicked);
  }

  /** Waits until so much has come straight from the other tab. */
  async receives(bytes) {
    const begun = performance.now();
    const before = (await this.counted()).a_to_b;
    await eventually(
      "bytes come from the other tab again",
      async () => {
        const came = (await this.counted()).a_to_b - before;
        return came > bytes || assert.fail(`${came}; peers: ${(await this.tab.peers()).map(({ text }) => text).join(" | ")}`);
      },
      { within: WAITED_FOR_MS },
    );
    this.found.recovered_ms = this.#since(begun);
  }

  /** Waits until the song, which was interrupted, goes on from where it is. */
  async resumes() {
    const online = performance.now();
    const stood = await this.tab.page.evaluate(() => document.querySelector("audio").currentTime);
    this.found.stood_at_s = Math.round(stood * 10) / 10;
    await this.#moves(stood);
    this.found.resumed_ms = this.#since(online);
  }

  /** Checks that all of the song is here or comes, byte for byte. */
  async hearsAll(song) {
    const source = await this.tab.page.evaluate(() => document.querySelector("audio").src);
    const heard = await this.tab.fetch(source);
    assert.equal(heard.sha256, song.sha256);
  }

  async counts() {
    this.found.bytes = await this.counted();
  }

  async #moves(from) {
    const moved = (from) => document.querySelector("audio")?.currentTime > from;
    try {
      await this.tab.page.waitForFunction(moved, from, { polling: "raf", timeout: WAITED_FOR_MS });
    } catch (error) {
      const says = (await this.tab.player.innerText()).replaceAll(/\s+/g, " ").trim();
      throw new Error(`the song does not move on from ${from} s, and the player says: ${says}`, { cause: error });
    }
  }

  #since(begun) {
    return Math.round(performance.now() - begun);
  }
}
