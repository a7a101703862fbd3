// A peer of a page.

import * as check from "./arguments.js";
import { errorOf, invalid, KadenzaError } from "./error.js";
import { type CallOptions, Library } from "./library.js";
import { Room } from "./room.js";
import type { PeerChange, Song, Status } from "./types.js";
import type { Peer as RawPeer } from "./wasm/kadenza.js";
import { load, type Wasm } from "./wasm.js";
import { workerPath } from "./worker.js";

/** What a member of a room is called who has not said. */
const NAMELESS = "Guest";

/**
 * How to start a peer.
 *
 * @example
 * const options: StartOptions = { relays: ["https://music.example"], storage: "memory" };
 * const peer = await Kadenza.start(options);
 */
export interface StartOptions extends CallOptions {
  /** Web addresses of relays, `https://music.example` for one: the way in. Without any, the peer is alone. */
  relays: string[];
  /**
   * Where it keeps songs and who it is: in the browser's storage of this page's origin (`persistent`, unless it is said), in
   * memory, or in a storage of its own with a name of 1 to 64 letters, digits, `-` and `_`. Several peers of an origin never
   * share one: each further one takes the next of that name.
   */
  storage?: "persistent" | "memory" | { name: string };
  /** The link of a room to be in from the start, or the link and what to be called there. */
  room?: string | { link: string; name?: string };
  /**
   * The address of a service worker of this page's origin, which is registered: a copy of the package's `service-worker.js`, or
   * a worker that takes it in with `importScripts`. It lets {@link Kadenza.listen} stream.
   */
  serviceWorker?: string | URL;
}

/**
 * How to enter a room.
 *
 * @example
 * const room = await peer.room(link, { name: "Mira" });
 * console.log(room.members.length);
 */
export interface RoomOptions extends CallOptions {
  /** What to be called there: 1 to 40 characters. */
  name?: string;
}

/**
 * What happens to a peer.
 *
 * @example
 * peer.addEventListener("peer", ({ detail }) => console.log(detail.peer, detail.connected ? "came" : "went"));
 * peer.addEventListener("song", ({ detail }) => list.append(row(detail)));
 */
export interface KadenzaEvents {
  /** Another peer came or went. */
  peer: CustomEvent<PeerChange>;
  /** A song became known to this peer, or learnt something: by an upload, a search, or from others. */
  song: CustomEvent<Song>;
  /** {@link Kadenza.status} is another. */
  status: CustomEvent<Status>;
}

/**
 * A peer: it uploads, finds and plays songs, keeps them for others, and is one of those the network is made of.
 *
 * @example
 * const peer = await Kadenza.start({ relays: ["https://music.example"] });
 * for await (const song of peer.search("satie")) console.log(song.title);
 */
export class Kadenza extends Library<KadenzaEvents> {
  /** Its peer id. */
  readonly id: string;

  readonly #raw: RawPeer;
  readonly #over: AbortController;
  readonly #worker: string | undefined;
  #status: Status;
  #room: Room | undefined;
  /** The last change of rooms. */
  #entering: Promise<unknown> = Promise.resolve();
  #stopped: Promise<void> | undefined;

  private constructor(raw: RawPeer, over: AbortController, id: string, status: Status, worker: string | undefined) {
    super(raw, over.signal, worker && `${worker}${id}/public`);
    this.#raw = raw;
    this.#over = over;
    this.#worker = worker && `${worker}${id}`;
    this.#status = status;
    this.id = id;
    this.#follow();
  }

  /**
   * Starts a peer. The promise is fulfilled once its storage is open; the network is joined meanwhile, see {@link status}.
   *
   * @throws {KadenzaError} `invalid` for a wrong option; `unavailable` when the program cannot be loaded; `storage`.
   * @example
   * const peer = await Kadenza.start({ relays: ["https://music.example"], serviceWorker: "/service-worker.js" });
   * peer.addEventListener("status", ({ detail }) => console.log(detail.connection));
   */
  static async start(options: StartOptions): Promise<Kadenza> {
    const given = check.options(options);
    const config = { relays: check.relays(given.relays), ...check.storage(given.storage) };
    const room = given.room === undefined ? undefined : roomOf(given.room);
    const script = given.serviceWorker === undefined ? undefined : scriptOf(given.serviceWorker);
    const signal = check.signal(given.signal) ?? new AbortController().signal;
    signal.throwIfAborted();
    const wasm = await load();
    const worker = script && (await workerPath(script, signal));
    const peer = await Kadenza.#started(wasm, config, worker, signal);
    try {
      if (room) await peer.room(room.link, { name: room.name, signal });
    } catch (error) {
      await peer.stop();
      throw error;
    }
    return peer;
  }

