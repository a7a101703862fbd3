// WebTorrent's packages find `process` as a global, as in Node.js.

export * as process from "../../node_modules/webtorrent/polyfills/process-fast.js";
