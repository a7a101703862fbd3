// The plain objects that go in and come out. All numbers are safe integers unless they say otherwise.

/**
 * What names a song.
 *
 * @example
 * await peer.upload(file, { title: "Sirens", artist: "Ada" });
 * const guess: Tags | undefined = error.guess;
 */
export interface Tags {
  /** Title of the song; at most 500 characters. */
  title?: string;
  /** Artist; at most 500 characters. */
  artist?: string;
  /** Album; at most 500 characters. A song may have none. */
  album?: string;
}

/**
 * Bytes that are named by their own hash: a recording's, or a cover's.
 *
 * @example
 * const { content, bytes } = song.recordings[0];
 * const stream = peer.read(content, { end: Math.min(bytes, 65_536) });
 */
export interface Content {
  /** The BLAKE3 hash of the bytes: 64 hexadecimal digits. */
  content: string;
  /** How many bytes there are. */
  bytes: number;
}

/**
 * A cover.
 *
 * @example
 * const { cover } = song.recordings[0];
 * if (cover) img.src = URL.createObjectURL(await new Response(peer.read(cover.content)).blob());
 */
export interface Picture extends Content {
  /** Its MIME type: `image/jpeg`, `image/png`, `image/gif` or `image/webp`. */
  type: string;
}

/**
 * One audio file of a song, as its uploader signed it.
 *
 * @example
 * const [oldest] = song.recordings;
 * label.textContent = `${oldest.type}, ${oldest.bitrate} kb/s, ${Math.round(oldest.duration)} s`;
 */
export interface Recording extends Content {
  /** Its MIME type, `audio/…`. */
  type: string;
  /** When it was uploaded by the uploader's clock: milliseconds since 1970, as `Date.now()` has it. */
  time: number;
  /** Length in seconds; not a whole number. */
  duration: number;
  /** Average bit rate, in kilobits a second. */
  bitrate: number;
  title: string;
  artist: string;
  /** Empty where it has none. */
  album: string;
  /** Track number on the album. */
  track?: number;
  /** Year of release. */
  year?: number;
  /** The cover that came with the file. */
  cover?: Picture;
  /** The uploader's peer id. */
  uploader: string;
  /** The uploader's Ed25519 signature, in hexadecimal digits. */
  signature: string;
}

/**
 * A song: what it is called, and the recordings there are of it. What it shows is its oldest recording's.
 *
 * @example
 * for await (const song of peer.search("ada"))
 *   list.append(`${song.artist} – ${song.title}`);
 */
export interface Song {
  /** Its id: 40 hexadecimal digits, worked out from title, artist and album. */
  id: string;
  title: string;
  artist: string;
  /** Empty where it has none. */
  album: string;
  /** Track number on the album. */
  track?: number;
  /** Year of release. */
  year?: number;
  /** Length in seconds; not a whole number. */
  duration: number;
  cover?: Picture;
  /** One to sixteen of them, the oldest first. */
  recordings: Recording[];
}

/**
 * What an upload came to.
 *
 * @example
 * const { song, copies } = await peer.upload(file);
 * note.textContent = copies.safe ? `${song.title} is safe` : "Keep this page open";
 */
export interface Uploaded {
  /** The song as it is known now. */
  song: Song;
  /** The recording that the file is. */
  recording: Recording;
  /** Whether nobody had the song, it has one more recording now, or exactly these bytes were here already. */
  outcome: "new-song" | "new-recording" | "already-here";
  /** Where copies are. */
  copies: Copies;
}

/**
 * Where whole copies of a content are.
 *
 * @example
 * const { copies } = await peer.upload(file);
 * note.textContent = `on ${copies.relays} relays and ${copies.tabs} tabs`;
 */
export interface Copies {
  /** Whether this peer has one. */
  here: boolean;
  /** Relays that have it on disk. */
  relays: number;
  /** Tabs that have it, this peer included. */
  tabs: number;
  /** Whether the uploader may leave: a relay has it on disk, or enough others hold it. */
  safe: boolean;
}

/**
 * How far an upload is. The rest, until the promise is fulfilled, is for others to have copies.
 *
 * @example
 * const onProgress = ({ loaded, total }: UploadProgress) => (bar.value = loaded / total);
 * await peer.upload(file, {}, { onProgress });
 */
export interface UploadProgress {
  /** Bytes of the file that were read. */
  loaded: number;
  /** Bytes there are. */
  total: number;
}

/**
 * How a peer stands with the network.
 *
 * @example
 * const { connection, peers } = peer.status;
 * label.textContent = connection === "connected" ? `${peers} peers` : connection;
 */
export interface Status {
  /** `starting` until somebody is found, for four seconds at the most; `offline` while nobody is. It goes on trying. */
  connection: "starting" | "connected" | "offline";
  /** Relays and tabs that are connected. */
  peers: number;
  /** Where songs are kept: `memory` also where the browser stores nothing for this page, as in some private windows. */
  storage: "persistent" | "memory";
}

/**
 * Another peer that came or went.
 *
 * @example
 * peer.addEventListener("peer", ({ detail }) =>
 *   console.log(detail.peer, detail.connected ? "came" : "went"));
 */
export interface PeerChange {
  /** Its peer id. */
  peer: string;
  /** Whether it is connected now. */
  connected: boolean;
}

/**
 * Somebody in a room.
 *
 * @example
 * const others = room.members.filter((member) => !member.me);
 * list.replaceChildren(...others.map(({ name }) => name));
 */
export interface Member {
  /** The peer id. */
  peer: string;
  /** What the member is called: 1 to 40 characters. */
  name: string;
  /** Whether it is this peer. */
  me: boolean;
  /** Emoji the member shows for three seconds, the latest last. */
  reactions: string[];
}

/**
 * A song in a room's queue.
 *
 * @example
 * const [first] = room.queue;
 * if (first) room.play(first.id);
 */
export interface QueueItem {
  /** The item's id: 32 hexadecimal digits. A song may be in the queue more than once. */
  id: string;
  /** The song's id. */
  song: string;
  /** The peer id of the member who added it. */
  addedBy: string;
}

/**
 * What a room plays.
 *
 * @example
 * const { position, playing } = room.playback ?? {};
 * audio.currentTime = position ?? 0;
 */
export interface Playback {
  /** The id of the queue's item. */
  item: string;
  /** Whether it plays, or is about to within the next second. */
  playing: boolean;
  /** Where all members should be in the song at this moment: seconds; not a whole number. */
  position: number;
}