  static async #started({ Peer }: Wasm, config: object, worker: string | undefined, signal: AbortSignal): Promise<Kadenza> {
    let raw: RawPeer | undefined;
    const over = new AbortController();
    try {
      const peer: RawPeer = (raw = await Peer.start(config, signal));
      const status = await new Promise<Status>((resolve, reject) => {
        peer.statuses(resolve, AbortSignal.any([over.signal, signal])).catch(reject);
      });
      const { peer: id } = await peer.network(signal);
      over.abort();
      return new Kadenza(peer, new AbortController(), id, status, worker);
    } catch (thrown) {
      over.abort();
      await raw?.stop();
      throw signal.aborted && thrown === signal.reason ? thrown : errorOf(thrown);
    }
  }

  /**
   * The link of a new room, without the address of a page. Whoever has it is in, and nobody else: it holds the room's secret.
   *
   * @param name What the room is called: 1 to 60 characters.
   * @throws {KadenzaError} `invalid` for a name that cannot be one.
   * @example
   * const room = await peer.room(await Kadenza.newRoomLink("Kitchen"), { name: "Mira" });
   */
  static async newRoomLink(name: string): Promise<string> {
    const wanted = check.text("name", name);
    const { newRoomLink } = await load();
    try {
      return newRoomLink(wanted);
    } catch (thrown) {
      throw errorOf(thrown);
    }
  }

  /**
   * How it stands with the network.
   *
   * @example
   * label.textContent = `${peer.status.connection}, ${peer.status.peers} peers`;
   * peer.addEventListener("status", ({ detail }) => console.log(detail.peers));
   */
  get status(): Status {
    return this.#status;
  }

  /**
   * Whether {@link listen} streams: a service worker answers this page's elements.
   *
   * @example
   * if (!peer.streams) note.textContent = "Songs begin once all of them is here.";
   */
  get streams(): boolean {
    return this.#worker !== undefined;
  }

  /**
   * Enters a room, out of the one before. Asked for the room it is in, it returns that.
   *
   * @param link The room's link, with or without the address of a page.
   * @throws {KadenzaError} `invalid` for a damaged link, saying what is wrong with it, or for a name that cannot be one.
   * @example
   * const room = await peer.room("https://music.example/#/room/Kitchen.…", { name: "Mira" });
   * for await (const song of room.search("")) console.log(song.title);
   */
  async room(link: string, options?: RoomOptions): Promise<Room> {
    const given = check.options(options);
    const wanted = check.roomLink(link);
    const name = check.optionalText("name", given.name) ?? NAMELESS;
    // One after the other: a peer is in one room at a time.
    const entered = this.#entering.then(() => this.#enter(wanted, name, given.signal));
    this.#entering = entered.catch(() => {});
    return entered;
  }

  async #enter(link: string, name: string, signal: unknown): Promise<Room> {
    if (this.#room?.link === link) return this.#room;
    const before = this.#room;
    const raw = await this.call(signal, (signal) => this.#raw.enter(link, name, signal));
    const room = new Room(raw, new AbortController(), this.#worker && `${this.#worker}/room`);
    this.#room = room;
    room.addEventListener("leave", () => {
      if (this.#room === room) this.#room = undefined;
    });
    await before?.leave();
    return room;
  }

  /**
   * Leaves the room and the network, and closes the storage: nothing is left of the peer but what it stored. What was asked of
   * it and is not answered is rejected with `unavailable`; streams and addresses end.
   *
   * @example
   * await peer.stop();
   */
  stop(): Promise<void> {
    this.#stopped ??= (async () => {
      this.#over.abort(new KadenzaError("unavailable", "the peer has stopped"));
      await this.#entering;
      await this.#room?.leave();
      await this.#raw.stop();
    })();
    return this.#stopped;
  }

  #follow(): void {
    const follow = (events: (signal: AbortSignal) => Promise<unknown>) => {
      // They end with the peer.
      this.call(undefined, events).catch(() => {});
    };
    const tell = (kind: string) => (detail: unknown) => this.dispatchEvent(new CustomEvent(kind, { detail }));
    const tellStatus = (status: Status) => {
      const before = this.#status;
      this.#status = status;
      const isNew = status.connection !== before.connection || status.peers !== before.peers;
      if (isNew) tell("status")(status);
    };
    follow((signal) => this.#raw.statuses(tellStatus, signal));
    follow((signal) => this.#raw.peers(tell("peer"), signal));
    follow((signal) => this.#raw.songs(tell("song"), signal));
    if (!this.#worker) return;
    follow((signal) => this.#raw.serve_below(`${this.#worker}/public`, signal));
    follow((signal) => this.#raw.serve_room_below(`${this.#worker}/room`, signal));
  }
}

function roomOf(value: unknown): { link: string; name: string | undefined } {
  if (typeof value === "string") return { link: value, name: undefined };
  if (typeof value !== "object" || value === null) throw invalid("room", "a link or { link, name }", value);
  const { link, name } = value as Record<string, unknown>;
  return { link: check.text("room.link", link), name: check.optionalText("room.name", name) };
}

function scriptOf(value: unknown): string {
  if (value instanceof URL) return value.href;
  return check.text("serviceWorker", value);
}
