// The end of a connection: how soon the other side knows, and that nothing of it stays behind.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { peerStage } from "./support/peer-stage.mjs";
import { crash } from "./support/peers.mjs";
import { LIMIT } from "./support/stage.mjs";
import { eventually } from "./support/wait.mjs";

const CLOSED_MS_MAX = 1000;
const CRASHED_MS_MAX = 5000;

/** Two pages of wasm memory, for fragments: a leak of 1.3 KB a connection is more than that after a hundred. */
const MEMORY_NOISE = 2 * 2 ** 16;
const CYCLES = 200;

const stand = peerStage();
let relay;

before(async () => (relay = await stand.ours()));

/** Ways in which a tab ends, and milliseconds until the other side must know. */
const ENDS = [
  ["disconnects", CLOSED_MS_MAX, (tab, other) => tab.call("disconnect", other.id)],
  ["is closed by its user", CLOSED_MS_MAX, (tab) => tab.page.close({ runBeforeUnload: true })],
  ["is closed without being asked", CLOSED_MS_MAX, (tab) => tab.page.close()],
  ["goes to another page", CLOSED_MS_MAX, (tab) => tab.page.goto("about:blank")],
  ["crashes", CRASHED_MS_MAX, crash],
];

describe("a tab's peer knows at once when the tab", () => {
  let survivor;
  before(async () => (survivor = await stand.open("rust", relay)));

  for (const [what, limit, end] of ENDS) {
    for (const [role, dial] of [
      ["which had dialled", (tab) => tab.connect(survivor)],
      ["which had been dialled", (tab) => survivor.connect(tab)],
    ]) {
      test(`${what}, ${role}`, LIMIT, async () => {
        const tab = await stand.open("rust", relay);
        await dial(tab);
        const gone = await survivor.watch(tab.id);
        const begun = Date.now();
        await end(tab, survivor);
        const seen = (await gone()) - begun;
        assert.ok(seen <= limit, `it took ${seen} ms`);
        assert.deepEqual(await survivor.connectionsTo(tab.id), []);
        await tab.close();
      });
    }
  }
});

test(`after ${CYCLES} connections nothing of them is left`, { timeout: 300_000 }, async () => {
  const [from, to] = [await stand.open("rust", relay), await stand.open("rust", relay)];
  const memory = async () => (await from.call("memory")) + (await to.call("memory"));
  const grown = [await memory()];
  for (let half = 0; half < 2; half += 1) {
    // In turn, since a relay slows down whoever asks for a circuit again and again.
    for (let i = 0; i < CYCLES / 4; i += 1) {
      await connectAndClose(from, to);
      await connectAndClose(to, from);
    }
    grown.push(await memory());
  }
  for (const tab of [from, to]) {
    await eventually("no connection or channel is left", async () => {
      assert.deepEqual(await tab.live(), { connections: 0, channels: 0 });
      assert.deepEqual({ ...(await tab.call("openConnections")) }, { peerConnections: 0, dataChannels: 0 });
      return true;
    });
  }
  await from.connect(to);
  for (const tab of [from, to]) {
    assert.equal((await tab.live()).connections, 1);
    assert.equal((await tab.call("openConnections")).peerConnections, 1);
  }
  const [before, between, after] = grown;
  assert.ok(after - between <= MEMORY_NOISE, `bytes of memory: ${before}, ${between}, ${after}`);
});

async function connectAndClose(from, to) {
  await from.connect(to);
  await from.call("ping", to.id);
  const gone = await to.watch(from.id);
  await from.call("disconnect", to.id);
  await gone();
}

test("peers that dial each other at the same time have one connection", LIMIT, async () => {
  const [one, other] = [await stand.open("rust", relay), await stand.open("rust", relay)];
  for (let i = 0; i < 5; i += 1) {
    const dials = await Promise.allSettled([one.call("dial", other.address), other.call("dial", one.address)]);
    assert.ok(dials.some(({ status }) => status === "fulfilled"), String(dials[0].reason));
    for (const [tab, peer] of [[one, other], [other, one]]) {
      await eventually("one connection is left", async () => (await tab.connectionsTo(peer.id)).length === 1);
      assert.equal((await tab.live()).connections, 1);
    }
    assert.ok((await one.call("ping", other.id)) > 0);
    assert.ok((await other.call("ping", one.id)) > 0);
    await one.call("disconnect", other.id);
    for (const [tab, peer] of [[one, other], [other, one]]) await tab.without(peer.id);
  }
});
