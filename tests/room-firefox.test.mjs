// A room of a tab in Chromium and one in Firefox: they find each other, share songs and play in step.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { openFirefox, silentPage } from "./support/peers.mjs";
import { RoomTab } from "./support/room.mjs";
import { LIMIT, stage } from "./support/stage.mjs";
import { eventually } from "./support/wait.mjs";

const stand = stage();

let firefox;

before(async () => {
  // Nobody has touched the page; people have.
  firefox = await openFirefox({ preferences: { "media.autoplay.default": 0 } });
});

after(() => firefox?.close());

/** Opens a room in a new tab of Firefox, whose person is called `me` there. */
async function enter(relay, hash, me) {
  const page = await silentPage(firefox);
  await page.goto(relay.url);
  await page.evaluate((me) => localStorage.setItem("kadenza.name", me), me);
  await page.goto(`${relay.url}/${hash}`);
  await page.reload();
  return page;
}

/** Presses a button, found by its name; not by where it is, for the page moves on while it plays. */
const press = (page, name) =>
  eventually(`Firefox has a button ${name}`, async () => {
    const others = await page.evaluate((name) => {
      const names = (button) => [button.getAttribute("aria-label"), button.innerText.trim()];
      const button = [...document.querySelectorAll("button")].find((button) => names(button).includes(name));
      button?.click();
      return button ? undefined : document.body.innerText;
    }, name);
    assert.equal(others, undefined);
    return true;
  });

/** Where the element that plays is, and when that was. */
const heard = () => {
  const audio = [...document.querySelectorAll("audio")].find((audio) => audio.currentSrc && !audio.paused);
  return audio && { second: audio.currentTime, at: performance.timeOrigin + performance.now() };
};

test("a room in Chromium and Firefox has one library, and both hear the same at the same moment", LIMIT, async () => {
  const relay = await stand.relay();
  const mira = await RoomTab.create(await stand.browser.person(), relay, { room: "Two Browsers", me: "Mira" });
  await mira.upload(await stand.songs.make({ seconds: 90, title: "Bridge", artist: "Both Sides", album: "" }));
  const fox = await enter(relay, mira.hash, "Fox");
  await mira.sees("Mira", "Fox");
  await eventually("Firefox lists the song", async () =>
    (await fox.evaluate(() => document.body.innerText)).includes("Both Sides"),
  );
  await press(fox, "Listen together");
  await mira.join();
  await mira.addToQueue("Bridge");
  await mira.room.getByRole("button", { name: "Play now: Bridge" }).click();
  await mira.plays("Bridge");
  await eventually("both are within 50 ms of each other", async () => {
    const [one, other] = await Promise.all([mira.page.evaluate(heard), fox.evaluate(heard)]);
    assert.ok(one && other, "one of them does not play");
    const apart = Math.abs(one.second - one.at / 1000 - (other.second - other.at / 1000));
    assert.ok(apart < 0.05, `${apart} s apart`);
    return true;
  });
  await press(fox, "Pause");
  await eventually("Mira stands still", async () => (await mira.heard()).paused);
});
