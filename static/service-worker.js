// Forwards what the page's <audio> and <img> ask for to the peer inside the page, and streams its answer back as
// the browser wants more of it. Where no page answers, the relay gets the request as it was: a page
// whose peer is not there yet says so at once (static/early.js). The page's side, and the messages, are in
// crates/node/src/bridge.rs. It keeps nothing but the page itself, which so starts without a network.

// The bridge to a page: crates/node/src/bridge/worker.js.
importScripts("/worker.js");

const FORWARDED = ["/listen/", "/api/cover/"];

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
  return (page && (await answerOfPage(page, event))) ?? fetch(event.request);
}

// The page that asks; any page of ours where none does (an address typed by hand).
async function pageOf(event) {
  const asking = event.clientId && (await self.clients.get(event.clientId));
  return asking || (await self.clients.matchAll({ type: "window" }))[0];
}
