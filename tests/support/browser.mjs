// Tabs, as their users see them: everything is found by its accessible role and name.

import { chromium } from "playwright-core";

import { eventually } from "./wait.mjs";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** A browser. Each of its contexts is a person with storage of their own. */
export class Browser {
  /** Starts a browser; `program` starts it in some special way, and `flags` are further ones on its command line. */
  static async open({ program = CHROMIUM, flags = [] } = {}) {
    const browser = new Browser();
    browser.chromium = await chromium.launch({
      executablePath: program,
      // Containers run tests as root, where Chromium's sandbox refuses to start.
      args: ["--no-sandbox", "--mute-audio", ...flags],
    });
    return browser;
  }

  async close() {
    await this.chromium.close();
  }

  /** A connected tab of a new person. `room` is how many bytes the browser stores for the page at the most. */
  async visit(relay, { room, ...context } = {}) {
    return Tab.open(await this.person(context), relay, { room });
  }

  /** A new person without a tab. */
  person(context) {
    return this.chromium.newContext({ viewport: { width: 1280, height: 800 }, ...context });
  }
}

export class Tab {
  /** Errors in the console and failed scripts since the tab was opened. */
  errors = [];

  constructor(person, page) {
    this.person = person;
    this.page = page;
    page.on("pageerror", (error) => this.errors.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") this.errors.push(`${message.text()} (${message.location().url})`);
    });
  }

  /** Another tab of the same person. */
  another(relay) {
    return Tab.open(this.person, relay);
  }

  static async open(person, relay, { room } = {}) {
    const tab = new Tab(person, await person.newPage());
    const url = typeof relay === "string" ? relay : relay.url;
    if (room) {
      // Before the page comes: the browser remembers for a while how much room it had.
      const session = await person.newCDPSession(tab.page);
      await session.send("Storage.overrideQuotaForOrigin", { origin: url, quotaSize: room });
    }
    await tab.page.goto(url);
    await tab.connected();
    return tab;
  }

  async close() {
    await this.page.close({ runBeforeUnload: true });
    await eventually("the tab closes", () => this.page.isClosed());
  }

  get status() {
    return this.page.getByRole("status").filter({ hasText: /Starting|Connected|Offline/ }).first();
  }

  async says(status, { within = 30_000 } = {}) {
    await eventually(
      `the status says ${status}`,
      async () => status.test(await this.status.innerText({ timeout: 1000 })),
      { within },
    );
  }

  async connected() {
    await this.says(/^Connected to \d+ peer/);
  }

  /** The peer id of this tab. */
  async peer() {
    return eventually("the page names its peer", () => this.status.getAttribute("data-peer", { timeout: 1000 }));
  }

  /** What the status in the header opens. */
  get network() {
    return this.page.getByRole("region", { name: "Network" });
  }

  /** Opens the network panel, unless it is open, and waits until it knows the peers. */
  async openNetwork() {
    await eventually("the network panel is open", async () => {
      if (await this.network.isVisible()) return (await this.network.getAttribute("aria-busy")) === "false";
      await this.status.getByRole("button").click({ timeout: 1000 });
      return false;
    });
  }

  /** What the network panel says of each peer: its id, "direct" or "relayed", "Relay" or "Tab", and all of its words. */
  async peers() {
    await this.openNetwork();
    const items = this.network.getByRole("list", { name: "Peers" }).getByRole("listitem");
    const peers = await items.evaluateAll((all) => all.map(({ dataset, innerText }) => ({ ...dataset, text: innerText })));
    return peers.map(({ peer, reach, text }) => {
      const words = text.replaceAll(/\s+/g, " ").trim();
      return { peer, reach, kind: words.match(/^\w+/)?.[0], text: words };
    });
  }

  /** The one in the header; an empty library offers another. */
  get uploadButton() {
    return this.page.getByRole("button", { name: "Upload songs" }).first();
  }

  /** Picks files with the upload button. */
  async pick(...files) {
    const chooser = this.page.waitForEvent("filechooser");
    await this.uploadButton.click();
    await (await chooser).setFiles(files.map((file) => file.path));
  }

  /** Drops the file or folder at `path` on the page, as from a file manager. */
  async drop(path) {
    const session = await this.person.newCDPSession(this.page);
    const data = { items: [], files: [path], dragOperationsMask: 1 };
    for (const type of ["dragEnter", "dragOver", "drop"]) {
      await session.send("Input.dispatchDragEvent", { type, x: 600, y: 400, data });
    }
    await session.detach();
  }

  /** Uploads songs and waits until the page says of each that it is in and safe. */
  async upload(...songs) {
    await this.pick(...songs);
    for (const song of songs) {
      await this.shows(new RegExp(`Added ${escape(song.tags.title)}`));
    }
  }

  /** Waits until a text can be seen. */
  async shows(text, { within = 30_000 } = {}) {
    await eventually(
      `the page shows ${text}`,
      async () => text.test(plain(await this.page.locator("body").innerText())),
      { within },
    );
  }

  async search(words) {
    await this.page.getByRole("searchbox", { name: "Search songs" }).fill(words);
  }

  get list() {
    return this.page.getByRole("list", { name: "Songs" });
  }

  item(title) {
    return this.list.getByRole("listitem").filter({ has: this.playButton(title) });
  }

  playButton(title) {
    return this.page.getByRole("button", { name: `Play ${title}`, exact: true });
  }

  /** Titles in the list, from top to bottom. */
  async titles() {
    const buttons = this.list.getByRole("button", { name: /^(Play|Pause) / });
    const names = await buttons.evaluateAll((all) => all.map((b) => b.getAttribute("aria-label") ?? b.textContent));
    return names.map((name) => name.trim().replace(/^(Play|Pause) /, ""));
  }

  async lists(...titles) {
    const wanted = JSON.stringify(titles);
    await eventually(`the list is ${wanted}`, async () => {
      const found = JSON.stringify(await this.titles());
      if (found !== wanted) throw new Error(found);
      return true;
    });
  }

  get player() {
    return this.page.getByRole("region", { name: "Player" });
  }

  control(name) {
    return this.player.getByRole("button", { name, exact: true });
  }

  slider(name) {
    return this.player.getByRole("slider", { name });
  }

  /** Plays a song of the list and waits until it can be heard. */
  async play(title, options) {
    await this.playButton(title).click();
    await this.plays(title, options);
  }

  /** Waits until `title` is in the player and its time moves on. */
  async plays(title, { within = 30_000 } = {}) {
    await this.player.getByText(title).first().waitFor({ timeout: within });
    const before = await this.elapsed();
    await eventually(`${title} plays on from ${before} s`, async () => (await this.elapsed()) > before, { within });
  }

  /** Seconds played and seconds in all, as the player tells a screen reader: "1:05 of 3:40". */
  async times() {
    const text = await this.slider("Seek").getAttribute("aria-valuetext");
    const clocks = (text ?? "").match(/\d+(:\d\d)+/g) ?? [];
    return clocks.map((clock) => clock.split(":").reduce((sum, part) => sum * 60 + Number(part), 0));
  }

  async elapsed() {
    return (await this.times())[0] ?? 0;
  }

  /** Waits until the tab's own service worker answers its requests. */
  async served() {
    await eventually("the service worker serves the tab", () =>
      this.page.evaluate(() => Boolean(navigator.serviceWorker.controller)),
    );
  }

  /** What a request from within the page is answered: status, headers and SHA-256 of the body. */
  async fetch(path, { method = "GET", headers = {} } = {}) {
    return this.page.evaluate(answer, { path, method, headers });
  }
}

/** Runs in pages and here alike, so that answers can be compared. */
export async function answer({ path, method, headers }) {
  const response = await fetch(path, { method, headers });
  const body = await response.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  const named = {};
  for (const name of ["accept-ranges", "content-length", "content-range", "content-type", "etag"]) {
    named[name] = response.headers.get(name);
  }
  return {
    status: response.status,
    ...named,
    bytes: body.byteLength,
    sha256: Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join(""),
  };
}

/** A text as it is read: with single spaces, and without the marks that keep a name from turning its sentence around. */
export function plain(text) {
  return text.replaceAll(/[\u2068\u2069]/g, "").replaceAll(/\s+/g, " ");
}

export function escape(text) {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
