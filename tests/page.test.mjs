// The page itself: quiet, complete, and usable without a mouse.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Tab } from "./support/browser.mjs";
import { LIMIT, stage } from "./support/stage.mjs";
import { eventually } from "./support/wait.mjs";

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

test("a song that this browser cannot play says so before it is clicked", LIMIT, async () => {
  const relay = await stand.relay();
  await relay.upload(await stand.songs.make({ title: "Plays", artist: "Types", album: "" }));
  await relay.upload(await stand.songs.make({ format: "opus", title: "Foreign", artist: "Types", album: "" }));
  const person = await stand.browser.person();
  // As browsers that know no Ogg answer.
  await person.addInitScript(() => {
    const { canPlayType } = HTMLMediaElement.prototype;
    HTMLMediaElement.prototype.canPlayType = function (type) {
      return type === "audio/ogg" ? "" : canPlayType.call(this, type);
    };
  });
  const tab = await Tab.open(person, relay);
  await tab.lists("Foreign", "Plays");
  await tab.item("Foreign").getByText("This browser cannot play Ogg").waitFor();
  assert.equal(await tab.playButton("Foreign").getAttribute("aria-disabled"), "true");
  await tab.playButton("Foreign").click({ force: true });
  assert.equal(await tab.player.count(), 0);
  await tab.play("Plays");
});

test("an upload limit is kept for the next visit, and a metered connection serves nobody", LIMIT, async () => {
  const relay = await stand.relay();
  const person = await stand.browser.person();
  await person.addInitScript(() => {
    const connection = Object.assign(new EventTarget(), { saveData: false, type: "wifi" });
    Object.defineProperty(navigator, "connection", { value: connection });
  });
  const tab = await Tab.open(person, relay);
  await tab.openNetwork();
  const limit = tab.network.getByRole("combobox", { name: "Upload limit" });
  const kept = () => tab.page.evaluate(() => localStorage.getItem("kadenza.upload-limit"));
  assert.equal(await limit.inputValue(), "");
  await limit.selectOption("500 kB/s");
  await eventually("it is kept", async () => (await kept()) === "500000");
  await limit.selectOption("Other…");
  await tab.network.getByRole("spinbutton", { name: "Kilobytes a second" }).fill("321");
  await tab.page.keyboard.press("Tab");
  await eventually("it is kept", async () => (await kept()) === "321000");
  await tab.page.reload();
  await tab.openNetwork();
  assert.equal(await tab.network.getByRole("spinbutton").inputValue(), "321");
  await tab.network.getByText("Others can play what this tab has").waitFor();
  await tab.page.evaluate(() => {
    navigator.connection.saveData = true;
    navigator.connection.dispatchEvent(new Event("change"));
  });
  await tab.network.getByText("Not serving others: your connection is metered").waitFor();
  await limit.selectOption("Unlimited");
  await eventually("no limit is kept", async () => (await kept()) === null);
});

test("a link to what plays can be copied", LIMIT, async () => {
  const relay = await stand.relay();
  await relay.upload(await stand.songs.make({ seconds: 30, title: "Shared", artist: "Link", album: "" }));
  const tab = await stand.browser.visit(relay, { permissions: ["clipboard-read", "clipboard-write"] });
  await tab.play("Shared");
  await tabTo(tab, tab.control("Copy link to this song"));
  await tab.page.keyboard.press("Enter");
  await tab.player.getByText("Link copied").waitFor();
  const { songs } = await relay.search("shared");
  assert.equal(await tab.page.evaluate(() => navigator.clipboard.readText()), `${relay.url}/#/song/${songs[0].id}`);
});

test("a page that is not there is answered as such", LIMIT, async () => {
  const relay = await stand.relay();
  for (const path of ["/nowhere", "/api/nowhere", "/listen/../../etc/passwd", "/listen/%2e%2e%2f%2e%2e%2fetc%2fpasswd"]) {
    const response = await fetch(relay.url + path);
    assert.ok([400, 404].includes(response.status), `${path}: ${response.status}`);
    assert.doesNotMatch(await response.text(), /root:/);
  }
});
