// Rooms of the package's peers, shared with a relay's page.

import assert from "node:assert/strict";
import { test } from "node:test";

import { RoomTab } from "../../tests/support/room.mjs";
import { eventually } from "../../tests/support/wait.mjs";
import { LIMIT, stage } from "./support/stage.mjs";

const stand = stage();

test("the package's peer is in a room with a relay's tab: members, songs, the queue and what plays", LIMIT, async () => {
  const relay = await stand.relay();
  const page = await stand.page();
  const link = await page.run(({ Kadenza }) => Kadenza.newRoomLink("Both Kinds"));
  await page.start({ relays: [relay.url], room: { link, name: "Pack" }, serviceWorker: "/service-worker.js" });
  await page.run(async (_, link) => {
    globalThis.room = await peer.room(`https://music.example/#/room/${link}`);
    globalThis.told = new Set();
    for (const kind of ["library", "members", "queue", "playback", "leave"]) room.addEventListener(kind, () => told.add(kind));
  }, link);
  assert.deepEqual(await page.run(() => [room.name, room.link]), ["Both Kinds", link]);

  const mira = await RoomTab.enter(await stand.browser.person(), relay, `#/room/${link}`, { me: "Mira" });
  await mira.sees("Mira", "Pack");
  await page.give(await stand.songs.make({ seconds: 30, title: "Sealed", artist: "Pack", album: "" }));
  await page.run(async () => {
    globalThis.uploaded = await room.upload(file);
  });
  await mira.lists("Sealed");
  assert.deepEqual(await page.run(() => Array.fromAsync(peer.search("sealed"))), [], "nobody outside finds it");
  await mira.upload(await stand.songs.make({ seconds: 30, title: "Answer", artist: "Mira", album: "" }));
  await eventually("the package finds the tab's song", () =>
    page.run(async () => (await Array.fromAsync(room.search("answer"))).length === 1),
  );

  await page.run(() => {
    globalThis.item = room.add(uploaded.song.id);
    const [{ id, song, addedBy }] = room.queue;
    if (id !== item || song !== uploaded.song.id || addedBy !== peer.id) throw new Error("the queue has another item");
    room.react("🔥");
  });
  await mira.queues("Sealed");
  await mira.addToQueue("Answer");
  await eventually("the package sees the queue", () => page.run(() => room.queue.length === 2));
  await eventually("the room's clock is set", () => page.run(() => room.play(item) === undefined));
  await eventually("it plays", () => page.run(() => room.playback.playing && room.playback.position > 0.5));
  assert.equal(await page.run(() => room.playback.item), await page.run(() => item));
  const address = await page.run(() => room.listen(uploaded.song.id));
  assert.ok(!address.includes(await page.run(() => uploaded.song.id)), "no address names a plain id");
  const time = await page.run(async (_, address) => {
    const audio = new Audio(address);
    await audio.play();
    await new Promise((resolve) => setTimeout(resolve, 700));
    audio.pause();
    return audio.currentTime;
  }, address);
  assert.ok(time > 0.2, `${time} s`);
  await page.run(() => room.skip());
  await eventually("the next one plays", () => page.run(() => room.playback.item === room.queue[1].id));
  await page.run(() => room.pause());
  await eventually("it stands still", () => page.run(() => !room.playback.playing));

  const names = () => page.run(() => room.members.map(({ name, me }) => [name, me]));
  assert.deepEqual(await names(), [["Pack", true], ["Mira", false]]);
  await page.run(() => room.rename("Packed"));
  await mira.sees("Mira", "Packed");
  await page.run(() => room.leave());
  await mira.sees("Mira");
  assert.deepEqual((await page.run(() => [...told])).sort(), ["leave", "library", "members", "playback", "queue"]);
  const late = await page.refusal(() => room.search("x").next());
  assert.deepEqual([late.code, late.message], ["unavailable", "the room was left"]);
  await page.isQuiet();
  await mira.close();
});

test("a wrong action is refused by its name, and what the room cannot do is said", LIMIT, async () => {
  const page = await stand.page();
  const link = await page.run(({ Kadenza }) => Kadenza.newRoomLink("Alone"));
  await page.start({ relays: [], storage: "memory", room: link });
  await page.run(async (_, link) => (globalThis.room = await peer.room(link)) && undefined, link);
  for (const [argument, call] of [
    ["id", "room.add('x')"],
    ["after", "room.add('0'.repeat(40), { after: 'x' })"],
    ["item", "room.play(7)"],
    ["item", "room.remove('x')"],
    ["position", "room.seek(-1)"],
    ["position", "room.seek(NaN)"],
    ["emoji", "room.react('x')"],
    ["name", "room.rename('')"],
    ["content", "room.addPublic({})"],
  ]) {
    const refusal = await page.refusal(`async () => ${call}`);
    assert.deepEqual([refusal.typed, refusal.code], [true, "invalid"], `${call}: ${refusal.thrown}`);
    assert.ok(refusal.message.startsWith(`${argument}: `), `${call}: ${refusal.message}`);
  }
  const early = await page.refusal(() => {
    const item = room.add("0".repeat(40));
    room.remove(item);
    room.play("0".repeat(32));
  });
  assert.deepEqual([early.typed, ["invalid", "unavailable"].includes(early.code)], [true, true], early.thrown);
  const other = await page.run(({ Kadenza }) => Kadenza.newRoomLink("Other"));
  const [same, left] = await page.run(async (_, other) => {
    const same = (await peer.room(room.link)) === room;
    const left = new Promise((resolve) => room.addEventListener("leave", () => resolve(true)));
    const next = await peer.room(other);
    return [same, (await left) && next.name];
  }, other);
  assert.deepEqual([same, left], [true, "Other"]);
  await page.isQuiet();
});
