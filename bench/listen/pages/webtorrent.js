// A page with a WebTorrent client, driven from outside by `torrents`.

import MemoryChunkStore from "memory-chunk-store";
import WebTorrent from "webtorrent";

/** Nothing here may leave the machine. */
const NOBODY_ELSE = { dht: false, lsd: false, webSeeds: false, tracker: { rtcConfig: { iceServers: [] } } };

/** The best single-link setting found: see what `docs/listen.svg` calls tuned. */
const TUNED = { store: MemoryChunkStore, storeCacheSlots: 0 };
const TUNED_PIECE_BYTES = 256 * 1024;

let client;
let settings;
let torrent;

const event = (name) => new Promise((resolve) => torrent.once(name, () => resolve(performance.now())));

globalThis.torrents = {
  /** Starts the client; `uplink` bounds the bytes a second it sends. */
  async start({ tracker, tuned, uplink }) {
    settings = { announce: [tracker], ...(tuned ? TUNED : {}) };
    client = new WebTorrent({ ...NOBODY_ELSE, ...(uplink ? { uploadLimit: uplink } : {}) });
    const registration = await navigator.serviceWorker.register("/worker.js", { scope: "/" });
    await navigator.serviceWorker.ready;
    while (!navigator.serviceWorker.controller) await new Promise((resolve) => setTimeout(resolve, 4));
    client.createServer({ controller: registration });
  },

  /** Offers the file at `path`; returns the link to it. */
  async seed(path, tuned) {
    const file = new File([await (await fetch(path)).arrayBuffer()], path.split("/").at(-1));
    const pieces = tuned ? { pieceLength: TUNED_PIECE_BYTES } : {};
    return new Promise((resolve, reject) => {
      client.once("error", reject);
      client.seed(file, { ...settings, ...pieces }, (seeded) => {
        torrent = seeded;
        resolve(seeded.magnetURI);
      });
    });
  },

  /** Begins to download. */
  add(magnet) {
    torrent = client.add(magnet, settings);
    torrents.first = event("download");
    torrents.whole = event("done");
  },

  /** Begins to download, and plays as soon as there is something to play. */
  async play(magnet) {
    torrents.add(magnet);
    await event("ready");
    const audio = document.body.appendChild(document.createElement("audio"));
    torrent.files[0].streamTo(audio);
    audio.play();
  },

  get magnet() {
    return torrent.magnetURI;
  },

  get progress() {
    return torrent?.progress ?? 0;
  },
};

// A link that was opened: what it names is played at once.
const link = location.hash && JSON.parse(decodeURIComponent(location.hash.slice(1)));
if (link) torrents.start(link).then(() => torrents.play(link.magnet));
