// The package as somebody gets it: packed, installed in a folder of its own, and served by a plain web server.

import { execFile } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const PACKAGE = fileURLToPath(new URL("../..", import.meta.url));
const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/** A page with nothing in it; what it is to do is said by tests. */
const BLANK = `<!doctype html>
<meta charset="utf-8">
<title>A page</title>
<link rel="icon" href="data:,">
<script type="importmap">{ "imports": { "kadenza": "/node_modules/kadenza/dist/index.js" } }</script>
`;

/** Runs a program of a folder and returns what it printed; fails with all of that. */
export async function run(folder, program, ...args) {
  try {
    const { stdout } = await promisify(execFile)(program, args, { cwd: folder, maxBuffer: 1 << 24 });
    return stdout;
  } catch (error) {
    throw new Error(`${program} ${args.join(" ")}: ${error.stdout}${error.stderr}`);
  }
}

/** A folder with the package installed from its tarball. */
export class Site {
  #server;

  static async open() {
    const site = new Site();
    site.folder = await mkdtemp(join(tmpdir(), "kadenza-pkg-"));
    const packed = await run(PACKAGE, "npm", "pack", "--json", "--pack-destination", site.folder);
    const [{ filename, files }] = JSON.parse(packed);
    site.tarball = join(site.folder, filename);
    site.files = files.map(({ path }) => path);
    await writeFile(join(site.folder, "package.json"), '{ "name": "site", "private": true, "type": "module" }');
    await run(site.folder, "npm", "install", "--offline", "--no-audit", "--no-fund", `./${filename}`);
    await site.write("index.html", BLANK);
    await cp(join(PACKAGE, "example"), join(site.folder, "example"), { recursive: true });
    // What a README's reader does.
    await cp(join(site.folder, "node_modules/kadenza/dist/service-worker.js"), join(site.folder, "service-worker.js"));
    await site.serve(site.folder);
    return site;
  }

  write(name, text) {
    return writeFile(join(this.folder, name), text);
  }

  /** Serves another folder from now on. */
  async serve(folder) {
    this.#server?.close();
    this.#server = createServer(async (request, response) => {
      const path = normalize(decodeURIComponent(new URL(request.url, "http://localhost").pathname));
      const file = join(folder, path.endsWith("/") ? `${path}index.html` : path);
      const body = await readFile(file).catch(() => undefined);
      response.writeHead(body ? 200 : 404, { "content-type": TYPES[extname(file)] ?? "text/plain" });
      response.end(body);
    });
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
  }

  async close() {
    this.#server.close();
    this.#server.closeAllConnections();
    await rm(this.folder, { recursive: true, force: true });
  }
}
