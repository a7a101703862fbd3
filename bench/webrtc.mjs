// Measures the WebRTC transport against js-libp2p's and against a bare RTCDataChannel, in one run of one Chromium.
// Progress goes to stderr; the last line of stdout is one JSON object: first the figures that have a bar, then what
// they come from.
//
//   cargo xtask bench webrtc
//
// Environment: ROUNDS of each comparison, MIB of each transfer, DIALS on a busy machine.

import { cpus, loadavg } from "node:os";

import { multiaddr } from "../tests/support/peer-stage.mjs";
import { openChromium } from "../tests/support/peers.mjs";
import { Pages } from "../tests/support/pages.mjs";
import { Relay } from "../tests/support/relay.mjs";
import { Pair, RawPair } from "./webrtc/contenders.mjs";
import { busyDials, quietDials } from "./webrtc/dials.mjs";
import { closes, crashes } from "./webrtc/ends.mjs";
import { readiness } from "./webrtc/ready.mjs";
import { rounded, say } from "./webrtc/rounds.mjs";
import { opens, pings } from "./webrtc/streams.mjs";
import { fresh, steady } from "./webrtc/transfers.mjs";
import { versions } from "./webrtc/versions.mjs";

const option = (name, otherwise) => Number(process.env[name] ?? otherwise);

const options = { rounds: option("ROUNDS", 5), mib: option("MIB", 64), dials: option("DIALS", 200) };

/** Everything, in an order in which the connections that one phase leaves behind serve the next. */
async function measure(place) {
  const load = loadavg();
  const ready = await readiness(place, options.rounds);
  const rust = await Pair.open(place, "rust");
  const js = await Pair.open(place, "js");
  const raw = await RawPair.open(place);
  const dial = await quietDials({ rust, js }, 3 * options.rounds);
  const busy = await busyDials({ rust, js }, options.dials);
  const first = await fresh({ rust, js, raw }, options.rounds);
  const transfers = await steady({ rust, js, raw }, options.rounds, options.mib);
  const ping = await pings({ rust, js, raw }, options.rounds);
  const open = await opens({ rust, js }, options.rounds);
  const close = await closes({ rust, js }, options.rounds);
  const crash = await crashes({ rust, js }, options.rounds);
  return {
    dial_over_js: dial.rust_over_js,
    dial_failures: busy.rust.failures,
    one_stream_over_raw: transfers.one_stream_over_raw,
    four_streams_over_raw: transfers.four_streams_over_raw,
    fresh_4mib_over_steady: first.rust.first_over_later,
    ping_over_raw: ping.rust_over_raw,
    stream_open_over_js: open.rust_over_js,
    close_seen_s: close.rust.median_s,
    crash_seen_s: crash.rust.median_s,
    ready_over_js: ready.rust_over_js,
    dial_ms: dial,
    busy_dials: busy,
    transfers_mb_per_s: transfers,
    fresh_4mib_mb_per_s: first,
    ping_ms: ping,
    stream_open_ms: open,
    close_seen: close,
    crash_seen: crash,
    ready_ms: ready,
    js_failures: js.failures,
    options,
    machine: { cpus: cpus().length, cpu: cpus()[0]?.model, load_before: load, load_after: loadavg() },
    versions: { ...(await versions()), chromium: place.browser.version },
  };
}

const begun = performance.now();
const relay = await Relay.start();
const pages = await Pages.open();
const browser = await openChromium();
try {
  const result = await measure({ browser, pages, relay: await multiaddr(relay) });
  result.seconds = (performance.now() - begun) / 1000;
  say("done");
  console.log(JSON.stringify(rounded(result)));
} finally {
  await browser.close();
  pages.close();
  await relay.remove();
}
