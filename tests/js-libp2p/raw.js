// A bare RTCDataChannel in a page, to compare with. Whoever drives the page carries the descriptions over.

import { CHUNK, KIB, marked, Marks } from "./marks.js";

/** Above this much unsent data the sender waits until it is below the other. */
const BUFFERED_MAX = 4 << 20;
const BUFFERED_LOW = 1 << 20;
const PING_BYTES = 32;

const ECHO = "echo";

const once = (target, event) => new Promise((resolve) => target.addEventListener(event, resolve, { once: true }));

/** Nothing to load beforehand. */
export default async () => {};

export class Peer {
  #connection;
  #opened;

  static async start() {
    return new Peer();
  }

  /** The offer, with all candidates. */
  async offer() {
    this.#connection = new RTCPeerConnection();
    this.#opened = once(this.#connection.createDataChannel("first"), "open");
    await this.#connection.setLocalDescription();
    return this.#gathered();
  }

  /** The answer to an offer. */
  async answer(offer) {
    this.#connection = new RTCPeerConnection();
    this.#connection.addEventListener("datachannel", ({ channel }) => {
      channel.binaryType = "arraybuffer";
      if (channel.label === ECHO) channel.onmessage = ({ data }) => channel.send(data);
      else if (channel.label.startsWith("{")) sink(channel);
    });
    await this.#connection.setRemoteDescription(offer);
    await this.#connection.setLocalDescription();
    return this.#gathered();
  }

  /** Resolves once the connection carries data. */
  async accept(answer) {
    await this.#connection.setRemoteDescription(answer);
    await this.#opened;
  }

  async #gathered() {
    while (this.#connection.iceGatheringState !== "complete") await once(this.#connection, "icegatheringstatechange");
    return this.#connection.localDescription.toJSON();
  }

  close() {
    this.#connection?.close();
    this.#connection = undefined;
  }

  async #channel(label) {
    const channel = this.#connection.createDataChannel(label);
    channel.binaryType = "arraybuffer";
    channel.bufferedAmountLowThreshold = BUFFERED_LOW;
    await once(channel, "open");
    return channel;
  }

  async pings(count) {
    const channel = await this.#channel(ECHO);
    const times = new Float64Array(count);
    for (let i = 0; i < count; i += 1) {
      const begun = performance.now();
      channel.send(crypto.getRandomValues(new Uint8Array(PING_BYTES)));
      await once(channel, "message");
      times[i] = performance.now() - begun;
    }
    channel.close();
    return times;
  }

  async send(kib) {
    const channel = await this.#channel(JSON.stringify({ bytes: kib * KIB }));
    const begun = performance.now();
    const answered = once(channel, "message");
    for (let at = 0; at < kib * KIB; at += CHUNK) {
      if (channel.bufferedAmount > BUFFERED_MAX) await once(channel, "bufferedamountlow");
      channel.send(marked(at, Math.min(CHUNK, kib * KIB - at)));
    }
    const { data } = await answered;
    channel.close();
    return { seconds: (performance.now() - begun) / 1000, ...JSON.parse(data) };
  }
}

function sink(channel) {
  const { bytes } = JSON.parse(channel.label);
  const marks = new Marks();
  channel.onmessage = ({ data }) => {
    marks.add(new Uint8Array(data));
    if (marks.received === bytes) channel.send(JSON.stringify(marks));
  };
}
