// The network panel: who a tab is connected to, how, and what went to and fro.

import assert from "node:assert/strict";
import { test } from "node:test";

import { LIMIT, stage } from "./support/stage.mjs";
import { eventually } from "./support/wait.mjs";

const stand = stage();

const UNITS = { bytes: 1, kB: 1e3, MB: 1e6, GB: 1e9 };

/** The bytes after an arrow, as the panel rounds them. */
function bytes({ text }, arrow) {
  const [, number, unit] = text.match(new RegExp(`${arrow} ([\\d.]+) (\\w+)`)) ?? assert.fail(`no ${arrow} in: ${text}`);
  return Number(number) * UNITS[unit];
}

/** Waits until the panel of `tab` names a peer that is as `wanted` says, and returns it. */
function sees(tab, what, wanted) {
  return eventually(`the panel shows ${what}`, async () => {
    const peers = await tab.peers();
    return peers.find(wanted) ?? assert.fail(JSON.stringify(peers));
  }, { within: 60_000 });
}

test("the panel names the relay and the other tab, and how each is reached", LIMIT, async () => {
  const relay = await stand.relay();
  const first = await stand.browser.visit(relay);
  const second = await stand.browser.visit(relay);
  const { peer } = await relay.json("/api/network");
  const seen = await sees(first, "how far the relay is", (it) => it.peer === peer && /\d ms/.test(it.text));
  assert.equal(seen.kind, "Relay");
  assert.equal(seen.reach, "direct");
  assert.match(seen.text, /\bDirect\b/);

  const other = await second.peer();
  const directly = ({ peer, reach, text }) => peer === other && reach === "direct" && /\d ms/.test(text);
  const tab = await sees(first, "how far the other tab is, without the relay", directly);
  assert.equal(tab.kind, "Tab");
  assert.match(tab.text, /\bDirect\b/);
  assert.equal((await first.peers())[0].peer, peer, "the relay comes first");

  await first.network.locator("code").last().click();
  const copied = await first.page.evaluate(() => getSelection().toString());
  assert.equal(copied, await first.peer(), "one press selects the id of this tab, to be copied");
});

test("bytes are counted while a song is played", LIMIT, async () => {
  const relay = await stand.relay();
  const song = await stand.songs.make({ format: "wav", seconds: 20, title: "Counted", artist: "Bytes", album: "" });
  const tab = await stand.browser.visit(relay);
  const isRelay = ({ kind }) => kind === "Relay";
  const before = await sees(tab, "the relay", isRelay);
  // Only now: a tab that comes to a relay with songs may be given a copy before it is looked at.
  await relay.upload(song);
  await tab.search("counted");
  await tab.play("Counted");
  const came = (it) => isRelay(it) && bytes(it, "↓") - bytes(before, "↓") >= song.bytes.length * 0.9;
  const after = await sees(tab, "that the song came from the relay", came);
  assert.ok(bytes(after, "↑") > 0, `it was asked for: ${after.text}`);
});

test("a relay that is gone leaves the panel, which says that nobody is there", LIMIT, async () => {
  const relay = await stand.relay();
  const tab = await stand.browser.visit(relay);
  await sees(tab, "the relay", ({ kind }) => kind === "Relay");
  await relay.kill();
  await eventually("nobody is in the panel", async () => (await tab.peers()).length === 0, { within: 60_000 });
  await tab.shows(/Nobody is connected/);
});

test("the keyboard opens the panel and closes it, and is back where it was", LIMIT, async () => {
  const relay = await stand.relay();
  const tab = await stand.browser.visit(relay);
  const button = tab.status.getByRole("button");
  const isFocused = () => button.evaluate((element) => element === document.activeElement);
  const isOpen = async () => (await button.getAttribute("aria-expanded")) === "true" && tab.network.isVisible();
  await button.focus();
  await tab.page.keyboard.press("Enter");
  await eventually("the panel is open", isOpen);
  await tab.page.keyboard.press("Tab");
  assert.equal(await isFocused(), false, "what is in the panel comes next");
  assert.ok(await tab.network.evaluate((panel) => panel.contains(document.activeElement)));
  await tab.page.keyboard.press("Escape");
  await eventually("the panel is closed", async () => !(await tab.network.isVisible()));
  assert.ok(await isFocused());
  assert.equal(await button.getAttribute("aria-expanded"), "false");
});

test("a press elsewhere closes the panel, and still does what it is for", LIMIT, async () => {
  const relay = await stand.relay();
  await relay.upload(await stand.songs.make({ seconds: 20, title: "Elsewhere", artist: "Press", album: "" }));
  const tab = await stand.browser.visit(relay);
  await tab.openNetwork();
  await tab.play("Elsewhere");
  assert.equal(await tab.network.isVisible(), false);
  await tab.openNetwork();
  await tab.page.mouse.click(5, 400);
  await eventually("the panel is closed", async () => !(await tab.network.isVisible()));
  await eventually("the focus is where the panel was opened", () =>
    tab.status.getByRole("button").evaluate((element) => element === document.activeElement),
  );
});

for (const [name, viewport] of [["a phone", { width: 360, height: 640 }], ["a desktop", { width: 1440, height: 900 }]]) {
  test(`the panel fits on ${name}`, LIMIT, async () => {
    const relay = await stand.relay();
    const tab = await stand.browser.visit(relay, { viewport, reducedMotion: "reduce" });
    await tab.openNetwork();
    const box = await tab.network.boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= viewport.width, JSON.stringify(box));
    assert.ok(box.y >= 0 && box.y + box.height <= viewport.height, JSON.stringify(box));
    const overflow = await tab.network.evaluate((panel) => panel.scrollWidth - panel.clientWidth);
    assert.ok(overflow <= 0, `its content is ${overflow} pixels too wide`);
  });
}
