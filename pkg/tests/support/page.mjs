// A page with the package, and what goes wrong in it.

import assert from "node:assert/strict";

/** Runs before a page's own scripts: what nobody caught is told, in every browser alike. */
function watch() {
  globalThis.uncaught = [];
  addEventListener("error", ({ message }) => uncaught.push(message));
  addEventListener("unhandledrejection", ({ reason }) => uncaught.push(`unhandled: ${reason}`));
}

export class Page {
  static async open(page, url) {
    await page.addInitScript(watch);
    await page.goto(url);
    return new Page(page);
  }

  constructor(page) {
    this.page = page;
  }

  /** Starts a peer as `globalThis[name]`; its id. */
  start(options, name = "peer") {
    return this.run(
      async ({ Kadenza }, [options, name]) => {
        globalThis[name] = await Kadenza.start(options);
        return globalThis[name].id;
      },
      [options, name],
    );
  }

  /** Runs a function in the page, with the package and plain data. */
  run(work, value) {
    return this.page.evaluate(
      `(async () => (${work})(await import("kadenza"), ${value === undefined ? "undefined" : JSON.stringify(value)}))()`,
    );
  }

  /** What a function in the page is rejected with: the error's class, `code` and message; all of it where nothing is. */
  refusal(work, value) {
    return this.run(
      `async (kadenza, value) => {
        try {
          return { result: await (${work})(kadenza, value) };
        } catch (error) {
          const { name, code, message, guess } = error ?? {};
          return { name, code, message, guess, thrown: String(error), typed: error instanceof kadenza.KadenzaError };
        }
      }`,
      value,
    );
  }

  /** Gives a song of `tests/support/songs.mjs` to the page, as `globalThis.file`. */
  async give(song) {
    const bytes = song.bytes.toString("base64");
    await this.run(
      (_, [name, bytes]) => {
        const decoded = Uint8Array.from(atob(bytes), (char) => char.charCodeAt(0));
        globalThis.file = new File([decoded], name);
      },
      [song.name, bytes],
    );
  }

  /** Fails where something went wrong that nobody caught. */
  async isQuiet() {
    assert.deepEqual(await this.page.evaluate("globalThis.uncaught"), []);
  }
}
