// rust-libp2p and js-libp2p, each in a tab of its own: either dials the other, through either's relay.

import assert from "node:assert/strict";
import { before, describe, test } from "node:test";

import { peerStage } from "./support/peer-stage.mjs";
import { LIMIT } from "./support/stage.mjs";
import { eventually } from "./support/wait.mjs";

const ECHO = "/bench/echo/1.0.0";
const MIB_IN_KIB = 1024;

/** Channels that may be open on a connection in use: a ping, an identify, and what is closing just now. */
const CHANNELS_IN_USE = 8;

const stand = peerStage();

const RELAYS = [
  ["our relay", () => stand.ours()],
  ["a js-libp2p relay", () => stand.js()],
];

for (const [relayName, startRelay] of RELAYS) {
  for (const [dialer, listener] of [["rust", "js"], ["js", "rust"]]) {
    describe(`${dialer} dials ${listener} through ${relayName}`, () => {
      let from, to;
      before(async () => {
        const relay = await startRelay();
        [from, to] = [await stand.open(dialer, relay), await stand.open(listener, relay)];
        await from.connect(to);
      });
      interoperate(() => [from, to]);
    });
  }
}

/** What two connected peers must be able to do. */
function interoperate(pair) {
  test("they have a direct connection and know who dialled", LIMIT, async () => {
    const [from, to] = pair();
    await directly(from, to, "outbound");
    await directly(to, from, "inbound");
  });

  test("they identify each other", LIMIT, async () => {
    for (const [one, other] of bothWays(pair())) {
      const { agent, protocols, addresses } = await one.call("identified", other.id);
      assert.match(agent, /libp2p/);
      assert.ok(protocols.includes(ECHO), protocols.join());
      assert.ok(addresses.some((address) => address.includes("/p2p-circuit/webrtc")), addresses.join());
    }
  });

  test("they ping each other", LIMIT, async () => {
    for (const [one, other] of bothWays(pair())) {
      const took = await one.call("ping", other.id);
      assert.ok(took > 0 && took < 5000, `${took} ms`);
    }
  });

  test("64 MiB come back from the other side byte for byte", LIMIT, async () => {
    const [from, to] = pair();
    const { received, bad } = await from.call("echo", to.id, 64 * MIB_IN_KIB);
    assert.deepEqual({ received, bad }, { received: 64 * 2 ** 20, bad: 0 });
  });

  test("after its own end a stream still reads everything to the other side's end", LIMIT, async () => {
    for (const [one, other] of bothWays(pair())) {
      assert.equal(await one.run(halfClose, other.id, ECHO), 2 ** 18);
    }
  });

  test("a stream that one side resets fails on the other", LIMIT, async () => {
    for (const [one, other] of bothWays(pair())) {
      await assert.rejects(one.run(readAfterReset, other.id, "/bench/reset/1.0.0"));
      assert.ok((await one.call("ping", other.id)) > 0);
    }
  });

  test("1,000 short streams all succeed, and none stays behind", LIMIT, async () => {
    const [from, to] = pair();
    assert.equal(await from.run(shortStreams, to.id, ECHO, 1000), 1000);
    for (const tab of pair()) {
      await eventually("the channels are closed", async () => {
        const { channels } = await tab.live();
        if (channels > CHANNELS_IN_USE) throw new Error(`${channels} are open`);
        return true;
      });
    }
  });
}

const bothWays = ([one, other]) => [[one, other], [other, one]];

async function directly(one, other, direction) {
  await eventually(`the connection is there, ${direction}`, async () => {
    const connections = (await one.connectionsTo(other.id)).filter(({ path }) => path === "direct");
    assert.deepEqual(connections.map((connection) => connection.direction), [direction]);
    return true;
  });
}

/** In the page: sends 256 KiB, ends its own side, and counts what comes until the other side's end. */
async function halfClose(peer, other, protocol) {
  const stream = await peer.open(other, protocol);
  for (let i = 0; i < 4; i += 1) await stream.write(new Uint8Array(2 ** 16).fill(i));
  await stream.closeWrite();
  let bytes = 0;
  for (let part = await stream.read(); part; part = await stream.read()) bytes += part.length;
  return bytes;
}

/** In the page: makes the other side reset a stream, and reads it. */
async function readAfterReset(peer, other, protocol) {
  const stream = await peer.open(other, protocol);
  await stream.write(new Uint8Array(1));
  return Boolean(await stream.read());
}

/** In the page: opens streams, ten at a time, and counts those that echoed what they should and ended. */
async function shortStreams(peer, other, protocol, count) {
  let begun = 0;
  let whole = 0;
  const worker = async () => {
    while (begun < count) {
      const word = new Uint8Array(32).fill((begun += 1));
      const stream = await peer.open(other, protocol);
      await stream.write(word);
      await stream.closeWrite();
      const came = [];
      for (let part = await stream.read(); part; part = await stream.read()) came.push(...part);
      if (came.join() === word.join()) whole += 1;
    }
  };
  await Promise.all(Array.from({ length: 10 }, worker));
  return whole;
}

for (const [kind, other] of [["rust", "js"], ["js", "rust"]]) {
  test(`a record that ${kind} put into the DHT is found by a newcomer of ${other}`, LIMIT, async () => {
    // The relay takes no part in the DHT, so everything asked goes over WebRTC.
    const relay = await stand.js();
    const open = (which) => stand.open(which, relay, { kad: true });
    const [author, holder] = [await open(kind), await open(other)];
    await holder.call("dial", author.address);
    await eventually("the record is on another peer", async () => {
      await author.call("put", "title", "Sirens");
      return true;
    });
    const newcomer = await open(other);
    await newcomer.call("dial", author.address);
    assert.equal(await eventually("the record is found", () => newcomer.call("get", "title")), "Sirens");
  });
}
