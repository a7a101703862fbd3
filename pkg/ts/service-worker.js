// The package's service worker: what a page's elements ask for below `kadenza/` is answered by the peer in that very page,
// and by nobody else. A page registers this file, or a worker of its own that takes it in with `importScripts`.

const PATH = new URL("kadenza/", self.registration.scope).href;

self.addEventListener("message", (event) => {
  if (event.data !== "kadenza claims") return;
  event.waitUntil(self.clients.claim().then(() => event.ports[0].postMessage("claimed")));
});

self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (url.startsWith(PATH) && (method === "GET" || method === "HEAD")) event.respondWith(answer(event));
});

async function answer(event) {
  const page = event.clientId && (await self.clients.get(event.clientId));
  const response = page && (await answerOfPage(page, event));
  return response || new Response("no peer of this page answers\n", { status: 503 });
}
