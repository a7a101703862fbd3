// The example, as its readers run it: from a plain web server, and built by Vite.

import assert from "node:assert/strict";
import { cp, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { openFirefox, silentPage } from "../../tests/support/peers.mjs";
import { eventually } from "../../tests/support/wait.mjs";
import { run } from "./support/site.mjs";
import { LIMIT, stage } from "./support/stage.mjs";

const EXAMPLE_LINES_MAX = 60;

const stand = stage();

let firefox;

before(async () => {
  // Nobody has touched the page; people have.
  firefox = await openFirefox({ preferences: { "media.autoplay.default": 0 } });
});

after(() => firefox?.close());

/** A new page of either browser that is silent there. */
async function newPage(name) {
  if (name === "Chromium") return (await stand.browser.person()).newPage();
  return silentPage(firefox);
}

/** Joins, searches and plays on the example's page at `address`. */
async function isUsed(page, address) {
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(address);
  const text = () => page.evaluate(() => document.body.innerText);
  await eventually("the peer is connected", async () => (await text()).includes("connected"), { within: 40_000 });
  await page.evaluate(() => {
    const search = document.querySelector("input");
    search.value = "example";
    search.dispatchEvent(new Event("input"));
  });
  await eventually("the song is listed once", async () => {
    const songs = await page.evaluate(() => [...document.querySelectorAll("li")].map((item) => item.innerText.trim()));
    assert.deepEqual(songs, ["Reader – Example"]);
    return true;
  });
  await page.evaluate(() => document.querySelector("button").click());
  await eventually("it plays", () => page.evaluate(() => document.querySelector("audio").currentTime > 0.5));
  const source = await page.evaluate(() => document.querySelector("audio").currentSrc);
  assert.match(new URL(source).pathname, /^\/kadenza\/\w+\/public\/listen\//);
  assert.deepEqual(errors, []);
}

async function withSong() {
  const relay = await stand.relay();
  await relay.upload(await stand.songs.make({ seconds: 30, title: "Example", artist: "Reader", album: "" }));
  return `?relay=${encodeURIComponent(relay.url)}`;
}

test("the example is short, and the READMEs show its core", LIMIT, async () => {
  const read = (path) => readFile(fileURLToPath(new URL(path, import.meta.url)), "utf8");
  const [html, program, own, project] = await Promise.all(
    ["../example/index.html", "../example/main.js", "../README.md", "../../README.md"].map(read),
  );
  const lines = html.trim().split("\n").length + program.trim().split("\n").length;
  assert.ok(lines < EXAMPLE_LINES_MAX, `${lines} lines`);
  const core = ["Kadenza.start({ relays: [", "peer.search(", "audio.src = await peer.listen(song.id);"];
  for (const text of [program, own, project]) assert.deepEqual(core.filter((part) => !text.includes(part)), []);
});

for (const name of ["Chromium", "Firefox"]) {
  test(`the example joins, searches and plays in ${name}, unbundled`, LIMIT, async () => {
    const query = await withSong();
    await isUsed(await newPage(name), `${stand.site.url}/example/${query}`);
  });
}

test("the example joins, searches and plays when Vite has built it", LIMIT, async () => {
  const query = await withSong();
  const folder = join(stand.site.folder, "example");
  await mkdir(join(folder, "public"));
  await cp(join(stand.site.folder, "service-worker.js"), join(folder, "public/service-worker.js"));
  const vite = fileURLToPath(new URL("../node_modules/.bin/vite", import.meta.url));
  const said = await run(folder, vite, "build", "--target", "es2022", "--logLevel", "info");
  assert.match(said, /kadenza_bg-[\w-]+\.wasm/, said);
  await stand.site.serve(join(folder, "dist"));
  await isUsed(await newPage("Chromium"), `${stand.site.url}/${query}`);
});
