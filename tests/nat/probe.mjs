// One UDP socket on a computer of the lab. `claims.mjs` asks it to do things; it answers over Node.js's channel.

import { randomUUID } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

const GREET_EVERY_MS = 50;

const socket = createSocket("udp4").bind();

const ASKED = {
  /** By which address a mirror sees this socket, and after how long it says so; null if it never does. */
  async mirror({ to, within }) {
    const token = randomUUID();
    const begun = performance.now();
    send({ token }, to);
    const seen = await comes((message) => message.token === token, within);
    return seen && { ...seen, ms: performance.now() - begun };
  },

  /** Whether a message with this token comes. */
  async hears({ token, within }) {
    return Boolean(await comes((message) => message.token === token, within));
  },

  /** Greets again and again, and says whether it was greeted meanwhile. */
  async meets({ to, within }) {
    const greeting = setInterval(send, GREET_EVERY_MS, { token: "greeting" }, to);
    // To the end, also when it was greeted at once: the other may need more greetings to be.
    const [met] = await Promise.all([ASKED.hears({ token: "greeting", within }), pause(within)]);
    clearInterval(greeting);
    return met;
  },

  /** How long a TCP connection takes; null where there is none in time. */
  async connects({ to, within }) {
    const begun = performance.now();
    const stream = connect(to.port, to.address);
    const connected = once(stream, "connect").then(() => performance.now() - begun, () => null);
    const ms = await Promise.race([connected, pause(within, null)]);
    stream.destroy();
    return ms;
  },
};

function send(message, { address, port }) {
  socket.send(JSON.stringify(message), port, address);
}

/** The first message that is wanted, or null where none came in time. */
function comes(isWanted, within) {
  return new Promise((resolve) => {
    const done = (message) => {
      clearTimeout(timer);
      socket.off("message", look);
      resolve(message);
    };
    const look = (bytes) => {
      const message = JSON.parse(bytes);
      if (isWanted(message)) done(message);
    };
    const timer = setTimeout(done, within, null);
    socket.on("message", look);
  });
}

process.on("message", async ({ id, ask, ...about }) => process.send({ id, answer: await ASKED[ask](about) }));
process.on("disconnect", () => process.exit());
