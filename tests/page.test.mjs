// The page itself: quiet, complete, and usable without a mouse.

import assert from "node:assert/strict";
import { test } from "node:test";

import { LIMIT, stage } from "./support/stage.mjs";

const stand = stage();

const TABS_MAX = 40;

/** Presses Tab until the focus is on what `locator` names. */
async function tabTo(tab, locator) {
  await locator.waitFor();
  for (let presses = 0; presses < TABS_MAX; presses += 1) {
    if (await locator.evaluate((element) => element === document.activeElement)) return;
    await tab.page.keyboard.press("Tab");
  }
  assert.fail(`${TABS_MAX} presses of Tab did not reach ${locator}`);
}

test("a normal visit leaves no error in the console and asks for nothing that is missing", LIMIT, async () => {
  const relay = await stand.relay();
  const song = await stand.songs.make({ title: "Quiet", artist: "Console", album: "", cover: true });
  await relay.upload(song);
  const tab = await stand.browser.visit(relay);
  const failed = [];
  tab.page.on("response", (response) => response.status() >= 400 && failed.push(response.url()));
  await tab.page.reload();
  await tab.connected();
  await tab.served();
  await tab.play("Quiet");
  assert.deepEqual(failed, []);
  assert.deepEqual(tab.errors, []);
});

test("the keyboard alone uploads, searches and plays", LIMIT, async () => {
  const relay = await stand.relay();
  const tab = await stand.browser.visit(relay);
  const song = await stand.songs.make({ seconds: 30, title: "Keys", artist: "Fingers", album: "" });
  const chooser = tab.page.waitForEvent("filechooser");
  await tabTo(tab, tab.uploadButton);
  await tab.page.keyboard.press("Enter");
  await (await chooser).setFiles(song.path);
  await tab.shows(/Added Keys/);
  await tabTo(tab, tab.page.getByRole("searchbox", { name: "Search songs" }));
  await tab.page.keyboard.type("keys fingers");
  await tab.lists("Keys");
  await tabTo(tab, tab.playButton("Keys"));
  await tab.page.keyboard.press("Enter");
  await tab.plays("Keys");
  await tabTo(tab, tab.control("Pause"));
  await tab.page.keyboard.press("Space");
  await tab.control("Play").waitFor();
});

for (const [name, viewport] of [["a phone", { width: 360, height: 740 }], ["a wide desktop", { width: 1920, height: 1080 }]]) {
  test(`everything fits on ${name}`, LIMIT, async () => {
    const relay = await stand.relay();
    const title = "A song with a rather long title that goes on and on until it has to be cut somewhere";
    await relay.upload(await stand.songs.make({ title, artist: "Long Names", album: "Of Everything" }));
    const tab = await stand.browser.visit(relay, { viewport });
    await tab.play(title);
    const overflow = await tab.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `the page is ${overflow} pixels too wide`);
    for (const control of [tab.control("Next"), tab.control("Previous"), tab.slider("Seek")]) {
      assert.ok(await control.isVisible());
    }
  });
}

test("a page that is not there is answered as such", LIMIT, async () => {
  const relay = await stand.relay();
  for (const path of ["/nowhere", "/api/nowhere", "/listen/../../etc/passwd", "/listen/%2e%2e%2f%2e%2e%2fetc%2fpasswd"]) {
    const response = await fetch(relay.url + path);
    assert.ok([400, 404].includes(response.status), `${path}: ${response.status}`);
    assert.doesNotMatch(await response.text(), /root:/);
  }
});
