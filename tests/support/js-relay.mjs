// A js-libp2p relay process.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../js-libp2p/relay.mjs", import.meta.url));

export class JsRelay {
  #child;

  static async start(...flags) {
    const relay = new JsRelay();
    relay.#child = spawn(process.execPath, [PROGRAM, ...flags], { stdio: ["pipe", "pipe", "inherit"] });
    const ended = once(relay.#child, "exit").then(([code]) => {
      throw new Error(`the js relay ended with ${code}`);
    });
    [relay.multiaddr] = await Promise.race([once(createInterface(relay.#child.stdout), "line"), ended]);
    ended.catch(() => {});
    return relay;
  }

  /** Ends the process. */
  async remove() {
    if (this.#child.exitCode !== null) return;
    this.#child.stdin.end();
    await once(this.#child, "exit");
  }
}
