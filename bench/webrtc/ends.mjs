// How long the other side takes to know that a tab is gone.

import { crash } from "../../tests/support/peers.mjs";
import { median, say } from "./rounds.mjs";

/** js-libp2p notices after 8 to 16 s; one of those is enough to compare with. */
const JS_COUNT = 1;

export const closes = (pairs, count) => ends("closed", pairs, count, (tab) => tab.page.close({ runBeforeUnload: true }));

export const crashes = (pairs, count) => ends("crashed", pairs, count, crash);

async function ends(what, { rust, js }, count, end) {
  say(`noticing a ${what} tab`);
  // Whoever waits does not disturb, so both can do it at the same time.
  const [ours, theirs] = await Promise.all([seen(rust, count, end), seen(js, Math.min(count, JS_COUNT), end)]);
  return { rust: ours, js: theirs };
}

async function seen(pair, count, end) {
  const all = [];
  for (let i = 0; i < count; i += 1) {
    const tab = await pair.another();
    await pair.insist("dial", () => tab.call("dial", pair.to.address));
    // What is identified and pinged is settled.
    await tab.call("ping", pair.to.id);
    const gone = await pair.to.watch(tab.id);
    const begun = Date.now();
    await end(tab);
    all.push(((await gone()) - begun) / 1000);
    await tab.close();
  }
  return { median_s: median(all), max_s: Math.max(...all), all };
}
