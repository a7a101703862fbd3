// Measures the page itself: what a first visit loads, how soon it can be used, how soon a key is answered, and what an idle
// tab costs. Progress goes to stderr; the last line of stdout is one JSON object: first the figures that have a bar, then
// which of them are missed, then what they come from.
//
//   cargo xtask bench page
//
// Environment: VISITS, and MINUTES of idling.

import { loadavg } from "node:os";
import { setTimeout as pause } from "node:timers/promises";

import { violations, walk } from "../tests/support/axe.mjs";
import { Browser } from "../tests/support/browser.mjs";
import { Relay } from "../tests/support/relay.mjs";
import { Songs } from "../tests/support/songs.mjs";
import { eventually } from "../tests/support/wait.mjs";
import { quantile } from "./rooms/step.mjs";
import { median, missed, rounded, say } from "./webrtc/rounds.mjs";

const VISITS = Number(process.env.VISITS ?? 5);
const MINUTES = Number(process.env.MINUTES ?? 10);

/** A home's line: 10 Mbit/s, 40 ms. */
const LINE = { offline: false, latency: 40, downloadThroughput: 10e6 / 8, uploadThroughput: 10e6 / 8 };

/** Songs that are uploaded while somebody types, and how often a key is pressed meanwhile. */
const UPLOADS = 41;
const KEY_EVERY_MS = 80;

const BARS = {
  axe_violations: 0,
  first_load_kb: 900,
  usable_s: 1.2,
  warm_s: 0.4,
  input_p95_ms: 50,
  idle_cpu_percent: 1,
  heap_growth_mb: 1,
};

/** Runs in every page before its own scripts: notes when there is something to use, and how soon each input is drawn. */
function watch() {
  globalThis.answers = [];
  const seen = new MutationObserver(() => {
    if (!document.querySelector("input[type=search]")) return;
    seen.disconnect();
    requestAnimationFrame(() => (globalThis.usable = performance.now()));
  });
  seen.observe(document, { childList: true, subtree: true });
  addEventListener("input", ({ timeStamp }) => {
    requestAnimationFrame(() => {
      // A message is taken when the frame has been drawn.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => globalThis.answers.push(performance.now() - timeStamp);
      port2.postMessage(undefined);
    });
  }, { capture: true });
}

const usable = (page) => eventually("the page can be used", () => page.evaluate(() => globalThis.usable));

async function visitor(browser) {
  const person = await browser.person();
  await person.addInitScript(watch);
  const page = await person.newPage();
  const panel = await person.newCDPSession(page);
  return { person, page, panel };
}

/** A first visit over a home's line: when it can be used, and what it loads; and the same page once more. */
async function visit(browser, relay) {
  const { person, page, panel } = await visitor(browser);
  let bytes = 0;
  await panel.send("Network.enable");
  await panel.send("Network.emulateNetworkConditions", LINE);
  panel.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
  await page.goto(relay.url);
  const first = await usable(page);
  await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
  const loaded = bytes;
  await panel.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
  await page.reload();
  const warm = await usable(page);
  await person.close();
  return { first_load_kb: loaded / 1000, usable_s: first / 1000, warm_s: warm / 1000 };
}

/** How soon a key in the search box is answered by a frame while songs are uploaded. */
async function typing(browser, relay, songs) {
  const { person, page } = await visitor(browser);
  const files = [];
  for (let i = 0; i < UPLOADS; i += 1) {
    files.push(await songs.make({ seconds: 60, title: `Upload ${i}`, artist: "Typist", album: "Keys" }));
  }
  await page.goto(relay.url);
  await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
  await page.locator('input[type="file"]').first().setInputFiles(files.map(({ path }) => path));
  const box = page.getByRole("searchbox");
  const begun = performance.now();
  const isDone = async () => (await page.locator("body").innerText()).includes(`${UPLOADS} files done`);
  for (let i = 0; performance.now() - begun < 60_000 && !(await isDone()); i += 1) {
    await box.press(i % 8 === 7 ? "Control+A" : "abcdefg"[i % 8]);
    await pause(KEY_EVERY_MS);
  }
  const answers = await page.evaluate("answers");
  await person.close();
  return { input_p95_ms: quantile(answers, 0.95), input_median_ms: median(answers), inputs: answers.length };
}

/** What a tab costs that does nothing: of one processor, and in memory. */
async function idling(browser, relay) {
  const { person, page, panel } = await visitor(browser);
  await panel.send("Performance.enable");
  await page.goto(relay.url);
  await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
  await pause(10_000);
  const look = async () => {
    await panel.send("HeapProfiler.collectGarbage");
    const { metrics } = await panel.send("Performance.getMetrics");
    const { TaskDuration, JSHeapUsedSize, Timestamp } = Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
    return { busy: TaskDuration, heap: JSHeapUsedSize, at: Timestamp };
  };
  const before = await look();
  await pause(MINUTES * 60_000);
  const after = await look();
  await person.close();
  return {
    idle_cpu_percent: ((after.busy - before.busy) / (after.at - before.at)) * 100,
    heap_growth_mb: (after.heap - before.heap) / 1e6,
  };
}

const load_before = loadavg();
const relay = await Relay.start();
const empty = await Relay.start();
const browser = await Browser.open();
const songs = await Songs.open();
try {
  let axe_violations = 0;
  say("axe-core");
  await walk({ browser, songs, relay: empty }, { colorScheme: "dark" }, async (state, tab) => {
    const broken = await violations(tab);
    axe_violations += broken.length;
    if (broken.length > 0) say(`${state}: ${broken}`);
  });
  say("first visits");
  await relay.upload(await songs.make({ seconds: 60, title: "Figure", artist: "Test", album: "" }));
  const visits = [];
  for (let i = 0; i < VISITS; i += 1) visits.push(await visit(browser, relay));
  const middle = (key) => median(visits.map((visit) => visit[key]));
  say("typing while songs are uploaded");
  const typed = await typing(browser, relay, songs);
  say("idling");
  const idle = await idling(browser, relay);
  const figures = {
    axe_violations,
    first_load_kb: middle("first_load_kb"),
    usable_s: middle("usable_s"),
    warm_s: middle("warm_s"),
    ...typed,
    ...idle,
  };
  console.log(JSON.stringify(rounded({ ...figures, missed: missed(figures, BARS), visits: VISITS, minutes: MINUTES, load_before, load_after: loadavg() })));
} finally {
  await browser.close();
  await Promise.all([relay, empty].map((relay) => relay.remove()));
  await songs.remove();
}
