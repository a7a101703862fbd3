/**
 * A Kadenza peer for any page: music that lives in its listeners' browser tabs. Importing it does nothing; the program, a
 * WebAssembly module, is loaded when the first peer is started.
 *
 * @packageDocumentation
 */

export { KadenzaError, type ErrorCode } from "./error.js";
export { Kadenza, type KadenzaEvents, type RoomOptions, type StartOptions } from "./kadenza.js";
export type { CallOptions, ListenOptions, ReadOptions, SearchOptions, UploadOptions } from "./library.js";
export type { QueueOptions, Room, RoomEvents } from "./room.js";
export type * from "./types.js";
