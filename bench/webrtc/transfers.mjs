// How fast bytes go from one tab to the other.

import { medians, over, rounds, say } from "./rounds.mjs";

const FIRST_MIB = 4;

/** Between the first transfer and the one it is compared with: what the connection needs to find its rate. */
const WARMING_MIB = 16;
const LATER_MIB = 16;

/** The first transfer of new connections, over a later one of the same connection. */
export async function fresh(contenders, count) {
  say(`the first ${FIRST_MIB} MiB of a connection`);
  const turn = async (contender) => {
    await contender.renew();
    const first = await contender.send(FIRST_MIB, 1);
    await contender.send(WARMING_MIB, 1);
    return { first, later: await contender.send(LATER_MIB, 1) };
  };
  const rates = await rounds(contenders, count, turn);
  const of = (all, which) => all.map((rate) => rate[which]);
  const summary = Object.entries(rates).map(([name, all]) => [
    name,
    {
      ...medians({ first: of(all, "first"), later: of(all, "later") }),
      first_over_later: over(of(all, "first"), of(all, "later")),
      all,
    },
  ]);
  return Object.fromEntries(summary);
}

/** Transfers over the connections that are there, over one stream and over four, next to a bare channel. */
export async function steady({ rust, js, raw }, count, mib) {
  say(`transfers of ${mib} MiB`);
  const turns = {
    rust_1: () => rust.send(mib, 1),
    rust_4: () => rust.send(mib, 4),
    raw: () => raw.send(mib),
    js_1: () => js.send(mib, 1),
    js_4: () => js.send(mib, 4),
  };
  const rates = await rounds(turns, count, (turn) => turn());
  return {
    ...medians(rates),
    one_stream_over_raw: over(rates.rust_1, rates.raw),
    four_streams_over_raw: over(rates.rust_4, rates.raw),
    js_one_stream_over_raw: over(rates.js_1, rates.raw),
    js_four_streams_over_raw: over(rates.js_4, rates.raw),
    all: rates,
  };
}
