// Forwards what the page's <audio> and <img> ask for to the peer inside the page, and streams its answer back as
// the browser wants more of it. Where no page answers, the relay gets the request as it was: a page
// whose peer is not there yet says so at once (static/early.js). The page's side, and the messages, are in
// crates/node/src/bridge.rs. It keeps nothing but the page itself, which so starts without a network.

const FORWARDED = ["/listen/", "/api/cover/"];
const HEADERS = ["range", "if-range", "if-none-match"];
const ACCEPTED_WITHIN_MS = 3000;
const ANSWERED_WITHIN_MS = 60000;

// The page as it was loaded last, and how long the relay may take to send it before that is shown.
const PAGE = "page";
const LOADED_WITHIN_MS = 4000;
const PART = /["'](\/[\w.-]+(?:\/[\w.-]+)*\.\w+)["']/g;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  // A page that cannot be kept now is kept at its next visit.
  event.waitUntil(fetch("/").then(keep).catch(() => undefined));
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (origin !== self.location.origin || (method !== "GET" && method !== "HEAD")) return;
  if (FORWARDED.some((path) => pathname.startsWith(path))) event.respondWith(answer(event));
  else if (method === "GET" && pathname === "/" && mode === "navigate") event.respondWith(page(event));
  else if (method === "GET" && parts.has(pathname)) event.respondWith(part(event));
});

// Paths of what the kept page consists of.
let parts = new Set();
caches
  .open(PAGE)
  .then((cache) => cache.keys())
  .then((kept) => (parts = new Set(kept.map(({ url }) => new URL(url).pathname))));

// The page as the relay has it now; as it was, where the relay is not reached.
async function page(event) {
  const now = fetch(event.request);
  const late = new Promise((resolve) => setTimeout(resolve, LOADED_WITHIN_MS));
  const response = await Promise.race([now.catch(() => undefined), late]);
  if (response?.ok) event.waitUntil(keep(response.clone()).catch(() => undefined));
  return response ?? (await caches.match("/")) ?? now;
}

async function part(event) {
  const response = await fetch(event.request).catch(() => undefined);
  return response ?? (await caches.match(event.request)) ?? Response.error();
}

// Keeps a page and all it consists of, and nothing of an older one. The parts come from the browser's own cache.
async function keep(response) {
  if (!response.ok) return;
  const html = await response.clone().text();
  const cache = await caches.open(PAGE);
  const wanted = new Set(["/", ...[...html.matchAll(PART)].map(([, path]) => path)]);
  const kept = new Set((await cache.keys()).map(({ url }) => new URL(url).pathname));
  await cache.addAll([...wanted].filter((path) => path !== "/" && !kept.has(path)));
  await cache.put("/", response);
  await Promise.all([...kept].filter((path) => !wanted.has(path)).map((path) => cache.delete(path)));
  parts = wanted;
}

async function answer(event) {
  const page = await pageOf(event);
  const call = page && new Call(page, event.request);
  const head = call && (await call.head());
  if (!head) {
    call?.cancel();
    return fetch(event.request);
  }
  const bodiless = event.request.method === "HEAD" || head.status === 204 || head.status === 304;
  if (bodiless) call.cancel();
  // The browser may end a worker that seems idle; it is not while a body is on its way.
  else event.waitUntil(call.over);
  return new Response(bodiless ? null : call.body(), head);
}

// The page that asks; any page of ours where none does (an address typed by hand).
async function pageOf(event) {
  const asking = event.clientId && (await self.clients.get(event.clientId));
  return asking || (await self.clients.matchAll({ type: "window" }))[0];
}

// One request on its way through a page.
class Call {
  constructor(page, request) {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    this.over = new Promise((resolve) => (this.finish = resolve));
    this.received = [];
    this.port.onmessage = ({ data }) => (this.awaits ? this.awaits(data) : this.received.push(data));
    const headers = HEADERS.filter((name) => request.headers.has(name)).map((name) => [name, request.headers.get(name)]);
    page.postMessage({ method: request.method, url: request.url, headers }, [port2]);
  }

  // Status and headers, or nothing where the page cannot say.
  async head() {
    if ((await this.next(ACCEPTED_WITHIN_MS)) !== "accepted") return undefined;
    const head = await this.next(ANSWERED_WITHIN_MS);
    return typeof head === "object" ? head : undefined;
  }

  // The body. The first chunks come unasked; each that is taken makes room for one more.
  body() {
    return new ReadableStream({
      pull: async (controller) => {
        const chunk = await this.next();
        if (chunk instanceof Uint8Array) {
          this.port.postMessage("pull");
          return controller.enqueue(chunk);
        }
        this.close();
        return chunk === "end" ? controller.close() : controller.error(new TypeError(chunk.error));
      },
      cancel: () => this.cancel(),
    });
  }

  // The page's next message; nothing after so many milliseconds, if given.
  next(withinMs) {
    if (this.received.length > 0) return Promise.resolve(this.received.shift());
    return new Promise((resolve) => {
      const timer = withinMs && setTimeout(() => this.awaits(undefined), withinMs);
      this.awaits = (message) => {
        clearTimeout(timer);
        this.awaits = undefined;
        resolve(message);
      };
    });
  }

  cancel() {
    this.port.postMessage("cancel");
    this.close();
  }

  close() {
    this.port.close();
    this.finish();
  }
}
