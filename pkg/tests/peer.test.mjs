// The package's peer in a page of its own, beside the tabs of a relay's page.

import assert from "node:assert/strict";
import { test } from "node:test";

import { eventually } from "../../tests/support/wait.mjs";
import { LIMIT, stage } from "./support/stage.mjs";

const stand = stage();

/** Runs in pages: plays an address, and says how far it has come after a second. */
async function heard(_, address) {
  const audio = new Audio(address);
  await audio.play();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const { currentTime, duration, error } = audio;
  audio.pause();
  audio.removeAttribute("src");
  return { currentTime, duration, error: error?.message };
}

test("a song goes from the package's peer to a relay's tab, and the other way round", LIMIT, async () => {
  const relay = await stand.relay();
  const page = await stand.page();
  await page.start({ relays: [relay.url], serviceWorker: "/service-worker.js" });
  await page.give(await stand.songs.make({ seconds: 20, title: "There", artist: "Package", album: "" }));
  const { uploaded, progress, size } = await page.run(async () => {
    const progress = [];
    const uploaded = await peer.upload(file, { album: "Both Ways" }, { onProgress: (now) => progress.push(now) });
    return { uploaded, progress, size: file.size };
  });
  assert.equal(uploaded.outcome, "new-song");
  assert.deepEqual([uploaded.song.title, uploaded.song.album, uploaded.copies.safe], ["There", "Both Ways", true]);
  assert.deepEqual(progress.at(-1), { loaded: size, total: size });

  const tab = await stand.browser.visit(relay);
  await tab.search("there package");
  await tab.lists("There");
  await tab.play("There");
  await tab.upload(await stand.songs.make({ seconds: 20, title: "Back", artist: "Yew", album: "" }));

  const found = await page.run(async () => {
    const songs = [];
    for await (const song of peer.search("back yew", { limit: 5 })) songs.push(song);
    return songs;
  });
  assert.deepEqual(found.map(({ title, artist }) => [title, artist]), [["Back", "Yew"]]);
  const address = await page.run((_, id) => peer.listen(id), found[0].id);
  assert.ok(address.startsWith(`${stand.site.url}/kadenza/`), address);
  const { currentTime, duration, error } = await page.run(heard, address);
  assert.ok(currentTime > 0.3 && !error, `${currentTime} s; ${error}`);
  assert.ok(Math.abs(duration - found[0].duration) < 0.5);
  await page.isQuiet();
  assert.deepEqual(tab.errors, []);
});
