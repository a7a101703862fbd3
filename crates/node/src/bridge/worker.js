// The worker's side of the bridge: a request on its way through a page, and its answer as the browser wants more of it.
// The page's side, and the messages, are in crates/node/src/bridge.rs. Workers take it in with `importScripts`.

const HEADERS = ["range", "if-range", "if-none-match"];
const ACCEPTED_WITHIN_MS = 3000;
const ANSWERED_WITHIN_MS = 60000;

// What the page that asks answers to its own request; nothing where no peer in it does.
async function answerOfPage(page, event) {
  const call = new Call(page, event.request);
  const head = await call.head();
  if (!head) {
    call.cancel();
    return undefined;
  }
  const bodiless = event.request.method === "HEAD" || head.status === 204 || head.status === 304;
  if (bodiless) call.cancel();
  // The browser may end a worker that seems idle; it is not while a body is on its way.
  else event.waitUntil(call.over);
  return new Response(bodiless ? null : call.body(), head);
}

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
    return head?.status ? head : undefined;
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
