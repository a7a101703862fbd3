// From the navigation to a page until its peer listens on /webrtc, everything that the page fetches included.

import { PeerTab } from "../../tests/support/peers.mjs";
import { medians, over, rounds, say } from "./rounds.mjs";

export async function readiness({ browser, pages, relay }, count) {
  say("from navigation to listening");
  const turn = async (kind) => {
    const tab = await PeerTab.open(browser, pages, kind, relay);
    await tab.close();
    return tab.readyMs;
  };
  const times = await rounds({ rust: "rust", js: "js" }, count, turn);
  return { ...medians(times), rust_over_js: over(times.rust, times.js), all: times };
}
