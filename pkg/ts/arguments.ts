// Looks at what a page passes in: whatever is wrong is refused by its name, before anything happens.

import { invalid } from "./error.js";
import type { Content, Tags } from "./types.js";

/** The most songs one search yields. */
const LIMIT_MAX = 200;

type Options = Record<string, unknown>;

/** The options of a call, if there are any. */
export function options(value: unknown): Options {
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null) throw invalid("options", "an object", value);
  return value as Options;
}

export function text(argument: string, value: unknown): string {
  if (typeof value !== "string") throw invalid(argument, "a text", value);
  return value;
}

export function optionalText(argument: string, value: unknown): string | undefined {
  return value === undefined ? undefined : text(argument, value);
}

export function signal(value: unknown): AbortSignal | undefined {
  if (value !== undefined && !(value instanceof AbortSignal)) throw invalid("signal", "an AbortSignal", value);
  return value;
}

export function relays(value: unknown): string[] {
  const isList = Array.isArray(value) && value.every((relay) => typeof relay === "string");
  if (!isList) throw invalid("relays", 'a list of web addresses like ["https://music.example"]', value);
  return value;
}

/** Whether storage is in memory, and what it is called otherwise. */
export function storage(value: unknown): { memory: boolean; name?: string } {
  if (value === undefined || value === "persistent") return { memory: false };
  if (value === "memory") return { memory: true };
  const name = typeof value === "object" && value !== null && "name" in value ? value.name : undefined;
  if (typeof name !== "string") throw invalid("storage", '"persistent", "memory" or { name }', value);
  return { memory: false, name };
}

export function limit(value: unknown): number {
  if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > LIMIT_MAX) {
    throw invalid("limit", `a whole number from 1 to ${LIMIT_MAX}`, value);
  }
  return value as number;
}

export function id(argument: string, value: unknown, digits: number): string {
  const isId = typeof value === "string" && value.length === digits && /^[0-9a-f]*$/i.test(value);
  if (!isId) throw invalid(argument, `${digits} hexadecimal digits`, value);
  return value;
}

export function songId(value: unknown): string {
  return id("id", value, 40);
}

export function content(value: unknown): Content {
  const isContent = typeof value === "object" && value !== null && "content" in value && "bytes" in value;
  if (!isContent) throw invalid("content", "a recording or a cover of a song", value);
  id("content", value.content, 64);
  return { content: value.content as string, bytes: place("content.bytes", value.bytes, 1, Number.MAX_SAFE_INTEGER) };
}

/** A whole number of bytes from `min` to `max`. */
export function place(argument: string, value: unknown, min: number, max: number): number {
  if (!Number.isSafeInteger(value) || (value as number) < min || (value as number) > max) {
    throw invalid(argument, `a whole number from ${min} to ${max}`, value);
  }
  return value as number;
}

export function seconds(argument: string, value: unknown): number {
  if (typeof value !== "number" || !(value >= 0 && value < Infinity)) throw invalid(argument, "seconds, 0 or more", value);
  return value;
}

export function callback<T>(argument: string, value: unknown): ((value: T) => void) | undefined {
  if (value !== undefined && typeof value !== "function") throw invalid(argument, "a function", value);
  return value as ((value: T) => void) | undefined;
}

/** A file, or bytes as one. */
export function file(value: unknown): Blob {
  if (value instanceof Blob) return value;
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return new Blob([value as BlobPart]);
  throw invalid("file", "a File, a Blob, an ArrayBuffer or a typed array", value);
}

export function tags(value: unknown): Tags {
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null) throw invalid("tags", "an object", value);
  const { title, artist, album } = value as Options;
  const given = { title, artist, album };
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, tag]) => (tag === undefined ? [] : [[name, text(`tags.${name}`, tag)]])),
  );
}

/** What follows `#/room/` in a room's link, or all of it. */
export function roomLink(value: unknown): string {
  const link = text("link", value);
  return link.split("#/room/").pop() ?? link;
}
