// What axe-core finds on each page: nothing.

import assert from "node:assert/strict";
import { test } from "node:test";

import { violations, walk } from "./support/axe.mjs";
import { LIMIT, stage } from "./support/stage.mjs";

const stand = stage();

for (const colorScheme of ["dark", "light"]) {
  test(`axe-core finds nothing on any page, ${colorScheme}`, LIMIT, async () => {
    const relay = await stand.relay();
    const place = { browser: stand.browser, songs: stand.songs, relay };
    await walk(place, { colorScheme }, async (state, tab) => assert.deepEqual(await violations(tab), [], state));
  });
}
