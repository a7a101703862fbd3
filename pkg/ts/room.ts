// A room a peer is in.

import * as check from "./arguments.js";
import { errorOf, KadenzaError } from "./error.js";
import { type CallOptions, Library } from "./library.js";
import type { Member, Playback, QueueItem, Song } from "./types.js";
import type { Room as RawRoom } from "./wasm/kadenza.js";

/**
 * What happens in a room; what it is like then, the room itself says.
 *
 * @example
 * room.addEventListener("queue", () => show(room.queue));
 * room.addEventListener("leave", () => audio.pause());
 */
export interface RoomEvents {
  /** Songs were added. */
  library: Event;
  /** Somebody came, left, goes by another name or reacts. */
  members: Event;
  /** The queue is another. */
  queue: Event;
  /** Something else is played, or from elsewhere. */
  playback: Event;
  /** The peer is in the room no more. */
  leave: Event;
}

/**
 * Where in the queue.
 *
 * @example
 * const [first] = room.queue;
 * room.add(song.id, first && { after: first.id });
 */
export interface QueueOptions {
  /** The id of the item to follow. */
  after?: string;
}

type Changes = Record<"library" | "members" | "queue" | "playback", number>;

interface View {
  members: Member[];
  queue: QueueItem[];
  playback: Playback | null;
}

/**
 * A private room: a library that only those with its link can read, who is there, and what they play together. A peer is in one
 * room at a time. Its verbs are those of the peer; the songs are the room's.
 *
 * @example
 * const room = await peer.room(link, { name: "Mira" });
 * room.addEventListener("members", () => show(room.members));
 */
export class Room extends Library<RoomEvents> {
  /** What the room is called. */
  readonly name: string;
  /** Its link, without the address of a page: whoever has it is in. */
  readonly link: string;

  readonly #raw: RawRoom;
  readonly #over: AbortController;
  #left: Promise<void> | undefined;

  /** @internal */
  constructor(raw: RawRoom, over: AbortController, served: string | undefined) {
    super(raw, over.signal, served);
    this.#raw = raw;
    this.#over = over;
    this.name = raw.name();
    this.link = raw.link();
    this.#follow();
  }

  #follow() {
    let before: Changes | undefined;
    const tell = (now: Changes) => {
      const kinds = Object.keys(now) as (keyof Changes)[];
      const changed = kinds.filter((kind) => before && before[kind] !== now[kind]);
      before = now;
      changed.forEach((kind) => this.dispatchEvent(new Event(kind)));
    };
    // It ends with the room.
    this.call(undefined, (signal) => this.#raw.changes(tell, signal)).catch(() => {});
  }

  /**
   * Who is here: this peer first.
   *
   * @throws {KadenzaError} `unavailable` once the room was left, as all of it.
   * @example
   * const names = room.members.map(({ name }) => name);
   */
  get members(): Member[] {
    return this.#view().members;
  }

  /**
   * What is to be played, in its order: at most 500 items.
   *
   * @example
   * for (const { id, song } of room.queue) list.append(row(id, await room.song(song)));
   */
  get queue(): QueueItem[] {
    return this.#view().queue;
  }

  /**
   * What is played now, if anything. An `<audio>` is in step when it is at its `position`.
   *
   * @example
   * const { position, playing } = room.playback ?? { position: 0, playing: false };
   */
  get playback(): Playback | undefined {
    return this.#view().playback ?? undefined;
  }

  /**
   * Adds a song of the room to the queue, at its end unless it is said.
   *
   * @param id The song's id: 40 hexadecimal digits.
   * @returns The id of the new item.
   * @throws {KadenzaError} `invalid` when the queue is full or has no such item; `unavailable` after too many actions at once.
   * @example
   * room.play(room.add(song.id));
   */
  add(id: string, options?: QueueOptions): string {
    const item = newItem();
    this.#act({ does: "add", item, song: check.songId(id), after: after(options) });
    return item;
  }

  /**
   * Moves an item of the queue: to its beginning, unless it is said.
   *
   * @throws {KadenzaError} As {@link add}.
   * @example
   * room.move(last.id, { after: first.id });
   */
  move(item: string, options?: QueueOptions): void {
    this.#act({ does: "move", item: itemId("item", item), after: after(options) });
  }

