// What every test file here begins with: the package's site, beside the browser, relays and songs of the end-to-end tests.

import { after, before } from "node:test";

import { stage as sharedStage } from "../../../tests/support/stage.mjs";
import { Page } from "./page.mjs";
import { Site } from "./site.mjs";

export { LIMIT } from "../../../tests/support/stage.mjs";

/** As the shared one, with `site`, and `page()` for a page of a new person in it. */
export function stage() {
  const held = sharedStage();
  before(async () => (held.site = await Site.open()));
  after(() => held.site?.close());
  held.page = async (path = "/") => Page.open(await (await held.browser.person()).newPage(), held.site.url + path);
  return held;
}
