// A real relay process with a data directory of its own.

import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { eventually } from "./wait.mjs";

const PROGRAM = process.env.KADENZA_RELAY;
const running = new Set();

// A test that is killed must not leave relays behind.
process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/**
 * A port nobody listens on, over TCP or UDP: relays use both. Chosen beforehand, because a relay that restarts must keep its
 * address.
 */
export async function freePort() {
  for (;;) {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address();
    const isFree = await isFreeOverUdp(port);
    server.close();
    await once(server, "close");
    if (isFree) return port;
  }
}

async function isFreeOverUdp(port) {
  const socket = createSocket("udp4");
  try {
    socket.bind(port, "127.0.0.1");
    await once(socket, "listening");
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

export class Relay {
  #child;
  #log = "";

  constructor(host, port, data, flags) {
    this.port = port;
    this.data = data;
    this.address = `${host}:${port}`;
    this.flags = flags;
    this.url = `http://${this.address}`;
  }

  /**
   * Starts a relay with further command-line flags, and waits until it answers. `host` is an address of this machine;
   * `fill` puts something into its data folder beforehand.
   */
  static async start({ host = "127.0.0.1", port, flags = [], fill = async () => {} } = {}) {
    if (!PROGRAM) throw new Error("KADENZA_RELAY must name the relay program; `cargo xtask test e2e` sets it");
    const data = await mkdtemp(join(tmpdir(), "kadenza-relay-"));
    await fill(data);
    const relay = new Relay(host, port ?? (await freePort()), data, flags);
    await relay.restart();
    return relay;
  }

  /** Starts the process again, on the same port and data. */
  async restart() {
    const flags = ["--listen", this.address, "--data", this.data, ...this.flags];
    const child = spawn(PROGRAM, flags, { stdio: ["ignore", "pipe", "pipe"] });
    running.add(child);
    child.once("exit", () => running.delete(child));
    for (const output of [child.stdout, child.stderr]) {
      output.on("data", (text) => (this.#log = (this.#log + text).slice(-20_000)));
    }
    this.#child = child;
    await eventually(`the relay answers; it said:\n${this.#log}`, async () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${this.#log}`);
      return (await fetch(`${this.url}/healthz`)).ok;
    });
  }

  /** `kill -9`: no chance to write anything. */
  async kill() {
    await this.#end("SIGKILL");
  }

  /** Asks it to stop, and returns its exit code. */
  async stop() {
    return this.#end("SIGTERM");
  }

  /** Kills it, deletes everything it stored, and starts it anew. */
  async wipe() {
    await this.kill();
    await rm(this.data, { recursive: true, force: true });
    await this.restart();
  }

  /** Kills it and removes its data. */
  async remove() {
    await this.kill();
    await rm(this.data, { recursive: true, force: true });
  }

  /** What it logged last. */
  get log() {
    return this.#log;
  }

  async #end(signal) {
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await once(child, "exit");
    }
    return child.exitCode;
  }

  async json(path, options) {
    const response = await fetch(this.url + path, options);
    return { status: response.status, ...(await response.json()) };
  }

  /** Searches by the HTTP API. */
  search(words) {
    return this.json(`/api/songs?q=${encodeURIComponent(words)}`);
  }

  /** Titles the HTTP API finds. */
  async titles(words) {
    return (await this.search(words)).songs.map((song) => song.title);
  }

  /** Uploads a file of `support/songs.mjs` by the HTTP API. */
  upload(song) {
    const path = `/api/songs?name=${encodeURIComponent(song.name)}`;
    return this.json(path, { method: "POST", body: song.bytes });
  }
}
