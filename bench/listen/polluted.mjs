// What happens where half of the sources serve wrong bytes: measured by a native program among simulated peers, since no
// browser would play them. `cargo xtask bench listen` runs it and hands over the JSON object it printed.

export async function polluted() {
  const printed = process.env.KADENZA_POLLUTED;
  if (!printed) throw new Error("measured by `cargo xtask bench listen` alone, which sets KADENZA_POLLUTED");
  return { figures: JSON.parse(printed), plots: [] };
}
