// A relay that answers a page's requests as a real one does, and sends its libp2p peers yamux frames that are none.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, request } from "node:http";
import { connect } from "node:net";
import { createInterface } from "node:readline";

// It shares frames with the relay's own tests, so it is built as they are.
const PROGRAM = ["run", "--quiet", "--package", "kadenza-relay", "--example", "hostile_relay"];

export class HostileRelay {
  #peer;
  #child;
  #server;
  #sockets = new Set();

  /** What was sent on each connection so far. */
  sent = [];

  /** Starts one in front of `relay`, whose pages and HTTP API it passes on. */
  static async before(relay) {
    const hostile = new HostileRelay();
    hostile.#child = spawn(process.env.CARGO ?? "cargo", PROGRAM, { stdio: ["ignore", "pipe", "inherit"], detached: true });
    const lines = createInterface(hostile.#child.stdout);
    const [address] = await once(lines, "line");
    lines.on("line", (what) => hostile.sent.push(what));
    const [, port, peer] = address.match(/\/tcp\/(\d+)\/ws\/p2p\/(\w+)/);
    hostile.#peer = peer;
    hostile.#server = createServer((asked, answer) => hostile.#pass(asked, answer, relay));
    hostile.#server.on("upgrade", (asked, socket) => hostile.#upgrade(asked, socket, Number(port)));
    hostile.#server.listen(0, "127.0.0.1");
    await once(hostile.#server, "listening");
    hostile.url = `http://127.0.0.1:${hostile.#server.address().port}`;
    return hostile;
  }

  async close() {
    this.#server.close();
    this.#sockets.forEach((socket) => socket.destroy());
    // The program is a child of cargo: both are of one group.
    if (this.#child.exitCode === null) process.kill(-this.#child.pid);
  }

  async #pass(asked, answer, relay) {
    if (asked.url === "/api/network" || asked.url === "/api/network/self") {
      const network = await relay.json(asked.url);
      answer.setHeader("content-type", "application/json");
      answer.end(JSON.stringify({ ...network, peer: this.#peer, addresses: [] }));
      return;
    }
    const { method, url: path, headers } = asked;
    const passed = request(relay.url + path, { method, headers }, (came) => {
      answer.writeHead(came.statusCode, came.headers);
      came.pipe(answer);
    });
    passed.on("error", () => answer.destroy());
    asked.pipe(passed);
  }

  #upgrade(asked, browser, port) {
    const program = connect(port, "127.0.0.1", () => {
      const headers = Object.entries(asked.headers).map(([name, value]) => `${name}: ${value}\r\n`);
      program.write(`GET ${asked.url} HTTP/1.1\r\n${headers.join("")}\r\n`);
      program.pipe(browser).pipe(program);
    });
    for (const [socket, other] of [[browser, program], [program, browser]]) {
      this.#sockets.add(socket);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
  }
}
