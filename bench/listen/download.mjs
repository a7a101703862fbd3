// How fast all of the FLAC comes from one tab, and what that costs the processor.

import { medians, over, rounds, say } from "../webrtc/rounds.mjs";
import { within } from "./contenders/scene.mjs";
import { cpuSeconds } from "./cpu.mjs";
import { DOWNLOAD_LEAST } from "./report.mjs";

export async function download({ contenders: { kadenza, tuned, raw }, songs: { flac } }, { rounds: count }) {
  say("all of the FLAC");
  const turn = (contender) =>
    within(contender, { song: flac }, async ({ listeners: [one] }) => {
      const before = cpuSeconds();
      const taken = await one.download();
      return { ...taken, cpu_s_per_100mb: ((cpuSeconds() - before) / flac.size) * 1e8 };
    });
  const all = await rounds({ raw, kadenza, tuned }, count, turn);
  const each = (figure) =>
    Object.fromEntries(Object.entries(all).map(([name, taken]) => [name, taken.map((one) => one[figure])]));
  const [rates, costs] = [each("mb_per_s"), each("cpu_s_per_100mb")];
  const values = medians(rates);
  return {
    figures: {
      download_over_raw: over(rates.kadenza, rates.raw),
      download_cpu_over_tuned: over(costs.kadenza, costs.tuned),
      download_tuned_over_raw: over(rates.tuned, rates.raw),
      download_mb_per_s: values,
      download_mb_per_s_from_click: medians(each("mb_per_s_from_click")),
      download_first_byte_s: medians(each("first_byte_s")),
      download_cpu_s_per_100mb: medians(costs),
    },
    plots: [{ label: "Whole FLAC", unit: "MB/s", values, least: DOWNLOAD_LEAST * values.raw }],
  };
}
