// What goes wrong, in the words of the HTTP API.

import type { Tags } from "./types.js";

/**
 * Kinds of errors, as the HTTP API's `code` has them: nothing is known under this name; the call itself is wrong; the file
 * names no title or artist; it asks for too much; nobody who could answer is reachable now; the storage refused.
 *
 * @example
 * const isGone = (error: unknown) =>
 *   error instanceof KadenzaError && (error.code satisfies ErrorCode) === "not-found";
 */
export type ErrorCode = "not-found" | "invalid" | "needs-tags" | "too-large" | "unavailable" | "storage";

/**
 * What every call is rejected with, unless its signal aborted: then it is the signal's reason. The message is a sentence; where
 * an argument is wrong, it begins with the argument's name.
 *
 * @example
 * try { await peer.song(id); }
 * catch (error) { if (error instanceof KadenzaError && error.code === "not-found") showNothing(); }
 */
export class KadenzaError extends Error {
  override readonly name = "KadenzaError";

  /** Which kind of error it is. */
  readonly code: ErrorCode;

  /** With `needs-tags`: what the file's tags and name suggest. Upload it again with them, once a person has looked. */
  readonly guess?: Tags;

  constructor(code: ErrorCode, message: string, options: ErrorOptions & { guess?: Tags } = {}) {
    super(message, options);
    this.code = code;
    if (options.guess) this.guess = options.guess;
  }
}

/** What the peer throws: an error as JSON. */
interface Thrown {
  code: ErrorCode;
  message: string;
  guess?: Tags;
}

/** `thrown` as an error to throw on: what the peer refuses becomes a `KadenzaError`, all else stays what it is. */
export function errorOf(thrown: unknown): unknown {
  if (thrown instanceof Error || typeof thrown !== "object" || thrown === null || !("code" in thrown)) return thrown;
  const { code, message, guess } = thrown as Thrown;
  return new KadenzaError(code, message, guess && { guess });
}

/** The error for an argument that is not `what` it should be. */
export function invalid(argument: string, what: string, value: unknown): KadenzaError {
  return new KadenzaError("invalid", `${argument}: ${what}, not ${shown(value)}`);
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 80));
  if (typeof value === "object" && value !== null) return `an object (${value.constructor?.name ?? "without a class"})`;
  return typeof value === "function" ? "a function" : String(value);
}
