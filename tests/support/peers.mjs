// Peers without the rest of Kadenza, each in a tab of a browser profile of its own.

import { chromium } from "playwright-core";
import puppeteer from "puppeteer-core";

import { eventually } from "./wait.mjs";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FIREFOX = process.env.FIREFOX ?? "/usr/bin/firefox-esr";

/** Nothing here may leave the machine, and without a network there is nobody to resolve names like `….local`. */
const CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-quic", "--disable-features=WebRtcHideLocalIpsWithMdns"];

/** The same for Firefox, which also has to be told that this machine is worth connecting to. */
const FIREFOX_PREFERENCES = {
  "media.peerconnection.ice.loopback": true,
  "media.peerconnection.ice.obfuscate_host_addresses": false,
};

export async function openChromium() {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: CHROMIUM_ARGUMENTS });
  return {
    version: browser.version(),
    profile: () => browser.newContext(),
    close: () => browser.close(),
  };
}

/** `preferences` are further ones, as in `about:config`. */
export async function openFirefox({ preferences = {} } = {}) {
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: FIREFOX,
    extraPrefsFirefox: { ...FIREFOX_PREFERENCES, ...preferences },
  });
  return {
    version: await browser.version(),
    profile: () => browser.createBrowserContext(),
    close: () => browser.close(),
  };
}

/** A page of a new person in Firefox that plays without a sound. */
export async function silentPage(firefox) {
  const page = await (await firefox.profile()).newPage();
  await page.evaluateOnNewDocument(silence);
  return page;
}

/** Runs in pages: on a machine without a sound card Firefox plays only what is silent. */
function silence() {
  const { get, set } = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "volume");
  const volume = { get, set: function () { set.call(this, 0); } };
  Object.defineProperty(HTMLMediaElement.prototype, "volume", volume);
  addEventListener("play", ({ target }) => (target.volume = 0), { capture: true });
}

/** A tab with one peer. */
export class PeerTab {
  /** Errors of the page itself. */
  errors = [];

  /**
   * Opens a peer of this kind in `browser` and waits until it listens at `relay`, a multiaddr. It takes part in a DHT,
   * where it connects to peers that nobody told it to dial, only with the option `kad`.
   */
  static async open(browser, pages, kind, relay, options = {}) {
    const tab = new PeerTab();
    tab.profile = await browser.profile();
    tab.page = await tab.profile.newPage();
    tab.page.on("pageerror", (error) => tab.errors.push(String(error)));
    await tab.page.goto(pages.url(kind, relay, { kad: false, ...options }));
    const started = await tab.page.evaluate("globalThis.started");
    if (!started) throw new Error(`the ${kind} peer did not start: ${tab.errors}`);
    return Object.assign(tab, started);
  }

  /** Runs a function in the page, with its peer and these arguments; all of it has to be plain data. */
  run(run, ...rest) {
    return this.page.evaluate(`(${run})(globalThis.peer, ...${JSON.stringify(rest)})`);
  }

  /** Calls a method of the page's peer. */
  call(method, ...rest) {
    return this.run(
      async (peer, name, values) => {
        const answer = await peer[name](...values);
        return answer instanceof Float64Array ? Array.from(answer) : answer;
      },
      method,
      rest,
    );
  }

  /** Begins to watch for the last connection to `peer` to go; the function returned waits for that moment. */
  async watch(peer) {
    await this.run((own, other) => (globalThis.gone = { time: own.closed(other) }) && undefined, peer);
    return () => this.run(() => globalThis.gone.time);
  }

  /** Connections to `peer`. */
  async connectionsTo(peer) {
    return (await this.call("connections")).filter((connection) => connection.peer === peer);
  }

  /** Dials another tab and waits until both know of the connection. */
  async connect(other) {
    await this.call("dial", other.address);
    await eventually("the dialled peer knows of it", async () => (await other.connectionsTo(this.id)).length > 0);
  }

  /** Waits until there is no connection to `peer` any more. */
  async without(peer, options) {
    await eventually("the connections are gone", async () => (await this.connectionsTo(peer)).length === 0, options);
  }

  /** Connections and data channels of this page that are not closed, whatever its peer thinks. */
  live() {
    return this.page.evaluate("globalThis.rtc.live()");
  }

  /** Closes the tab and its profile. */
  async close() {
    await this.profile.close();
  }
}

/** Ends the process of a tab in Chromium, as running out of memory would. */
export async function crash(tab) {
  const session = await tab.profile.newCDPSession(tab.page);
  const crashed = new Promise((resolve) => tab.page.once("crash", resolve));
  // It is never answered: who would?
  session.send("Page.crash").catch(() => {});
  await crashed;
}
