// What runs inside every measured page, before the page's own scripts: it hears when an <audio> sounds, notes when one
// stands still, and counts what goes over data channels and WebSockets. The same for all contenders.

/** The function that pages run first. It has to stand on its own: it is sent to the page as text. */
export function inside() {
  const LOOK_EVERY_MS = 4;
  const SAMPLE_EVERY_MS = 50;
  const MOVED_S = 0.02;

  // However a page makes its elements, it has to tell them to play.
  const players = new Set();
  const { play } = HTMLMediaElement.prototype;
  HTMLMediaElement.prototype.play = function () {
    players.add(this);
    return play.call(this);
  };

  /** The element that plays the address with `part` in it. */
  const playing = (part) => [...players].find((audio) => !audio.paused && audio.currentSrc.includes(part));

  const until = (holds, within, what) =>
    new Promise((resolve, reject) => {
      const deadline = performance.now() + within;
      const timer = setInterval(() => {
        const answer = holds();
        if (!answer && performance.now() < deadline) return;
        clearInterval(timer);
        if (answer) resolve(answer);
        else reject(new Error(`${what} within ${within} ms`));
      }, LOOK_EVERY_MS);
    });

  /** When the address with `part` in it sounds past `from` seconds: milliseconds since the page was navigated to. */
  const sound = async (part, from = 0, within = 30_000) => {
    const sounds = () => {
      const audio = playing(part);
      return audio && !audio.seeking && audio.currentTime > from + MOVED_S;
    };
    await until(sounds, within, `no sound of ${part}`).catch((error) => {
      const elements = [...players].map(({ currentSrc, currentTime, readyState, paused, error }) =>
        [currentSrc, currentTime, readyState, paused, error?.message].join(" "));
      throw new Error(`${error.message}; there is: ${elements.join(", ") || "no audio"}`);
    });
    return performance.now();
  };

  /** Milliseconds from `act` to the sound it is to cause. */
  const soundAfter = async (part, act) => {
    const begun = performance.now();
    await act();
    return (await sound(part)) - begun;
  };

  /** Milliseconds from seeking to a share of the song to sound there. `seek` gets the element and the second. */
  const soundAfterSeek = async (part, share, seek) => {
    const audio = playing(part);
    const target = Math.floor(audio.duration * share);
    const begun = performance.now();
    seek(audio, target);
    return (await sound(part, target)) - begun;
  };

  /**
   * Notes from the first sound on how far the clock of the song falls behind that of the wall in one go. A sample that
   * is late says nothing by itself: the song's clock has moved on by as much.
   */
  const watchGaps = (part) => {
    const watch = { longest: 0, ended: false };
    let standing = 0;
    let last;
    watch.timer = setInterval(() => {
      const audio = [...players].find((audio) => audio.currentSrc.includes(part));
      if (!audio || watch.ended) return;
      const now = { wall: performance.now() / 1000, song: audio.currentTime };
      if (!last && now.song <= MOVED_S) return;
      watch.ended = audio.ended;
      if (last && !watch.ended) {
        const [passed, moved] = [now.wall - last.wall, now.song - last.song];
        standing = moved < passed / 2 ? standing + passed - moved : 0;
        watch.longest = Math.max(watch.longest, standing);
      }
      last = now;
    }, SAMPLE_EVERY_MS);
    return watch;
  };

  const traffic = { channels: { sent: 0, received: 0 }, sockets: { sent: 0, received: 0 } };
  const size = (data) => data.byteLength ?? data.size ?? data.length;
  const counted = (kind, target) =>
    target.addEventListener("message", ({ data }) => (traffic[kind].received += size(data)));
  for (const [kind, { prototype }] of [["channels", RTCDataChannel], ["sockets", WebSocket]]) {
    const { send } = prototype;
    prototype.send = function (data) {
      traffic[kind].sent += size(data);
      return send.call(this, data);
    };
  }
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...rest) {
      super(...rest);
      this.addEventListener("datachannel", ({ channel }) => counted("channels", channel));
    }

    createDataChannel(...rest) {
      const channel = super.createDataChannel(...rest);
      counted("channels", channel);
      return channel;
    }
  };
  globalThis.WebSocket = class extends WebSocket {
    constructor(...rest) {
      super(...rest);
      counted("sockets", this);
    }
  };

  /** Notes how much has been sent by when, to find the moments at which it was most. */
  const watchSent = () => {
    const noted = [];
    const note = () => noted.push([performance.now() / 1000, traffic.channels.sent + traffic.sockets.sent]);
    note();
    setInterval(note, SAMPLE_EVERY_MS);
    return noted;
  };

  // What WebAssembly has of memory is no part of what CDP says of the heap.
  const memories = new Set();
  for (const name of ["instantiate", "instantiateStreaming"]) {
    const made = WebAssembly[name];
    WebAssembly[name] = async (...rest) => {
      const answer = await made.apply(WebAssembly, rest);
      const all = Object.values((answer.instance ?? answer).exports);
      all.filter((one) => one instanceof WebAssembly.Memory).forEach((memory) => memories.add(memory));
      return answer;
    };
  }
  const wasmBytes = () => [...memories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0);

  globalThis.bench = { sound, soundAfter, soundAfterSeek, watchGaps, watchSent, until, traffic, wasmBytes };
}

/** Bytes sent and received since the page was opened, over data channels and WebSockets together. */
export async function traffic(page) {
  const { channels, sockets } = await page.evaluate("bench.traffic");
  return {
    sent: channels.sent + sockets.sent,
    received: channels.received + sockets.received,
    channels,
    sockets,
  };
}

/** A gap that cannot be told from a sample that came late is none. */
const GAP_S_MIN = 0.1;

/** Begins to watch for gaps; the function returned says how long the longest was so far, and whether it ended. */
export async function gaps(page, part) {
  await page.evaluate((part) => (bench.gaps = bench.watchGaps(part)) && undefined, part);
  return async () => {
    const { longest, ended } = await page.evaluate("({ longest: bench.gaps.longest, ended: bench.gaps.ended })");
    return { longest: longest < GAP_S_MIN ? 0 : longest, ended };
  };
}

/** What is sent within this is a rate, and no longer a burst. */
const RATE_S = 5;

/** Begins to watch what a tab sends; the function returned says the most bytes a second that it kept up for RATE_S. */
export async function sending(page) {
  await page.evaluate(() => (bench.sent = bench.watchSent()) && undefined);
  return async () => {
    const noted = await page.evaluate("bench.sent");
    let most = 0;
    let from = 0;
    for (const [time, bytes] of noted) {
      while (from + 1 < noted.length && time - noted[from + 1][0] >= RATE_S) from += 1;
      const [began, before] = noted[from];
      if (time - began >= RATE_S) most = Math.max(most, (bytes - before) / (time - began));
    }
    if (most === 0) throw new Error(`the tab was not watched for ${RATE_S} s`);
    return most;
  };
}

/** What may be sent of what an uplink allows, and a burst beyond that. */
const KEPT = 1.05;
const BURST_S = 0.25;

/** Does something while the tab `page` is to send `uplink` bytes a second at the most; throws where it sent more. */
export async function heldTo(uplink, page, act) {
  const [before, begun] = [(await traffic(page)).sent, performance.now()];
  const answer = await act();
  const [sent, seconds] = [(await traffic(page)).sent - before, (performance.now() - begun) / 1000];
  if (sent > uplink * (KEPT * seconds + BURST_S)) {
    const taken = `${sent} bytes were sent in ${seconds.toFixed(1)} s`;
    throw new Error(`an uplink of ${uplink} bytes a second was not kept: ${taken}`);
  }
  return answer;
}
