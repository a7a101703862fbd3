// Rounds in which everybody has a turn, and what is made of their figures.

const begun = performance.now();

/** Tells whoever waits what is measured now. */
export const say = (what) => console.error(`${((performance.now() - begun) / 1000).toFixed(1).padStart(6)} s  ${what}`);

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/**
 * Calls `turn` with each of the contenders, round after round, in reverse order every other time, since what else
 * the machine does changes slowly. Returns the answers by the contenders' names.
 */
export async function rounds(contenders, count, turn) {
  const names = Object.keys(contenders);
  const answers = Object.fromEntries(names.map((name) => [name, []]));
  for (let i = 0; i < count; i += 1) {
    for (const name of i % 2 ? [...names].reverse() : names) answers[name].push(await turn(contenders[name], name));
  }
  return answers;
}

/** The median of the ratios within each round: neighbours in time share the load. */
export const over = (some, others) => median(some.map((value, i) => value / others[i]));

/** Medians by name, and how many each is of. */
export const medians = (answers) => Object.fromEntries(Object.entries(answers).map(([name, all]) => [name, median(all)]));

/** The same value with its numbers cut to four digits that mean something. */
export function rounded(value) {
  if (typeof value === "number") return Number.isInteger(value) ? value : Number(value.toPrecision(4));
  if (Array.isArray(value)) return value.map(rounded);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, rounded(part)]));
}

/** Which figures are above the most they may be, or below the least, and what that is. */
export const missed = (figures, bars, least = {}) => [
  ...Object.entries(bars)
    .filter(([key, most]) => figures[key] > most)
    .map(([key, most]) => ({ key, figure: figures[key], most })),
  ...Object.entries(least)
    .filter(([key, bar]) => figures[key] < bar)
    .map(([key, bar]) => ({ key, figure: figures[key], least: bar })),
];
