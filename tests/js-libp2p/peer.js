// A js-libp2p peer for a page, with the interface of crates/webrtc/examples/peer.rs.

import { circuitRelayTransport } from "@libp2p/circuit-relay-v2";
import { peerIdFromString } from "@libp2p/peer-id";
import { webRTC } from "@libp2p/webrtc";
import { webSockets } from "@libp2p/websockets";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";

import * as measure from "./measure.js";
import { serve } from "./serve.js";
import { common, RECORDS, services } from "./shared.js";
import { Stream } from "./stream.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const recordKey = (key) => encoder.encode(`/${RECORDS}/${key}`);

/** Nothing to load beforehand. */
export default async () => {};

export class Peer {
  #node;
  #identified = new Map();
  #closed = new Map();

  /** Resolves once the peer listens on `/webrtc` at `relay`. */
  static async start(relay, { iceServers = [], kad = true } = {}) {
    const peer = new Peer();
    const rtcConfiguration = { iceServers: iceServers.map((urls) => ({ urls })) };
    peer.#node = await createLibp2p({
      ...common(),
      // It would close connections on which a ping takes 5 s, as it does behind 64 MiB on a busy machine.
      connectionMonitor: { abortConnectionOnPingFailure: false },
      addresses: { listen: ["/p2p-circuit", "/webrtc"] },
      transports: [webSockets(), webRTC({ rtcConfiguration }), circuitRelayTransport()],
      services: services({ kad }),
    });
    peer.#listen();
    await serve(peer.#node);
    await peer.#node.dial(multiaddr(relay));
    await peer.#reserved();
    return peer;
  }

  #listen() {
    this.#node.addEventListener("peer:identify", ({ detail }) => {
      const { peerId, agentVersion, protocols, listenAddrs } = detail;
      settled(this.#identified, String(peerId)).resolve({ agent: agentVersion, protocols, addresses: listenAddrs.map(String) });
    });
    this.#node.addEventListener("peer:disconnect", ({ detail }) => {
      settled(this.#closed, String(detail)).resolve(performance.timeOrigin + performance.now());
      this.#closed.delete(String(detail));
      this.#identified.delete(String(detail));
    });
  }

  /** Looks instead of listening: js-libp2p tells of new addresses up to a second later. */
  async #reserved() {
    while (!this.address) await new Promise((resolve) => setTimeout(resolve, 2));
  }

  get id() {
    return String(this.#node.peerId);
  }

  get address() {
    return this.#node.getMultiaddrs().map(String).find((address) => address.includes("/p2p-circuit/webrtc"));
  }

  async dial(address) {
    const connection = await this.#node.dial(multiaddr(address));
    if (!isDirect(connection)) throw new Error(`${connection.remoteAddr} is not direct`);
    return String(connection.remotePeer);
  }

  async disconnect(peer) {
    await Promise.all(this.#connectionsTo(peer).map((connection) => connection.close()));
  }

  connections() {
    return this.#node.getConnections().map((connection) => ({
      peer: String(connection.remotePeer),
      address: String(connection.remoteAddr),
      direction: connection.direction,
      path: String(connection.remoteAddr).includes("/p2p-circuit") && !isDirect(connection) ? "relayed" : "direct",
    }));
  }

  closed(peer) {
    return settled(this.#closed, peer).promise;
  }

  identified(peer) {
    return settled(this.#identified, peer).promise;
  }

  ping(peer) {
    return measure.ping(this.#direct(peer));
  }

  pings(peer, count) {
    return measure.pings(this.#direct(peer), count);
  }

  streamOpens(peer, count) {
    return measure.streamOpens(this.#direct(peer), count);
  }

  send(peer, kib, streams) {
    return measure.send(this.#direct(peer), kib, streams);
  }

  echo(peer, kib) {
    return measure.echo(this.#direct(peer), kib);
  }

  async open(peer, protocol) {
    return new Stream(await this.#direct(peer).newStream(protocol));
  }

  async put(key, value) {
    let stored = 0;
    for await (const event of this.#node.services.kad.put(recordKey(key), encoder.encode(value))) {
      if (event.name === "PEER_RESPONSE" && event.messageName === "PUT_VALUE") stored += 1;
    }
    if (stored === 0) throw new Error("nobody stored the record");
  }

  async get(key) {
    for await (const event of this.#node.services.kad.get(recordKey(key))) {
      if (event.name === "VALUE") return decoder.decode(event.value);
    }
    throw new Error("nobody has the record");
  }

  #connectionsTo(peer) {
    return this.#node.getConnections(peerIdFromString(peer));
  }

  #direct(peer) {
    const connection = this.#connectionsTo(peer).find((candidate) => isDirect(candidate) && candidate.status === "open");
    if (!connection) throw new Error(`no direct connection to ${peer}`);
    return connection;
  }
}

/** Over WebRTC, or over a WebSocket to a relay. */
const isDirect = (connection) => /\/webrtc(\/|$)/.test(String(connection.remoteAddr));

/** The promise of what happens to `peer` next. */
function settled(promises, peer) {
  if (!promises.has(peer)) promises.set(peer, Promise.withResolvers());
  return promises.get(peer);
}
