// Data that shows when bytes are lost, repeated or out of order.

export const KIB = 1024;

/** How much is handed to a stream at once. */
export const CHUNK = 64 * KIB;

/** The first byte of each KiB of a transfer; the others are 0. */
const mark = (kib) => Math.imul(kib + 1, 2654435761) >>> 24;

const untilNextKib = (offset) => (KIB - (offset % KIB)) % KIB;

/** Bytes `offset..offset + size` of a marked transfer. */
export function marked(offset, size) {
  const chunk = new Uint8Array(size);
  for (let i = untilNextKib(offset); i < size; i += KIB) chunk[i] = mark((offset + i) / KIB);
  return chunk;
}

/** Counts the bytes of a transfer, and the marks that are not what they should be. */
export class Marks {
  received = 0;
  bad = 0;
  checked = 0;

  add(bytes) {
    for (let i = untilNextKib(this.received); i < bytes.length; i += KIB) {
      this.checked += 1;
      if (bytes[i] !== mark((this.received + i) / KIB)) this.bad += 1;
    }
    this.received += bytes.length;
  }

  static sum(all) {
    const total = (key) => all.reduce((sum, marks) => sum + marks[key], 0);
    return { received: total("received"), bad: total("bad"), checked: total("checked") };
  }
}

/** Bytes that repeat after a prime number of them, so that no chunk is like the one before. */
const PERIOD = 65_521;
const NOISE = Uint8Array.from({ length: PERIOD + CHUNK }, (_, i) => Math.imul((i % PERIOD) + 1, 2654435761) >>> 24);

/** Bytes `offset..offset + size` of a transfer of which every byte is looked at; at most a chunk. */
export const noisy = (offset, size) => NOISE.slice(offset % PERIOD, (offset % PERIOD) + size);

/** As `Marks`, for every byte. */
export class Noise {
  received = 0;
  bad = 0;

  add(bytes) {
    for (let at = 0; at < bytes.length; at += CHUNK) this.#compare(bytes.subarray(at, at + CHUNK));
  }

  #compare(bytes) {
    const from = this.received % PERIOD;
    for (let i = 0; i < bytes.length; i += 1) {
      if (bytes[i] !== NOISE[from + i]) this.bad += 1;
    }
    this.received += bytes.length;
  }
}
