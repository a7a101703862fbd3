// Prints the figures of a first visit as one JSON object: sizes, requests, and how long until the tab is
// connected and a song is heard. Medians of several visits, each with an empty browser profile.
//
//   cargo xtask figures

import { brotliDecompressSync } from "node:zlib";
import { request } from "node:http";
import { once } from "node:events";

import { Browser } from "./support/browser.mjs";
import { Relay } from "./support/relay.mjs";
import { Songs } from "./support/songs.mjs";

const VISITS = 7;

const median = (numbers) => numbers.sort((a, b) => a - b)[numbers.length >> 1];

/** Bytes of an answer as they cross the wire, and the answer unpacked. */
async function wire(url) {
  const asked = request(url, { headers: { "accept-encoding": "br" } }).end();
  const [answer] = await once(asked, "response");
  const chunks = [];
  for await (const chunk of answer) chunks.push(chunk);
  const sent = Buffer.concat(chunks);
  const packed = answer.headers["content-encoding"] === "br";
  return { sent: sent.length, whole: (packed ? brotliDecompressSync(sent) : sent).length };
}

/** One visit: everything the network panel would count until the page is connected. */
async function visit(browser, relay) {
  const person = await browser.chromium.newContext();
  const page = await person.newPage();
  const panel = await person.newCDPSession(page);
  await panel.send("Network.enable");
  const urls = [];
  let bytes = 0;
  panel.on("Network.requestWillBeSent", ({ request }) => urls.push(request.url));
  panel.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
  const begun = performance.now();
  await page.goto(relay.url);
  await page.getByRole("status").filter({ hasText: "Connected" }).first().waitFor();
  const connected = performance.now() - begun;
  await page.getByRole("button", { name: "Play Figure" }).waitFor();
  const clicked = performance.now();
  await page.getByRole("button", { name: "Play Figure" }).click();
  await page.waitForFunction(() => document.querySelector("audio")?.currentTime > 0, undefined, { polling: "raf" });
  const sound = performance.now() - clicked;
  await person.close();
  return { urls, bytes, connected, sound };
}

const relay = await Relay.start();
const browser = await Browser.open();
const songs = await Songs.open();
try {
  const song = await songs.make({ seconds: 240, title: "Figure", artist: "Test", album: "" });
  await relay.upload(song);
  const visits = [];
  for (let i = 0; i < VISITS; i += 1) visits.push(await visit(browser, relay));
  const { urls } = visits[0];
  const wasm = await wire(urls.find((url) => url.endsWith(".wasm")));
  console.log(
    JSON.stringify({
      wasm_bytes: wasm.whole,
      wasm_brotli_bytes: wasm.sent,
      first_load_requests: median(visits.map(({ urls }) => urls.length)),
      first_load_bytes: median(visits.map(({ bytes }) => bytes)),
      connected_ms: Math.round(median(visits.map(({ connected }) => connected))),
      click_to_sound_ms: Math.round(median(visits.map(({ sound }) => sound))),
      visits: VISITS,
    }),
  );
} finally {
  await browser.close();
  await relay.remove();
  await songs.remove();
}
