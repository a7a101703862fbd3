// Two tabs behind home routers, case by case; each prints one JSON line. Runs on the pretend internet's public host,
// where `cargo xtask test-nat` starts it and does what it asks of the lab.
//
//   cargo xtask test-nat [CASE…]

import { changesNetworks, listensAcross, losesItsNetwork } from "./cases.mjs";
import { isWhatItClaims } from "./claims.mjs";
import { Lab } from "./lab.mjs";

const CASES = {
  "lab-cone": (lab, found) => isWhatItClaims(lab, "cone", found),
  "lab-symmetric": (lab, found) => isWhatItClaims(lab, "symmetric", found),
  "lab-udp-blocked": (lab, found) => isWhatItClaims(lab, "udp-blocked", found),
  cone: (lab, found) => listensAcross(lab, { nat: "cone", path: "direct" }, found),
  symmetric: (lab, found) => listensAcross(lab, { nat: "symmetric", path: "relayed" }, found),
  "udp-blocked": (lab, found) => listensAcross(lab, { nat: "udp-blocked", path: "relayed" }, found),
  "holder-offline": (lab, found) => losesItsNetwork(lab, "a", found),
  "listener-offline": (lab, found) => losesItsNetwork(lab, "b", found),
  "listener-moves": changesNetworks,
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in CASES));
if (unknown.length > 0) {
  console.error(`There is no case ${unknown.join(", ")}; there are: ${Object.keys(CASES).join(", ")}.`);
  process.exit(2);
}

const lab = await Lab.enter();
for (const name of names.length > 0 ? names : Object.keys(CASES)) {
  // What a case has found out by the time it fails is printed as well.
  const found = { case: name };
  try {
    await CASES[name](lab, found);
    console.log(JSON.stringify({ ...found, passed: true }));
  } catch (error) {
    console.log(JSON.stringify({ ...found, passed: false, reason: String(error.message ?? error) }));
  }
}
lab.leave();
