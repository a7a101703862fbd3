// Upload, search, listen: what the public library and that of a room have in common.

import * as check from "./arguments.js";
import { errorOf } from "./error.js";
import type { Content, Recording, Song, Tags, Uploaded, UploadProgress } from "./types.js";

/**
 * What every call takes.
 *
 * @example
 * const signal = AbortSignal.timeout(5_000);
 * const song = await peer.song(id, { signal });
 */
export interface CallOptions {
  /** Aborting it rejects the call with the signal's reason, and drops the work. */
  signal?: AbortSignal;
}

/**
 * How to upload.
 *
 * @example
 * const onProgress = ({ loaded, total }) => (bar.value = loaded / total);
 * await peer.upload(bytes, tags, { name: "sirens.mp3", onProgress });
 */
export interface UploadOptions extends CallOptions {
  /** The file's name, where it is not a `File`: a hint for people. */
  name?: string;
  /** Called each time some of the file was read. */
  onProgress?: (progress: UploadProgress) => void;
}

/**
 * How to search.
 *
 * @example
 * for await (const song of peer.search("", { limit: 10 }))
 *   list.append(song.title);
 */
export interface SearchOptions extends CallOptions {
  /** The most songs to yield: 1 to 200. 50 unless it is said. */
  limit?: number;
}

/**
 * Where to listen.
 *
 * @example
 * const { content } = song.recordings.at(-1)!;
 * audio.src = await peer.listen(song.id, { recording: content });
 */
export interface ListenOptions extends CallOptions {
  /** The `content` of the recording to hear. The oldest, unless it is said. */
  recording?: string;
}

/**
 * Which bytes to read.
 *
 * @example
 * const first = peer.read(content, { start: 0, end: 4_096 });
 * const bytes = new Uint8Array(await new Response(first).arrayBuffer());
 */
export interface ReadOptions extends CallOptions {
  /** The first byte, counted from 0. The very first, unless it is said. */
  start?: number;
  /** The byte after the last one. The content's end, unless it is said. */
  end?: number;
}

/** @internal The program's side of a library. */
export interface RawLibrary {
  upload(file: Blob, name: string, tags: Tags, onRead: (bytes: number) => void, signal: AbortSignal): Promise<Uploaded>;
  search(query: object, signal: AbortSignal): Promise<{ songs: Song[] }>;
  song(id: string, signal: AbortSignal): Promise<Song>;
  read(part: object, signal: AbortSignal): Promise<Uint8Array>;
  whole(recording: Recording, signal: AbortSignal): Promise<Blob>;
  path(recording: Recording): string;
}

/** Songs that can be uploaded, found and heard. */
export abstract class Library<Events> extends EventTarget {
  readonly #raw: RawLibrary;
  /** Aborts when this is over, with what is said of it. */
  readonly #ended: AbortSignal;
  /** The path below which the page's service worker answers for this library, if there is one. */
  readonly #served: string | undefined;
  /** Addresses of whole recordings. */
  readonly #addresses = new Set<string>();

  /** @internal */
  constructor(raw: RawLibrary, ended: AbortSignal, served: string | undefined) {
    super();
    this.#raw = raw;
    this.#ended = ended;
    this.#served = served;
    const revoke = () => this.#addresses.forEach((address) => URL.revokeObjectURL(address));
    ended.addEventListener("abort", revoke, { once: true });
  }

