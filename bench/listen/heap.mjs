// How much memory a tab has in use: what CDP says of the JavaScript heaps of its page and of its service worker, with the
// bytes behind their buffers, and the memory of its WebAssembly. With the waste that the browser has not collected yet, or
// without, which is what is really in use; collecting it takes the tab's time, so that these are two measurements.

import { setTimeout as pause } from "node:timers/promises";

const SAMPLE_EVERY_MS = 200;

/** Waste is collected before the first look, so that it is no part of what was there before. */
export class Heap {
  #collects;
  #stopped = false;
  #most = null;

  /** Watches the tab `page`, whose service worker runs; `collects` is whether waste does not count. */
  static async watch(browser, page, { collects }) {
    const heap = new Heap();
    heap.#collects = collects;
    heap.page = page;
    heap.session = await page.context().newCDPSession(page);
    heap.worker = await Worker.of(browser, page);
    await heap.#collect();
    heap.before = await heap.#look();
    heap.#most = heap.before;
    heap.watching = heap.#watch();
    // Whoever stops hears of it.
    heap.watching.catch(() => {});
    return heap;
  }

  /** Bytes that were in use before, and those of the moment at which they were most. */
  async stop() {
    this.#stopped = true;
    await this.watching;
    await this.session.detach();
    await this.worker.detach();
    return { before: this.before, most: this.#most, extra_mb: (this.#most.all - this.before.all) / 1e6 };
  }

  async #watch() {
    while (!this.#stopped) {
      if (this.#collects) await this.#collect();
      const now = await this.#look();
      if (now.all > this.#most.all) this.#most = now;
      await pause(SAMPLE_EVERY_MS);
    }
  }

  async #collect() {
    await Promise.all([this.session, this.worker].map((session) => session.send("HeapProfiler.collectGarbage")));
  }

  async #look() {
    const [page, worker, wasm] = await Promise.all([
      this.session.send("Runtime.getHeapUsage"),
      this.worker.send("Runtime.getHeapUsage"),
      this.page.evaluate("bench.wasmBytes()"),
    ]);
    if (!wasm) throw new Error("the page's WebAssembly was not seen");
    const js = { page: used(page), worker: used(worker) };
    return { ...js, wasm, all: js.page + js.worker + wasm };
  }
}

const used = ({ usedSize, embedderHeapUsedSize, backingStorageSize }) => usedSize + embedderHeapUsedSize + backingStorageSize;

/** CDP's session with the service worker of a page. */
class Worker {
  #number = 0;
  #asked = new Map();

  static async of(browser, page) {
    const worker = new Worker();
    worker.session = await browser.chromium.newBrowserCDPSession();
    const { targetInfos } = await worker.session.send("Target.getTargets");
    const { origin } = new URL(page.url());
    // Every relay has a port of its own, and every person storage of their own.
    const own = await (await page.context().newCDPSession(page)).send("Target.getTargetInfo");
    const is = ({ type, url, browserContextId }) =>
      type === "service_worker" && url.startsWith(origin) && browserContextId === own.targetInfo.browserContextId;
    const target = targetInfos.find(is);
    if (!target) throw new Error("there is no service worker");
    const { targetId } = target;
    worker.session.on("Target.receivedMessageFromTarget", ({ sessionId, message }) => {
      const { id, result, error } = JSON.parse(message);
      if (sessionId !== worker.id || !worker.#asked.has(id)) return;
      const { resolve, reject } = worker.#asked.get(id);
      worker.#asked.delete(id);
      if (error) reject(new Error(error.message));
      else resolve(result);
    });
    const attached = await worker.session.send("Target.attachToTarget", { targetId, flatten: false });
    worker.id = attached.sessionId;
    return worker;
  }

  async send(method) {
    const id = (this.#number += 1);
    const answered = new Promise((resolve, reject) => this.#asked.set(id, { resolve, reject }));
    await this.session.send("Target.sendMessageToTarget", { sessionId: this.id, message: JSON.stringify({ id, method }) });
    return answered;
  }

  detach() {
    return this.session.detach();
  }
}
