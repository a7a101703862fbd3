// The transport between two browsers that share no code.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { peerStage } from "./support/peer-stage.mjs";
import { LIMIT } from "./support/stage.mjs";

const stand = peerStage({ firefox: true });
let relay;

before(async () => (relay = await stand.ours()));

for (const [dialer, listener] of [["chromium", "firefox"], ["firefox", "chromium"]]) {
  test(`a tab in ${dialer} dials one in ${listener}, and they exchange 8 MiB both ways`, LIMIT, async () => {
    const from = await stand.open("rust", relay, { browser: stand[dialer] });
    const to = await stand.open("rust", relay, { browser: stand[listener] });
    await from.connect(to);
    for (const [one, other] of [[from, to], [to, from]]) {
      assert.ok((await one.call("ping", other.id)) > 0);
      const { received, bad } = await one.call("echo", other.id, 8 * 1024);
      assert.deepEqual({ received, bad }, { received: 8 * 2 ** 20, bad: 0 });
    }
    assert.deepEqual((await from.connectionsTo(to.id)).map(({ path }) => path), ["direct"]);
  });
}
