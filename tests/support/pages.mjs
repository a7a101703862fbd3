// The pages that peers without the rest of Kadenza live in: one of rust-libp2p, one of js-libp2p, and a bare
// RTCDataChannel.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

import { bundle } from "../js-libp2p/build.mjs";

const JAVASCRIPT = "text/javascript";

/**
 * Runs before a page's own scripts, so that what they leave open can be counted without asking them:
 * `rtc.live()` is how many connections and data channels are not closed.
 */
function probe() {
  const held = { connections: new Set(), channels: new Set() };
  const hold = (kind, object) => held[kind].add(new WeakRef(object));
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...rest) {
      super(...rest);
      hold("connections", this);
      this.addEventListener("datachannel", ({ channel }) => hold("channels", channel));
    }

    createDataChannel(...rest) {
      const channel = super.createDataChannel(...rest);
      hold("channels", channel);
      return channel;
    }
  };
  const count = (kind, isOpen) => {
    for (const reference of held[kind]) if (!isOpen(reference.deref())) held[kind].delete(reference);
    return held[kind].size;
  };
  globalThis.rtc = {
    live: () => ({
      connections: count("connections", (connection) => connection && connection.signalingState !== "closed"),
      channels: count("channels", (channel) => channel && channel.readyState !== "closed"),
    }),
  };
}

/** Starts the peer that the address asks for: `#` and then JSON of the arguments of `Peer.start`. */
const HTML = `<!doctype html>
<meta charset="utf-8">
<title>A peer</title>
<script>(${probe})();</script>
<script type="module">
  import init, { Peer } from "./peer.js";

  globalThis.started = (async () => {
    await init();
    globalThis.peer = await Peer.start(...JSON.parse(decodeURIComponent(location.hash.slice(1))));
    return { id: globalThis.peer.id, address: globalThis.peer.address, readyMs: performance.now() };
  })();
</script>
`;

/** Isolated pages have clocks of 5 µs; and every visit is a first one. */
const HEADERS = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cache-control": "no-store",
};

export class Pages {
  #server;

  static async open() {
    const pages = new Pages();
    const files = await pages.#files();
    pages.#server = createServer((request, response) => {
      const [type, body] = files.get(new URL(request.url, "http://localhost").pathname) ?? [];
      response.writeHead(body ? 200 : 404, { ...HEADERS, "content-type": type ?? "text/plain" });
      response.end(body);
    });
    pages.#server.listen(0, "127.0.0.1");
    await once(pages.#server, "listening");
    return pages;
  }

  async #files() {
    const rust = process.env.KADENZA_WEBRTC_PEER;
    if (!rust) throw new Error("KADENZA_WEBRTC_PEER must name the folder of the rust peer; `cargo xtask` sets it");
    const html = (kind) => [`/${kind}/`, ["text/html", HTML]];
    return new Map([
      html("rust"),
      html("js"),
      html("raw"),
      ["/rust/peer.js", [JAVASCRIPT, await readFile(join(rust, "peer.js"))]],
      ["/rust/peer_bg.wasm", ["application/wasm", await readFile(join(rust, "peer_bg.wasm"))]],
      ["/js/peer.js", [JAVASCRIPT, await bundle("peer.js")]],
      ["/raw/peer.js", [JAVASCRIPT, await bundle("raw.js")]],
    ]);
  }

  /** Where a peer of this kind is started with these arguments: `rust`, `js` or `raw`. */
  url(kind, ...start) {
    const { port } = this.#server.address();
    return `http://127.0.0.1:${port}/${kind}/#${encodeURIComponent(JSON.stringify(start))}`;
  }

  close() {
    this.#server.close();
    this.#server.closeAllConnections?.();
  }
}
