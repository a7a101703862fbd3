// A bare RTCDataChannel between two tabs: 64 KiB messages, 256 KiB buffered, which is about as fast as one goes.

import { page, rate } from "./scene.mjs";

const MESSAGE_BYTES = 64 * 1024;
const BUFFERED_MAX = 256 * 1024;
const BUFFERED_LOW = 64 * 1024;

export class Raw {
  constructor({ browser, web }) {
    Object.assign(this, { browser, web });
  }

  async open({ song }) {
    const tab = () => page(this.browser, `${this.web.url}/plain`);
    const [from, to] = [await tab(), await tab()];
    const offer = await from.evaluate(offered, BUFFERED_LOW);
    const answer = await to.evaluate(answered, [offer, song.size]);
    await from.evaluate((answer) => connection.setRemoteDescription(answer).then(() => opened), answer);
    const listener = {
      async download() {
        const [[first, whole]] = await Promise.all([
          to.evaluate(() => transferred),
          from.evaluate(sent, [song.size, MESSAGE_BYTES, BUFFERED_MAX]),
        ]);
        return rate(song.size, first, whole);
      },
    };
    return { listeners: [listener], close: () => Promise.all([from, to].map((tab) => tab.context().close())) };
  }
}

/** Runs in the page that sends. */
async function offered(low) {
  globalThis.connection = new RTCPeerConnection();
  globalThis.channel = connection.createDataChannel("song");
  channel.bufferedAmountLowThreshold = low;
  globalThis.opened = new Promise((resolve) => (channel.onopen = () => resolve()));
  await connection.setLocalDescription();
  await bench.until(() => connection.iceGatheringState === "complete", 10_000, "not all addresses found");
  return connection.localDescription.toJSON();
}

/** Runs in the page that receives; notes when the first byte and the last have come, counted from the first message. */
async function answered([offer, size]) {
  globalThis.connection = new RTCPeerConnection();
  globalThis.transferred = new Promise((resolve) => {
    connection.ondatachannel = ({ channel }) => {
      let received = 0;
      let first;
      channel.binaryType = "arraybuffer";
      channel.onmessage = ({ data }) => {
        first ??= performance.now();
        received += data.byteLength;
        if (received >= size) resolve([0, performance.now() - first]);
      };
    };
  });
  await connection.setRemoteDescription(offer);
  await connection.setLocalDescription();
  await bench.until(() => connection.iceGatheringState === "complete", 10_000, "not all addresses found");
  return connection.localDescription.toJSON();
}

/** Runs in the page that sends. */
async function sent([size, message, most]) {
  const bytes = crypto.getRandomValues(new Uint8Array(message));
  for (let at = 0; at < size; at += message) {
    if (channel.bufferedAmount > most) await new Promise((resolve) => (channel.onbufferedamountlow = resolve));
    channel.send(bytes.subarray(0, Math.min(message, size - at)));
  }
}
