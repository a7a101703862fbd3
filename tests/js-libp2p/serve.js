// What a peer in a page answers: a sink that counts, an echo, and a stream that is reset.

import { KIB, Marks } from "./marks.js";
import { ECHO, RESET, SINK } from "./shared.js";
import { closeWrite } from "./stream.js";

/** Streams of one protocol on one connection; js-libp2p's own limit is 32. */
const STREAMS_MAX = 2048;

export async function serve(node) {
  const limits = { maxInboundStreams: STREAMS_MAX, maxOutboundStreams: STREAMS_MAX };
  await node.handle(SINK, sink, limits);
  await node.handle(ECHO, echo, limits);
  await node.handle(RESET, reset, limits);
}

/** Four bytes say how many KiB follow; sixteen say what came. */
function sink(stream) {
  const marks = new Marks();
  const header = [];
  let expected;
  stream.addEventListener("message", ({ data }) => {
    let bytes = data.subarray();
    if (expected === undefined) {
      const missing = 4 - header.length;
      header.push(...bytes.subarray(0, missing));
      bytes = bytes.subarray(missing);
      if (header.length < 4) return;
      expected = new DataView(Uint8Array.from(header).buffer).getUint32(0) * KIB;
    }
    marks.add(bytes);
    if (marks.received >= expected) answer(stream, marks);
  });
}

function answer(stream, marks) {
  const acknowledgement = new DataView(new ArrayBuffer(16));
  acknowledgement.setUint32(0, marks.received / KIB);
  acknowledgement.setUint32(4, marks.bad);
  acknowledgement.setUint32(8, marks.checked);
  stream.send(new Uint8Array(acknowledgement.buffer));
  close(stream);
}

function echo(stream) {
  stream.addEventListener("message", ({ data }) => stream.send(data.subarray()));
  if (stream.readableEnded) close(stream);
  stream.addEventListener("end", () => close(stream));
}

function reset(stream) {
  stream.addEventListener("message", () => stream.abort(new Error("reset on purpose")), { once: true });
}

/** The other side may be gone already, and then nobody is left to be told. */
function close(stream) {
  closeWrite(stream).catch(() => {});
}
