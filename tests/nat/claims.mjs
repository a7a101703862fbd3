// That the lab is what it claims to be: how long packets take, and which of them a home router lets through.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

import { Lab } from "./lab.mjs";

const PROBE = fileURLToPath(new URL("probe.mjs", import.meta.url));

/** A packet that has not come by then is lost: many times what any takes. */
const LOST_AFTER_MS = 600;

/** Of so many round trips the fastest counts: the machine does other things as well. */
const ROUND_TRIPS = 5;
const SLOWER_BY_MS_MAX = 15;

/** What a home router is to do with UDP, and whether two behind such routers can meet. */
const CLAIMS = {
  cone: { udp: true, same_port_for_all: true, lets_strangers_in: false, meet: true },
  symmetric: { udp: true, same_port_for_all: false, lets_strangers_in: false, meet: false },
  "udp-blocked": { udp: false },
};

/** Checks the claims of one kind of router, and times TCP and UDP from a home to the public host. */
export async function isWhatItClaims(lab, nat, found) {
  await lab.routers(nat);
  const [one, other, stranger] = await Promise.all([1, 2, 3].map(() => openMirror(lab)));
  const server = createServer().listen(0, lab.sites.relay.address);
  const probes = ["a", "b"].map((site) => new Probe(lab, site));
  try {
    await once(server, "listening");
    found.tcp_round_trip_ms = await roundTrip(() => probes[0].ask("connects", { to: server.address(), within: LOST_AFTER_MS }));
    const behaviour = await observe(probes, { one, other, stranger });
    if (behaviour.udp) {
      found.udp_round_trip_ms = await roundTrip(async () => (await probes[0].mirrored(one)).ms);
    }
    Object.assign(found, behaviour);
    assert.deepEqual(behaviour, CLAIMS[nat]);
    await unplugs(lab, probes[0], server.address());
  } finally {
    probes.forEach((probe) => probe.stop());
    [one, other, stranger].forEach((mirror) => mirror.close());
    server.close();
  }
}

async function observe([a, b], { one, other, stranger }) {
  const seen = await a.mirrored(one);
  if (!seen) return { udp: false };
  const elsewhere = await a.mirrored(other);
  const hearing = a.ask("hears", { token: "stranger", within: LOST_AFTER_MS });
  stranger.send(JSON.stringify({ token: "stranger" }), seen.port, seen.address);
  const lets_strangers_in = await hearing;
  const [from, to] = [seen, await b.mirrored(one)];
  const met = await Promise.all([
    a.ask("meets", { to, within: LOST_AFTER_MS }),
    b.ask("meets", { to: from, within: LOST_AFTER_MS }),
  ]);
  const same_port_for_all = seen.port === elsewhere.port;
  return { udp: true, same_port_for_all, lets_strangers_in, meet: met.every(Boolean) };
}

/** Checks that a home without its plug is cut off, and is not with it. */
async function unplugs(lab, probe, to) {
  const connects = () => probe.ask("connects", { to, within: LOST_AFTER_MS });
  await lab.link("a", false);
  assert.equal(await connects(), null);
  await lab.link("a", true);
  assert.notEqual(await connects(), null);
}

/** The fastest of several round trips in milliseconds, which must be what the lab promises. */
async function roundTrip(once) {
  let fastest = Infinity;
  for (let i = 0; i < ROUND_TRIPS; i += 1) fastest = Math.min(fastest, await once());
  const slower = fastest - Lab.ROUND_TRIP_MS;
  assert.ok(slower >= 0 && slower <= SLOWER_BY_MS_MAX, `a round trip takes ${fastest} ms`);
  return Math.round(fastest * 10) / 10;
}

/** A UDP socket of the public host that tells everybody by which address it sees them. */
async function openMirror(lab) {
  const mirror = createSocket("udp4");
  mirror.on("message", (bytes, { address, port }) => {
    mirror.send(JSON.stringify({ ...JSON.parse(bytes), address, port }), port, address);
  });
  mirror.bind(0, lab.sites.relay.address);
  await once(mirror, "listening");
  return mirror;
}

/** A UDP socket at home: a process of its own (`probe.mjs`), for it is on another computer. */
class Probe {
  #questions = 0;
  #asked = new Map();

  constructor(lab, site) {
    const [program, ...words] = lab.on(site, process.execPath, PROBE);
    this.child = spawn(program, words, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    this.child.on("message", ({ id, answer }) => this.#asked.get(id).resolve(answer));
    this.child.on("exit", () => this.#asked.forEach(({ reject }) => reject(new Error("the probe has ended"))));
  }

  stop() {
    this.child.kill();
  }

  ask(ask, about) {
    const id = (this.#questions += 1);
    this.child.send({ id, ask, ...about });
    return new Promise((resolve, reject) => this.#asked.set(id, { resolve, reject }));
  }

  mirrored(mirror) {
    return this.ask("mirror", { to: mirror.address(), within: LOST_AFTER_MS });
  }
}
