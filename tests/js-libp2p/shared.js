// What the relay and the peers in pages have in common.

import { identify, identifyPush } from "@libp2p/identify";
import { kadDHT, passthroughMapper } from "@libp2p/kad-dht";
import { noise } from "@libp2p/noise";
import { ping } from "@libp2p/ping";
import { yamux } from "@libp2p/yamux";

export const SINK = "/bench/sink/1.0.0";
export const ECHO = "/bench/echo/1.0.0";
export const RESET = "/bench/reset/1.0.0";
const KAD = "/bench/kad/1.0.0";

/** Records live under keys that begin with this, between slashes. */
export const RECORDS = "bench";

/** How every node here is set up. js-libp2p's own limits are for hosts that are not all one machine. */
export const common = () => ({
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  connectionGater: { denyDialMultiaddr: () => false },
  connectionManager: {
    maxConnections: 500,
    inboundConnectionThreshold: 10_000,
    maxIncomingPendingConnections: 1_000,
  },
});

/** Services of a node; without `kad` it neither asks nor answers in the DHT. */
export const services = ({ kad = true } = {}) => ({
  identify: identify(),
  identifyPush: identifyPush(),
  ping: ping(),
  ...(kad && {
    kad: kadDHT({
      protocol: KAD,
      clientMode: false,
      // The one that is used otherwise drops loopback addresses.
      peerInfoMapper: passthroughMapper,
      validators: { [RECORDS]: async () => {} },
      selectors: { [RECORDS]: () => 0 },
    }),
  }),
});
