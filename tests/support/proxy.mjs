// A slow line: passes TCP connections on to a relay, at no more than a given rate towards the browser.

import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

const SLICE_MS = 50;

export class SlowLine {
  #server;
  #sockets = new Set();
  #budget = 0;
  #budgetTime = Date.now();

  /** Bytes a second for all connections together. */
  rate = Infinity;
  /** Bytes that went to the browser so far. */
  passed = 0;

  /** Listens on `port` and connects to `target`. */
  static async open(port, target) {
    const line = new SlowLine();
    line.#server = createServer((socket) => line.#pass(socket, connect(target, "127.0.0.1")));
    line.#server.listen(port, "127.0.0.1");
    await once(line.#server, "listening");
    return line;
  }

  close() {
    this.#server.close();
    this.#sockets.forEach((socket) => socket.destroy());
  }

  #pass(browser, relay) {
    for (const [socket, other] of [[browser, relay], [relay, browser]]) {
      this.#sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    browser.pipe(relay);
    this.#throttle(relay, browser);
  }

  async #throttle(from, to) {
    try {
      for await (const bytes of from) {
        await this.#allowance(bytes.length);
        this.passed += bytes.length;
        if (!to.write(bytes)) await once(to, "drain");
      }
      to.end();
    } catch {
      // One side hung up; the other is destroyed with it.
    }
  }

  async #allowance(bytes) {
    while (Number.isFinite(this.rate)) {
      const now = Date.now();
      const earned = (this.rate * (now - this.#budgetTime)) / 1000;
      this.#budget = Math.min(this.rate / 4, this.#budget + earned);
      this.#budgetTime = now;
      if (this.#budget > 0) {
        this.#budget -= bytes;
        return;
      }
      await pause(SLICE_MS);
    }
  }
}
