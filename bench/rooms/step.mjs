// Whether tabs are in step: what each notes of its own player, and how far apart that is.

/** How often a tab notes where its player is, in milliseconds. */
const EVERY_MS = 50;

/**
 * Runs in every page before its own scripts: notes where the element that plays is, against the clock that all tabs of a
 * machine share and no script can change.
 */
export function watch() {
  const EVERY_MS = 50;
  const players = new Set();
  const { play } = HTMLMediaElement.prototype;
  HTMLMediaElement.prototype.play = function () {
    players.add(this);
    return play.call(this);
  };
  const { now } = performance;
  const clock = () => performance.timeOrigin + now.call(performance);
  globalThis.steps = [];
  globalThis.playing = () => {
    const audio = [...players].find((audio) => !audio.paused) ?? [...players].at(-1);
    return audio && { src: audio.currentSrc, second: audio.currentTime, moves: !audio.paused && !audio.seeking };
  };
  setInterval(() => {
    const at = clock();
    const player = globalThis.playing();
    if (player) globalThis.steps.push({ at, ...player });
    if (globalThis.steps.length > 6000) globalThis.steps.shift();
  }, EVERY_MS);
  addEventListener("click", () => (globalThis.lastPress = clock()), { capture: true });
}

/**
 * Runs in a page: waits until its player has done `what` after the moment `since`, and until it moves on; when those were.
 * "playing": it does not stand; "standing": it does; "sought": it is elsewhere in the song; "other": it has another song.
 */
export async function within([what, since]) {
  const begun = globalThis.playing();
  const clock = () => performance.timeOrigin + performance.now();
  let acted;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 4));
    const now = globalThis.playing();
    const at = clock();
    if (at - since > 20_000) throw new Error(`not ${what} within 20 s`);
    if (!now) continue;
    const is = {
      playing: now.moves,
      standing: !now.moves,
      sought: Math.abs(now.second - begun?.second - (at - since) / 1000) > 2,
      other: now.src !== begun?.src,
    };
    if (is[what]) acted ??= { at, second: now.second };
    if (acted && (what === "standing" || (now.moves && now.second !== acted.second))) return [acted.at, at];
  }
}

/** Where a track is at a moment, as its lead over the clock in milliseconds; nothing where its player did not move. */
function lead(track, at) {
  const next = track.findIndex((step) => step.at >= at);
  if (next < 1) return undefined;
  const [before, after] = [track[next - 1], track[next]];
  if (!before.moves || !after.moves || before.src !== after.src || after.at - before.at > 4 * EVERY_MS) return undefined;
  const share = (at - before.at) / (after.at - before.at);
  return (before.second + share * (after.second - before.second)) * 1000 - at;
}

/** How far the foremost is from the last, in milliseconds, at moments EVERY_MS apart at which all move. */
function spread(tracks, from, to) {
  const drifts = [];
  for (let at = from; at <= to; at += EVERY_MS) {
    const leads = tracks.map((track) => lead(track, at));
    if (leads.every((one) => one !== undefined)) drifts.push(Math.max(...leads) - Math.min(...leads));
  }
  return drifts;
}

/** The clock that all tabs of a machine share, in milliseconds. */
export const clock = () => performance.timeOrigin + performance.now();

/** How far apart these tabs are between two moments of that clock, in milliseconds, sample by sample. */
export async function apart(tabs, from, to) {
  const tracks = await Promise.all(tabs.map((tab) => tab.page.evaluate("steps")));
  return spread(tracks, from, to);
}

/** The smallest number that is not below a share of all. */
export function quantile(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];
}
