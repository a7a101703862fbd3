// Rooms, as their members see them.

import { eventually } from "./wait.mjs";
import { Tab } from "./browser.mjs";

/** A tab in a room. */
export class RoomTab extends Tab {
  /** Makes a room in a new tab of `person`, who is called `me` there. */
  static async create(person, relay, { room = "Kitchen", me = "Mira" } = {}) {
    const tab = await RoomTab.open(person, relay.url);
    await tab.page.getByRole("button", { name: "New room" }).click();
    const dialog = tab.page.getByRole("dialog", { name: "New room" });
    await dialog.getByLabel("Name of the room").fill(room);
    await dialog.getByLabel("Your name").fill(me);
    await dialog.getByRole("button", { name: "Open the room" }).click();
    await tab.inside();
    await dialog.waitFor({ state: "hidden" });
    return tab;
  }

  /** Opens a room's link in a new tab of `person`. */
  static async enter(person, relay, hash, { me } = {}) {
    if (me) await person.addInitScript((me) => localStorage.setItem("kadenza.name", me), me);
    const tab = new RoomTab(person, await person.newPage());
    await tab.page.goto(`${relay.url}/${hash}`);
    await tab.inside();
    return tab;
  }

  static async open(person, url) {
    const tab = new RoomTab(person, await person.newPage());
    await tab.page.goto(url);
    await tab.connected();
    return tab;
  }

  /** The part of the address after `#`, itself included. */
  get hash() {
    return new URL(this.page.url()).hash;
  }

  get room() {
    return this.page.getByRole("region", { name: "Room" });
  }

  async inside() {
    await this.room.getByRole("list", { name: "Members" }).waitFor({ timeout: 30_000 });
  }

  /** What the members are called: this tab first, then the others by name. */
  async members() {
    const own = await this.room.getByLabel("Your name").inputValue();
    const others = await this.room.getByRole("list", { name: "Members" }).getByRole("listitem").evaluateAll((all) =>
      all.filter((item) => !item.querySelector("input")).map((item) => item.querySelector("span").textContent),
    );
    return [own, ...others.sort()];
  }

  async sees(...members) {
    const wanted = JSON.stringify(members);
    await eventually(`the members are ${wanted}`, async () => {
      const found = JSON.stringify(await this.members());
      if (found !== wanted) throw new Error(found);
      return true;
    });
  }

  /** Titles in the queue, in its order. */
  async queue() {
    return this.room.locator(".queued-title").allTextContents();
  }

  async queues(...titles) {
    const wanted = JSON.stringify(titles);
    await eventually(`the queue is ${wanted}`, async () => {
      const found = JSON.stringify(await this.queue());
      if (found !== wanted) throw new Error(found);
      return true;
    });
  }

  addToQueue(title) {
    return this.page.getByRole("button", { name: `Add to queue: ${title}`, exact: true }).click();
  }

  /** Joins what the room plays. */
  async join() {
    await this.room.getByRole("button", { name: "Listen together" }).click();
  }

  /** Where the element that plays is, in seconds, and whether it stands still. */
  async heard() {
    return this.page.evaluate(() => {
      const playing = [...document.querySelectorAll("audio")].filter((audio) => audio.currentSrc);
      const audio = playing.find((audio) => !audio.paused) ?? playing[0];
      return audio && { second: audio.currentTime, paused: audio.paused, at: performance.timeOrigin + performance.now() };
    });
  }
}
