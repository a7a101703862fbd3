// What tests of peers in pages begin with: browsers, pages, relays, and all of it put away afterwards.

import { after, before } from "node:test";

import { JsRelay } from "./js-relay.mjs";
import { Pages } from "./pages.mjs";
import { openChromium, openFirefox, PeerTab } from "./peers.mjs";
import { Relay } from "./relay.mjs";

/** The multiaddr of one of our relays, as a peer's way in. */
export async function multiaddr(relay) {
  const { peer, addresses } = await relay.json("/api/network");
  const websocket = addresses.find((address) => address.includes("/ws"));
  return websocket.includes("/p2p/") ? websocket : `${websocket}/p2p/${peer}`;
}

/** Returns an object that holds the browsers and pages while the file's tests run; `firefox` asks for a second one. */
export function peerStage({ firefox = false } = {}) {
  const relays = [];
  const kept = async (relay) => {
    relays.push(relay);
    return relay;
  };
  const held = {
    /** The multiaddr of a new relay of ours. */
    ours: async () => multiaddr(await kept(await Relay.start())),
    /** The multiaddr of a new relay of js-libp2p. */
    js: async () => (await kept(await JsRelay.start())).multiaddr,
    /** A tab with a peer of this kind in Chromium, or in another browser held here. */
    open: (kind, relay, { browser = held.chromium, ...options } = {}) =>
      PeerTab.open(browser, held.pages, kind, relay, options),
  };
  before(async () => {
    held.pages = await Pages.open();
    held.chromium = await openChromium();
    if (firefox) held.firefox = await openFirefox();
  });
  after(async () => {
    await held.chromium?.close();
    await held.firefox?.close();
    held.pages?.close();
    await Promise.all(relays.map((relay) => relay.remove()));
  });
  return held;
}