  /**
   * Takes an item out of the queue.
   *
   * @throws {KadenzaError} As {@link add}.
   * @example
   * room.remove(room.queue[0].id);
   */
  remove(item: string): void {
    this.#act({ does: "remove", item: itemId("item", item) });
  }

  /**
   * Plays an item from its beginning, for all members at the same moment. What follows in the queue follows by itself.
   *
   * @throws {KadenzaError} As {@link add}; `unavailable` within the first second in the room, before its clock is set.
   * @example
   * room.play(room.queue[0].id);
   */
  play(item: string): void {
    this.#act({ does: "play", item: itemId("item", item) });
  }

  /**
   * Stops for all members.
   *
   * @throws {KadenzaError} As {@link play}.
   * @example
   * button.onclick = () => room.pause();
   */
  pause(): void {
    this.#act({ does: "pause" });
  }

  /**
   * Goes on for all members.
   *
   * @throws {KadenzaError} As {@link play}.
   * @example
   * if (!room.playback?.playing) room.resume();
   */
  resume(): void {
    this.#act({ does: "resume" });
  }

  /**
   * Goes elsewhere in the song, for all members.
   *
   * @param position Seconds from its beginning.
   * @throws {KadenzaError} As {@link play}.
   * @example
   * room.seek(90);
   */
  seek(position: number): void {
    const milliseconds = Math.round(check.seconds("position", position) * 1000);
    this.#act({ does: "seek", milliseconds });
  }

  /**
   * Goes on to the next item, for all members; does nothing while nothing is played.
   *
   * @throws {KadenzaError} As {@link play}.
   * @example
   * button.onclick = () => room.skip();
   */
  skip(): void {
    const item = this.playback?.item;
    if (item) this.#act({ does: "skip", item });
  }

  /**
   * Shows all members an emoji for three seconds.
   *
   * @param emoji One of ❤️ 👏 🔥 🎉 😂 😮 👍 👎.
   * @throws {KadenzaError} `invalid` for another, `unavailable` after too many.
   * @example
   * room.react("🔥");
   */
  react(emoji: string): void {
    this.#act({ does: "react", emoji: check.text("emoji", emoji) });
  }

  /**
   * Goes by another name.
   *
   * @param name 1 to 40 characters.
   * @throws {KadenzaError} `invalid`.
   * @example
   * room.rename("Mira B.");
   */
  rename(name: string): void {
    const next = check.text("name", name);
    this.#refusing(() => this.#raw.rename(next));
  }

  /**
   * Adds a song of the public library by reference: the room stores none of its bytes.
   *
   * @param song As {@link Kadenza.song} has it.
   * @throws {KadenzaError} `storage`.
   * @example
   * await room.addPublic(await peer.song(id));
   */
  async addPublic(song: Song, options?: CallOptions): Promise<void> {
    const [recording] = song?.recordings ?? [];
    check.content(recording);
    await this.call(check.options(options).signal, (signal) => this.#raw.add_public(recording, signal));
  }

  /**
   * Says goodbye and goes out. What was asked of the room and is not answered is rejected with `unavailable`.
   *
   * @example
   * addEventListener("pagehide", () => room.leave());
   */
  leave(): Promise<void> {
    this.#left ??= (async () => {
      this.#over.abort(new KadenzaError("unavailable", "the room was left"));
      await this.#raw.leave();
      this.dispatchEvent(new Event("leave"));
    })();
    return this.#left;
  }

  #view(): View {
    this.#over.signal.throwIfAborted();
    return this.#raw.view();
  }

  #act(deed: object): void {
    this.#refusing(() => this.#raw.act(deed));
  }

  #refusing(work: () => void): void {
    this.#over.signal.throwIfAborted();
    try {
      work();
    } catch (thrown) {
      throw errorOf(thrown);
    }
  }
}

function after(options: QueueOptions | undefined): string | undefined {
  const { after } = check.options(options);
  return after === undefined ? undefined : itemId("after", after);
}

function itemId(argument: string, value: unknown): string {
  return check.id(argument, value, 32);
}

/** The id of a new item: 16 random bytes. */
function newItem(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
