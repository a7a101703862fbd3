// The page's service worker, where it has one: what lets an <audio> stream from a peer. What it does is in service-worker.js.

import { invalid, KadenzaError } from "./error.js";

/** How long a worker may take to say that it answers this page. */
const ANSWERED_WITHIN_MS = 5000;

/**
 * Registers the script, waits until it answers this page's elements, and returns the path below which it does. Nothing where
 * the browser gives this page no worker: the address is insecure, or somebody wants nothing stored.
 */
export async function workerPath(script: string, signal: AbortSignal): Promise<string | undefined> {
  const container = globalThis.navigator?.serviceWorker;
  if (!container) return undefined;
  let registration;
  try {
    registration = await container.register(script);
  } catch (error) {
    if (error instanceof DOMException && error.name === "SecurityError") return undefined;
    throw new KadenzaError("invalid", `serviceWorker: ${script} cannot be registered: ${error}`, { cause: error });
  }
  if (!location.href.startsWith(registration.scope)) {
    throw invalid("serviceWorker", `a script in a folder of this page or above, so that its scope has ${location.href}`, script);
  }
  const { active } = await settled(container.ready, signal);
  if (!(await settled(claims(active), signal))) {
    throw invalid("serviceWorker", "a script that has the package's service-worker.js in it", script);
  }
  container.startMessages();
  return new URL("kadenza/", registration.scope).pathname;
}

/** Has the worker take this page over, and says whether it has. Somebody else's worker does not answer. */
function claims(worker: ServiceWorker | null): Promise<boolean> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const finish = (claimed: boolean) => {
      clearTimeout(timer);
      port1.close();
      resolve(claimed);
    };
    const timer = setTimeout(finish, ANSWERED_WITHIN_MS, false);
    port1.onmessage = () => finish(true);
    worker?.postMessage("kadenza claims", [port2]);
  });
}

/** What `promise` comes to, unless the signal aborts before. */
function settled<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
