// A js-libp2p relay on a loopback WebSocket. Prints its multiaddr when it listens; ends when its standard input does.
// `kad` as an argument makes it a server of the DHT as well.

import "./polyfill.mjs";

import { circuitRelayServer } from "@libp2p/circuit-relay-v2";
import { webSockets } from "@libp2p/websockets";
import { createLibp2p } from "libp2p";

import { common, services } from "./shared.js";

/** Enough for every tab of a run of the tests; js-libp2p's own limit is 15. */
const RESERVATIONS_MAX = 1000;

const node = await createLibp2p({
  ...common(),
  addresses: { listen: ["/ip4/127.0.0.1/tcp/0/ws"] },
  transports: [webSockets()],
  services: {
    ...services({ kad: process.argv.includes("kad") }),
    relay: circuitRelayServer({ reservations: { maxReservations: RESERVATIONS_MAX } }),
  },
});
console.log(String(node.getMultiaddrs()[0]));
process.stdin.resume();
process.stdin.once("end", () => process.exit(0));
