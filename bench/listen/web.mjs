// The plain web server that others are compared with: byte ranges, on loopback unless told where, at a limited rate where
// one is asked for. It also serves the pages of the contenders that are not ours.

import { once } from "node:events";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { createServer } from "node:http";
import { basename, extname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { FOLDER } from "./media.mjs";
import { bundles } from "./pages/build.mjs";

const TYPES = { ".mp3": "audio/mpeg", ".flac": "audio/flac", ".webm": "audio/webm" };
const READ_BYTES = 256 * 1024;

/** How often a limited answer goes on. */
const SLICE_MS = 10;

const html = (script) => `<!doctype html><meta charset="utf-8"><title>A page</title>${script}`;

/** The plainest page with a player; opened with an address behind `#`, it plays that. */
const PLAIN = html(`<body><audio></audio><script>
  const address = location.hash.slice(1);
  if (address) {
    const audio = document.querySelector("audio");
    audio.src = address;
    audio.play();
  }
</script>`);

export class Web {
  #server;

  static async open({ host = "127.0.0.1" } = {}) {
    const web = new Web();
    const { page, worker } = await bundles();
    const files = new Map([
      ["/plain", ["text/html", PLAIN]],
      ["/webtorrent", ["text/html", html('<body><script type="module" src="/webtorrent.js"></script>')]],
      ["/webtorrent.js", ["text/javascript", page]],
      ["/worker.js", ["text/javascript", worker]],
    ]);
    web.#server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url, "http://localhost");
      const [type, body] = files.get(pathname) ?? [];
      response.setHeader("cache-control", "no-store");
      if (!body) {
        const rate = Number(searchParams.get("rate") ?? Infinity);
        return media(request, response, pathname, rate).catch(() => response.destroy());
      }
      response.setHeader("content-type", type);
      response.end(body);
    });
    web.#server.listen(0, host);
    await once(web.#server, "listening");
    web.url = `http://${host}:${web.#server.address().port}`;
    return web;
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** Where a song of the media folder is served, held to `rate` bytes a second. */
export const mediaPath = (song, rate) => `/media/${song.file}${rate ? `?rate=${rate}` : ""}`;

async function media(request, response, pathname, rate) {
  const path = join(FOLDER, basename(pathname));
  const type = TYPES[extname(path)];
  const size = pathname.startsWith("/media/") && type ? await stat(path).then(({ size }) => size, () => 0) : 0;
  if (!size) return response.writeHead(404).end();
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
  const start = Number(from ?? 0);
  const end = Math.min(Number(to || size - 1), size - 1);
  const head = { "content-type": type, "accept-ranges": "bytes", "content-length": end - start + 1 };
  response.writeHead(from ? 206 : 200, from ? { ...head, "content-range": `bytes ${start}-${end}/${size}` } : head);
  if (rate === Infinity) return createReadStream(path, { start, end, highWaterMark: READ_BYTES }).pipe(response);
  return paced(response, path, start, end + 1, rate);
}

/** Sends bytes at a rate, and not faster after the browser has not taken any for a while. */
async function paced(response, path, start, end, rate) {
  const file = await open(path);
  const closed = once(response, "close");
  try {
    let last = performance.now();
    let earned = 0;
    for (let at = start; at < end && !response.destroyed; ) {
      await pause(SLICE_MS);
      const now = performance.now();
      earned += ((now - last) * rate) / 1000;
      last = now;
      const room = Buffer.alloc(Math.min(Math.floor(earned), end - at));
      const { buffer, bytesRead } = await file.read(room, 0, room.length, at);
      at += bytesRead;
      earned -= bytesRead;
      if (!response.write(buffer.subarray(0, bytesRead)) && !response.destroyed) {
        await Promise.race([once(response, "drain"), closed]);
        last = performance.now();
      }
    }
    response.end();
  } finally {
    await file.close();
  }
}
