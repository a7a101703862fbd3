// The pretend internet, as tests and benches see it: `cargo xtask` (xtask/src/lab/) makes it, and answers what is asked
// of it on standard output by a line on standard input.

import { execFile } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

import { Browser } from "../support/browser.mjs";

const run = promisify(execFile);

/** Bits a second; without a limit bursts arrive as no line delivers them. */
const HOME_UPLINK = 50_000_000;

export class Lab {
  #lines = createInterface({ input: process.stdin });
  #waiting = [];

  /** How long a packet takes to a site and back, in milliseconds. */
  static ROUND_TRIP_MS = 40;

  static async enter() {
    const lab = new Lab();
    lab.#lines.on("line", (line) => lab.#waiting.shift()?.(JSON.parse(line)));
    // Without the lab there is nothing to test any more.
    lab.#lines.on("close", () => process.exit());
    lab.sites = await lab.#order({ order: "sites" });
    return lab;
  }

  leave() {
    this.#lines.close();
  }

  async #order(order) {
    const answered = new Promise((resolve) => this.#waiting.push(resolve));
    console.log(JSON.stringify(order));
    const { answer, error } = await answered;
    if (error) throw new Error(error);
    return answer;
  }

  /** Makes the routers "cone", "symmetric" or "udp-blocked", with uplinks as homes have them. */
  async routers(nat) {
    await this.#order({ order: "nat", nat });
    await this.pace("a");
    await this.pace("b");
  }

  /** Lets a site send no more than so many bits a second, and receive no more than `down`, if that is given. */
  async pace(site, up = HOME_UPLINK, down) {
    await this.#order({ order: "pace", site, up, down });
  }

  /** Puts all sites so far apart that a packet takes `ms` milliseconds from one to another and back; 40 until it is called. */
  async roundTrip(ms) {
    await this.#order({ order: "distance", one_way_ms: ms / 2 });
  }

  /** Ends all programs on the computer of a site at this moment, with no chance to say goodbye. */
  async kill(site) {
    await this.#order({ order: "kill", site });
  }

  /** Pulls a site's plug, or puts it in again. */
  async link(site, up) {
    await this.#order({ order: "link", site, up });
  }

  /** Gives the computer of a site another address, as when a laptop changes to another Wi-Fi: what it had open is dead. */
  async move(site) {
    const ip = async (...words) => (await run("ip", ["-json", "-netns", this.sites[site].namespace, ...words])).stdout;
    const links = JSON.parse(await ip("-family", "inet", "address", "show", "up"));
    const { ifname, addr_info } = links.find((link) => link.ifname !== "lo");
    const [{ gateway }] = JSON.parse(await ip("route", "show", "default"));
    const [{ local, prefixlen }] = addr_info;
    const next = local.replace(/\d+$/, (host) => String(Number(host) + 1));
    await ip("address", "del", `${local}/${prefixlen}`, "dev", ifname);
    await ip("address", "add", `${next}/${prefixlen}`, "dev", ifname);
    await ip("route", "add", "default", "via", gateway);
  }

  /** Counts from now on: the function it returns says how many bytes went between each two of these sites since. */
  async counting(names = ["a", "b", "relay"]) {
    const before = await this.#order({ order: "traffic" });
    return async () => {
      const now = await this.#order({ order: "traffic" });
      const pairs = names.flatMap((from) => names.filter((to) => to !== from).map((to) => [from, to]));
      return Object.fromEntries(pairs.map(([from, to]) => [`${from}_to_${to}`, now[from][to] - before[from][to]]));
    };
  }

  /** A command line that runs a program on the computer of a site. */
  on(site, ...command) {
    return ["ip", "netns", "exec", this.sites[site].namespace, ...command];
  }

  /** A browser on the computer of a site, to which `relay` is as good as HTTPS. */
  async browser(site, relay, flags = []) {
    const program = join(await mkdtemp(join(tmpdir(), "browser-")), "chromium");
    const command = this.on(site, process.env.CHROMIUM).join(" ");
    await writeFile(program, `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
    return Browser.open({ program, flags: [`--unsafely-treat-insecure-origin-as-secure=${relay.url}`, ...flags] });
  }
}
