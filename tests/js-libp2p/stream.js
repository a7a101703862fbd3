// js-libp2p's streams tell of everything by events; this one is read and written in turn.

/** js-libp2p's own limit for the other side to confirm the end of a stream, 10 s, is too short for a busy machine. */
const CLOSE_MS_MAX = 60_000;

/** Ends what is sent on a stream of js-libp2p. */
export const closeWrite = (stream) => stream.close({ signal: AbortSignal.timeout(CLOSE_MS_MAX) });

export class Stream {
  #stream;
  #messages = [];
  #ended = false;
  #error;
  #wake = () => {};

  constructor(stream) {
    this.#stream = stream;
    this.#ended = stream.readableEnded;
    stream.addEventListener("message", ({ data }) => {
      this.#messages.push(data.subarray());
      this.#wake();
    });
    stream.addEventListener("end", () => {
      this.#ended = true;
      this.#wake();
    });
    stream.addEventListener("close", ({ error }) => {
      this.#ended = true;
      this.#error = error;
      this.#wake();
    });
  }

  /** Returns once the stream takes more. */
  async write(bytes) {
    if (!this.#stream.send(bytes)) await this.#stream.onDrain();
  }

  /** The bytes that came next; `undefined` after the last. Rejects where the other side reset the stream. */
  async read() {
    for (;;) {
      if (this.#messages.length > 0) return this.#messages.shift();
      if (this.#error) throw this.#error;
      if (this.#ended) return undefined;
      await new Promise((resolve) => (this.#wake = resolve));
    }
  }

  /** Returns once the other side has all that was written. */
  closeWrite() {
    return closeWrite(this.#stream);
  }

  reset() {
    this.#stream.abort(new Error("reset on purpose"));
  }
}
