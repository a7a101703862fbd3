// What a peer in a page measures over one of its connections.

import { CHUNK, KIB, marked, Marks, Noise, noisy } from "./marks.js";
import { ECHO, SINK } from "./shared.js";
import { Stream } from "./stream.js";

const PING_BYTES = 32;

const arrival = (stream) => new Promise((resolve, reject) => {
  stream.addEventListener("message", resolve, { once: true });
  stream.addEventListener("close", ({ error }) => reject(error ?? new Error("closed before an answer")), { once: true });
});

async function roundTrip(stream) {
  const begun = performance.now();
  const answered = arrival(stream);
  stream.send(crypto.getRandomValues(new Uint8Array(PING_BYTES)));
  await answered;
  return performance.now() - begun;
}

/** Milliseconds from the first byte sent on a new stream of the ping protocol until it is back. */
export async function ping(connection) {
  const begun = performance.now();
  const stream = await connection.newStream("/ipfs/ping/1.0.0", { maxOutboundStreams: 16 });
  await roundTrip(stream);
  const took = performance.now() - begun;
  await stream.close();
  return took;
}

export async function pings(connection, count) {
  const stream = await connection.newStream(ECHO);
  const times = new Float64Array(count);
  for (let i = 0; i < count; i += 1) times[i] = await roundTrip(stream);
  await stream.close();
  return times;
}

export async function streamOpens(connection, count) {
  const times = new Float64Array(count);
  for (let i = 0; i < count; i += 1) {
    const begun = performance.now();
    const stream = await connection.newStream(ECHO);
    await roundTrip(stream);
    times[i] = performance.now() - begun;
    await stream.close();
  }
  return times;
}

/** Sends marked data over this many streams at once to the other side's sink. */
export async function send(connection, kib, streams) {
  const each = kib / streams;
  const all = await Promise.all(Array.from({ length: streams }, () => connection.newStream(SINK)));
  const begun = performance.now();
  const answers = await Promise.all(all.map((stream) => drain(stream, each)));
  const seconds = (performance.now() - begun) / 1000;
  await Promise.all(all.map((stream) => stream.close().catch(() => {})));
  return { seconds, ...Marks.sum(answers) };
}

async function drain(stream, kib) {
  const answered = acknowledgement(stream);
  const header = new DataView(new ArrayBuffer(4));
  header.setUint32(0, kib);
  stream.send(new Uint8Array(header.buffer));
  for (let at = 0; at < kib * KIB; at += CHUNK) {
    if (!stream.send(marked(at, Math.min(CHUNK, kib * KIB - at)))) await stream.onDrain();
  }
  return answered;
}

function acknowledgement(stream) {
  const came = [];
  return new Promise((resolve, reject) => {
    stream.addEventListener("message", ({ data }) => {
      came.push(...data.subarray());
      if (came.length < 16) return;
      const fields = new DataView(Uint8Array.from(came).buffer);
      resolve({ received: fields.getUint32(0) * KIB, bad: fields.getUint32(4), checked: fields.getUint32(8) });
    });
    stream.addEventListener("close", ({ error }) => reject(error ?? new Error("closed before an answer")));
  });
}

/** Sends to the other side's echo, reads what returns at the same time, and looks at every byte of it. */
export async function echo(connection, kib) {
  const stream = new Stream(await connection.newStream(ECHO));
  const begun = performance.now();
  const back = new Noise();
  const sending = (async () => {
    for (let at = 0; at < kib * KIB; at += CHUNK) await stream.write(noisy(at, Math.min(CHUNK, kib * KIB - at)));
    await stream.closeWrite();
  })();
  for (let bytes = await stream.read(); bytes; bytes = await stream.read()) back.add(bytes);
  await sending;
  return { seconds: (performance.now() - begun) / 1000, received: back.received, bad: back.bad };
}
