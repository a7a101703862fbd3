// How much the processor worked for what was measured.

import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks a second, as Linux has them in /proc on every machine there is (proc_pid_stat(5), sysconf(3)). */
const TICKS = 100;

/** Seconds of all processes that come from this one, without its own: the browser's, and a relay's. */
export function cpuSeconds() {
  const processes = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap(stat);
  const ours = new Set([process.pid]);
  for (let before = 0; before < ours.size; ) {
    before = ours.size;
    processes.filter(({ parent }) => ours.has(parent)).forEach(({ id }) => ours.add(id));
  }
  ours.delete(process.pid);
  return processes.filter(({ id }) => ours.has(id)).reduce((sum, { seconds }) => sum + seconds, 0);
}

function stat(id) {
  try {
    const text = readFileSync(`/proc/${id}/stat`, "latin1");
    // The program's name may hold anything; what comes after it are numbers.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return [{ id: Number(id), parent: Number(fields[1]), seconds: (Number(fields[11]) + Number(fields[12])) / TICKS }];
  } catch {
    // It has just ended.
    return [];
  }
}
