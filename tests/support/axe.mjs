// What axe-core says of the page in each of its states.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { RoomTab } from "./room.mjs";

const AXE = await readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

/** What breaks a rule of WCAG 2.2 AA, or of good practice: the rule, and the elements. */
export async function violations(tab) {
  await tab.page.evaluate(AXE);
  const { violations } = await tab.page.evaluate("axe.run(document, { resultTypes: ['violations'] })");
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`);
}

/** Goes through the states of the page as somebody with this `look`, and has `check` look at each: at its name, and its tab. */
export async function walk({ browser, relay, songs }, look, check) {
  const person = { ...look, reducedMotion: "reduce" };
  const tab = await browser.visit(relay, person);
  const see = (state, of = tab) => check(state, of);
  await tab.shows(/No music here yet/);
  await see("an empty library");
  await tab.search("nothing has this name");
  await tab.shows(/Nothing found/);
  await see("an empty answer");
  await tab.search("");
  await tab.upload(await songs.make({ name: "heard.mp3", seconds: 30, title: "Heard", artist: "Axe", album: "Core", cover: true }));
  await see("an upload");
  await tab.play("Heard");
  await see("a song that plays");
  await tab.page.getByRole("button", { name: "Albums" }).click();
  await see("albums");
  await tab.page.getByRole("button", { name: /^Core/ }).click();
  await see("an album");
  await tab.control("Up next").click();
  await see("what plays next");
  await tab.page.keyboard.press("Escape");
  await tab.openNetwork();
  await see("the network");
  await tab.page.getByLabel("A song’s place").selectOption("Heard");
  await tab.network.locator("[data-peer] button").first().focus();
  await see("a peer and a song's place");
  await tab.page.keyboard.press("Escape");
  await tab.page.getByRole("button", { name: "Storage", exact: true }).click();
  await tab.shows(/Nothing would be lost|would be lost:/);
  await see("what is stored");
  await tab.page.keyboard.press("Escape");
  await tab.page.keyboard.press("?");
  await see("the keyboard's sheet");
  await tab.page.keyboard.press("Escape");
  await tab.page.getByRole("button", { name: "New room" }).click();
  await see("a new room's names");
  const mira = await RoomTab.create(await browser.person(person), relay, { me: "Mira" });
  await see("an empty room", mira);
  await mira.upload(await songs.make({ name: "sealed.mp3", seconds: 30, title: "Sealed", artist: "Axe", album: "Core" }));
  await mira.addToQueue("Sealed");
  await mira.queues("Sealed");
  await see("a room with a queue", mira);
  await mira.page.getByRole("button", { name: "Make public: Sealed" }).click();
  await see("the warning", mira);
  await mira.page.keyboard.press("Escape");
  await mira.room.getByRole("button", { name: "Share room" }).click();
  await see("a room's link", mira);
  await Promise.all([tab, mira].map(({ person }) => person.close()));
}