  /**
   * Uploads an audio file. The promise is fulfilled once others have copies, or after two minutes without: see `copies`.
   *
   * @param file The file, or its bytes: at most 200 MB.
   * @param tags What the song is called. It wins over what the file says of itself.
   * @throws {KadenzaError} `invalid` when it is not audio, `needs-tags` when neither says title and artist, `too-large`,
   * `storage`.
   * @example
   * const { song } = await peer.upload(input.files[0], { artist: "Ada" }, { onProgress: ({ loaded }) => show(loaded) });
   */
  async upload(file: Blob | ArrayBuffer | ArrayBufferView, tags?: Tags, options?: UploadOptions): Promise<Uploaded> {
    const given = check.options(options);
    const blob = check.file(file);
    const said = check.tags(tags);
    const own = blob instanceof File ? blob.name : "a file";
    const name = check.optionalText("name", given.name) ?? own;
    const onProgress = check.callback<UploadProgress>("onProgress", given.onProgress);
    const onRead = (loaded: number) => report(() => onProgress?.({ loaded, total: blob.size }));
    return this.call(given.signal, (signal) => this.#raw.upload(blob, name, said, onRead, signal));
  }

  /**
   * Searches by words of title, artist or album, in any order; the last may be the beginning of one. Without words, the newest
   * songs. Yields each song once, as answers arrive: what this peer has at once, then what the network has.
   *
   * @param text The words; at most 512 bytes.
   * @throws {KadenzaError} `invalid`, at once; whatever the network refuses, at the next song.
   * @example
   * for await (const song of peer.search("satie", { limit: 10 })) console.log(song.title, song.artist);
   */
  search(text: string, options?: SearchOptions): AsyncGenerator<Song, void, undefined> {
    const given = check.options(options);
    const limit = given.limit === undefined ? 50 : check.limit(given.limit);
    return this.#search(check.text("text", text), limit, check.signal(given.signal));
  }

  async *#search(words: string, limit: number, signal: AbortSignal | undefined) {
    const over = new AbortController();
    const stop = signal ? AbortSignal.any([over.signal, signal]) : over.signal;
    const ask = (scope: "here" | "network") =>
      this.call(stop, (signal) => this.#raw.search({ words, limit, offset: 0, scope }, signal));
    const answers = [ask("here"), ask("network")];
    // Whoever has seen enough waits for no answer, and hears of no refusal.
    answers.forEach((answer) => answer.catch(() => {}));
    const seen = new Set<string>();
    try {
      for (const answer of answers) {
        for (const song of (await answer).songs) {
          signal?.throwIfAborted();
          if (seen.has(song.id)) continue;
          yield song;
          if (seen.add(song.id).size === limit) return;
        }
      }
    } finally {
      over.abort();
    }
  }

  /**
   * One song, with all its known recordings.
   *
   * @param id The song's id: 40 hexadecimal digits.
   * @throws {KadenzaError} `not-found`.
   * @example
   * const { title, recordings } = await peer.song(id);
   */
  async song(id: string, options?: CallOptions): Promise<Song> {
    const wanted = check.songId(id);
    return this.call(check.options(options).signal, (signal) => this.#raw.song(wanted, signal));
  }

  /**
   * An address that an `<audio>` of this page can play, good until this is over. Through a service worker the song streams, and
   * can be sought in; without one all of it is fetched before the promise is fulfilled (at most 200 MB), and the address is a new
   * `blob:` each time, which `URL.revokeObjectURL` lets go of sooner.
   *
   * @param id The song's id: 40 hexadecimal digits.
   * @throws {KadenzaError} `not-found`; `unavailable` while nobody who has it is reachable; without a worker, `too-large`.
   * @example
   * audio.src = await peer.listen(song.id);
   * await audio.play();
   */
  async listen(id: string, options?: ListenOptions): Promise<string> {
    const given = check.options(options);
    const content = given.recording === undefined ? undefined : check.id("recording", given.recording, 64);
    const song = await this.song(id, given as CallOptions);
    const { recordings } = song;
    const recording = content ? recordings.find((recording) => recording.content === content) : recordings[0];
    if (!recording) throw errorOf({ code: "not-found", message: `recording: "${song.title}" has no ${content}` });
    if (this.#served) return new URL(this.#served + this.#raw.path(recording), location.origin).href;
    return this.#whole(recording, given.signal);
  }

  async #whole(recording: Recording, signal: unknown): Promise<string> {
    const whole = await this.call(signal, (signal) => this.#raw.whole(recording, signal));
    const address = URL.createObjectURL(whole);
    this.#addresses.add(address);
    return address;
  }

  /**
   * The bytes of a recording or a cover. Nothing is fetched before it is read; cancelling it, or aborting the signal,
   * stops the fetching.
   *
   * @param content A recording, or a cover.
   * @throws {KadenzaError} `invalid`, at once. The stream breaks off with `unavailable` or `not-found` where nobody reachable
   * has the bytes.
   * @example
   * const cover = await new Response(peer.read(song.cover)).blob();
   */
  read(content: Content, options?: ReadOptions): ReadableStream<Uint8Array> {
    const given = check.options(options);
    const { content: id, bytes } = check.content(content);
    const start = given.start === undefined ? 0 : check.place("start", given.start, 0, bytes);
    const end = given.end === undefined ? bytes : check.place("end", given.end, start, bytes);
    return this.#stream({ content: id, bytes }, start, end, check.signal(given.signal));
  }

  #stream(content: Content, start: number, end: number, signal: AbortSignal | undefined): ReadableStream<Uint8Array> {
    const over = new AbortController();
    const stops = [over.signal, this.#ended].concat(signal ?? []);
    const stop = AbortSignal.any(stops);
    let at = start;
    const source: UnderlyingDefaultSource<Uint8Array> = {
      start: (controller) => {
        const abort = () => controller.error(stop.reason);
        if (stop.aborted) abort();
        else stop.addEventListener("abort", abort, { once: true, signal: over.signal });
      },
      pull: async (controller) => {
        if (at < end) {
          const piece = await this.call(stop, (signal) => this.#raw.read({ ...content, start: at, end }, signal));
          at += piece.length;
          controller.enqueue(piece);
        }
        if (at < end) return;
        controller.close();
        over.abort();
      },
      cancel: (reason) => over.abort(reason),
    };
    return new ReadableStream(source, { highWaterMark: 0 });
  }

  /** @internal Does `work` until this is over, or the signal aborts. */
  protected async call<T>(signal: unknown, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const given = check.signal(signal);
    const stop = given ? AbortSignal.any([this.#ended, given]) : this.#ended;
    stop.throwIfAborted();
    try {
      return await work(stop);
    } catch (thrown) {
      throw stop.aborted && thrown === stop.reason ? thrown : errorOf(thrown);
    }
  }
}

/** Its events, whose listeners know what they get. */
export interface Library<Events> {
  addEventListener<Kind extends keyof Events & string>(
    type: Kind,
    listener: (event: Events[Kind]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<Kind extends keyof Events & string>(
    type: Kind,
    listener: (event: Events[Kind]) => void,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
}

/** Calls what is the page's. What it throws is the page's affair, as with any event. */
function report(call: () => void): void {
  try {
    call();
  } catch (error) {
    reportError(error);
  }
}
