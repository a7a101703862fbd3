// What happens where half of the sources serve wrong bytes: measured by a native program among simulated peers, since no
// browser would play them. `cargo xtask bench listen` runs it and hands over the JSON object it printed.

export async function polluted() {
  const printed = process.env.KADENZA_POLLUTED;
  if (!printed) throw new Error("there is no program yet that measures polluted sources");
  return { figures: JSON.parse(printed), plots: [] };
}
