// The results as a picture: a group of bars for each figure, and a mark for where its limit is.

const NAMES = {
  kadenza: ["Kadenza", "#2f9e6e"],
  http: ["HTTP server", "#9aa4b2"],
  tuned: ["WebTorrent, tuned", "#c98a2b"],
  shipped: ["WebTorrent", "#e2c187"],
  raw: ["bare data channel", "#9aa4b2"],
};

const WIDTH = 900;
const LEFT = 250;
const BAR_MAX = 450;
const BAR = 13;
const GAP = 18;
const TOP = 58;

/** Words stand out from the lines that cross them. */
const STYLE = `
text { font: 12px system-ui, sans-serif; fill: #1d2530; paint-order: stroke; stroke: #fff; stroke-width: 5px; stroke-linejoin: round }
.head { font-size: 16px; font-weight: 600 }
.soft { fill: #667080 }
.ours { font-weight: 600 }
`;

/** What the picture of a run in this browser says of itself. */
export const about = ({ machine, versions }) =>
  `Medians on ${machine.cpus} cores in Chromium ${versions.chromium}. Dashed: what Kadenza is held to`;

const text = (x, y, words, more = "") => `<text x="${x}" y="${y}" ${more}>${words}</text>`;

const isMeasured = ({ values, most, least }) => Number.isFinite(most ?? least) && Number.isFinite(values.kadenza);

/**
 * An SVG of `plots`: each has a label, a unit, values by contender, and the most or the least that ours may be. One where
 * ours or that is missing is left out: there is nothing to see in it.
 */
export function svg(plots, subtitle) {
  const parts = [text(16, 24, "Press play, hear it", 'class="head"'), text(16, 42, subtitle, 'class="soft"')];
  let y = TOP;
  const measured = plots.filter(isMeasured);
  if (measured.length === 0) throw new Error("nothing was measured that could be drawn");
  for (const plot of measured) {
    const [group, height] = bars(plot, y);
    parts.push(group);
    y += height + GAP;
  }
  const size = `viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="Measurements of Kadenza next to others">
<style>${STYLE}</style>
<rect width="${WIDTH}" height="${y}" fill="#fff"/>
${parts.join("\n")}
</svg>
`;
}

function bars({ label, unit, values, most, least }, top) {
  const limit = most ?? least;
  const shown = Object.keys(NAMES).filter((name) => Number.isFinite(values[name]));
  const scale = BAR_MAX / Math.max(limit, ...shown.map((name) => values[name]));
  const height = shown.length * (BAR + 3);
  const x = (LEFT + limit * scale).toFixed(1);
  const title = `${most === undefined ? "at least" : "at most"} ${Number(limit.toPrecision(3))} ${unit}`;
  const parts = [text(16, top + BAR - 2, label), text(16, top + 2 * BAR, title, 'class="soft"')];
  const words = [];
  shown.forEach((name, i) => {
    const [contender, colour] = NAMES[name];
    const y = top + i * (BAR + 3);
    const width = Math.max(1, values[name] * scale).toFixed(1);
    parts.push(`<rect x="${LEFT}" y="${y}" width="${width}" height="${BAR}" rx="2" fill="${colour}"/>`);
    const value = `${Number(values[name].toPrecision(3))} ${unit} <tspan class="soft">${contender}</tspan>`;
    words.push(text(LEFT + Number(width) + 6, y + BAR - 2, value, name === "kadenza" ? 'class="ours"' : ""));
  });
  parts.push(
    `<path d="M${x} ${top - 3}V${top + height}" stroke="#c2334d" stroke-width="2" stroke-dasharray="3 2"/>`,
    ...words,
  );
  return [parts.join("\n"), Math.max(height, 2 * BAR + 3)];
}
