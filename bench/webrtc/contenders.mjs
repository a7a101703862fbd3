// Two tabs of a kind: `from` dials, `to` listens.

import { PeerTab } from "../../tests/support/peers.mjs";
import { eventually } from "../../tests/support/wait.mjs";
import { say } from "./rounds.mjs";

/** How often js-libp2p may try again what must succeed: about one of its dials in seven hangs. */
const TRIES_MAX = 8;

export class Pair {
  /** What went wrong and was tried again. */
  failures = [];

  static async open(place, kind) {
    const pair = new Pair();
    const tab = () => PeerTab.open(place.browser, place.pages, kind, place.relay);
    return Object.assign(pair, { place, kind, from: await tab(), to: await tab() });
  }

  /** One more tab of this kind. */
  another() {
    return PeerTab.open(this.place.browser, this.place.pages, this.kind, this.place.relay);
  }

  /** Milliseconds that a dial took; rejects as the dial does. Returns once both know of the connection. */
  async dial([from, to] = [this.from, this.to]) {
    const took = await from.run(async (peer, address) => {
      const begun = performance.now();
      await peer.dial(address);
      return performance.now() - begun;
    }, to.address);
    await eventually("the dialled peer knows of it", async () => (await to.connectionsTo(from.id)).length > 0);
    return took;
  }

  /** As `dial`, again and again for js-libp2p. */
  async connect() {
    return this.insist("dial", async () => {
      try {
        return await this.dial();
      } catch (error) {
        await this.disconnect();
        throw error;
      }
    });
  }

  /** Closes all connections between the two, relayed ones too, from both sides. */
  async disconnect() {
    const ends = [[this.from, this.to], [this.to, this.from]];
    // Whoever has heard from the other already has nothing left to close.
    await Promise.allSettled(ends.map(([tab, other]) => tab.call("disconnect", other.id)));
    for (const [tab, other] of ends) await tab.without(other.id);
  }

  /** A connection that nothing has been sent over. */
  async renew() {
    await this.disconnect();
    await this.connect();
  }

  /** Megabytes a second of a transfer, of which every mark has been checked. */
  async send(mib, streams) {
    return this.insist("transfer", async () => checked(mib, await this.from.call("send", this.to.id, mib * 1024, streams)));
  }

  pings(count) {
    return this.from.call("pings", this.to.id, count);
  }

  streamOpens(count) {
    return this.from.call("streamOpens", this.to.id, count);
  }

  /** Only js-libp2p has a second chance: a failure of ours ends the run. */
  async insist(what, attempt) {
    for (let tries = 1; ; tries += 1) {
      try {
        return await attempt();
      } catch (error) {
        if (this.kind === "rust" || tries === TRIES_MAX) throw error;
        this.failures.push(`${what}: ${String(error).split("\n")[0]}`);
        say(`js-libp2p: a ${what} failed and is tried again`);
      }
    }
  }
}

/** A bare connection; its descriptions are carried over by us. */
export class RawPair {
  static async open(place) {
    const tab = () => PeerTab.open(place.browser, place.pages, "raw");
    return Object.assign(new RawPair(), { from: await tab(), to: await tab() });
  }

  async renew() {
    await this.from.call("close");
    await this.to.call("close");
    await this.from.call("accept", await this.to.call("answer", await this.from.call("offer")));
  }

  async send(mib) {
    return checked(mib, await this.from.call("send", mib * 1024));
  }

  pings(count) {
    return this.from.call("pings", count);
  }
}

function checked(mib, { seconds, received, bad, checked: marks }) {
  if (received !== mib * 2 ** 20 || bad !== 0 || marks !== mib * 1024) {
    throw new Error(`of ${mib} MiB ${received} bytes came, ${bad} of ${marks} marks were wrong`);
  }
  return received / 1e6 / seconds;
}
