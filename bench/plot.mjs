// Draws what runs of `cargo xtask bench listen` printed, in place of measuring again. Of what several of them measured, the
// last one counts.
//
//   node bench/plot.mjs RESULT.json… > docs/listen.svg

import { readFile } from "node:fs/promises";

import { about, svg } from "./listen/plot.mjs";

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error("usage: node bench/plot.mjs RESULT.json…");
  process.exit(2);
}

/** The last line of a run's output. */
const result = async (file) => JSON.parse((await readFile(file, "utf8")).trim().split("\n").at(-1));

const results = await Promise.all(files.map(result));
const plots = new Map(results.flatMap(({ plots }) => plots.map((plot) => [plot.label, plot])));
const abouts = new Set(results.map(about));
if (abouts.size > 1) throw new Error(`these runs are not of one machine and browser: ${[...abouts].join(" / ")}`);
process.stdout.write(svg([...plots.values()], ...abouts));
