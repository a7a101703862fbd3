// The page's language: preferred by the browser, chosen by a person, and nothing of another one left.

import assert from "node:assert/strict";
import { test } from "node:test";

import { violations, walk } from "./support/axe.mjs";
import { Tab } from "./support/browser.mjs";
import { choose, onlyIn, perceived, spoken } from "./support/language.mjs";
import { LIMIT, stage } from "./support/stage.mjs";

const stand = stage();

const spokenIn = (tab) => tab.page.evaluate(() => document.documentElement.lang);

/** A tab of somebody whose browser prefers these languages, which may not say yet that it is connected. */
async function tabOf(locale) {
  const person = await stand.browser.person({ locale });
  return new Tab(person, await person.newPage());
}

test("another language is there at once, and at the next visit", LIMIT, async () => {
  const relay = await stand.relay();
  const tab = await stand.browser.visit(relay);
  assert.equal(await spokenIn(tab), "en");
  await tab.search("coast");
  await tab.shows(/Nothing found for “coast”/);
  await tab.page.getByLabel("Language").selectOption({ label: "Español" });
  await tab.shows(/Sin resultados para «coast»/, { within: 1000 });
  await tab.shows(/Conectado a 1 par/, { within: 1000 });
  assert.equal(await spokenIn(tab), "es");
  await tab.page.reload();
  await tab.shows(/Conectado a 1 par/);
  assert.equal(await spokenIn(tab), "es");
  await tab.page.getByLabel("Idioma").selectOption({ label: "English" });
  await tab.shows(/Connected to 1 peer/, { within: 1000 });
  assert.deepEqual(tab.errors, []);
});

test("the page begins in the language its browser prefers, before its program is there, and in English where it has none of them", LIMIT, async () => {
  const relay = await stand.relay();
  for (const [locale, language, starting, connected] of [
    ["es-MX", "es", /Música que vive en las pestañas.*Iniciando…/s, /Conectado a 1 par/],
    ["fr-FR", "en", /Music that lives in its listeners.*Starting…/s, /Connected to 1 peer/],
  ]) {
    const tab = await tabOf(locale);
    let letGo;
    const program = new Promise((resolve) => (letGo = resolve));
    await tab.page.route("**/*.wasm", (route) => program.then(() => route.continue()));
    await tab.page.goto(relay.url, { waitUntil: "commit" });
    await tab.shows(starting);
    assert.equal(await spokenIn(tab), language);
    letGo();
    await tab.shows(connected);
    assert.equal(await spokenIn(tab), language);
    assert.equal(await tab.page.evaluate(() => localStorage.getItem("kadenza.language")), null, "nobody has chosen one");
  }
});

test("what goes wrong is said in Spanish, with what to do about it", LIMIT, async () => {
  const relay = await stand.relay();
  const english = await onlyIn("en", "es");
  const tab = await tabOf("es-ES");
  await tab.page.goto(`${relay.url}/#/room/Cocina`);
  await tab.shows(/Este enlace no tiene secreto.*Pide otro/);
  await tab.page.goto(`${relay.url}/#/song/${"0".repeat(40)}`);
  await tab.shows(/Nadie accesible conoce la canción de este enlace/);
  const letter = await stand.songs.file("carta.mp3", "Querida Ada: esto no es música.");
  const empty = await stand.songs.file("nada.mp3", "");
  await tab.page.locator('input[type="file"]').first().setInputFiles([letter.path, empty.path]);
  await tab.shows(/Este archivo no se puede reproducir/);
  await tab.shows(/Este archivo está vacío\. Elige otra copia/);
  assert.deepEqual(spoken(english, await perceived(tab.page)), []);
});

test("no state of the page has an English word in Spanish, nor anything that axe-core finds", { timeout: 240_000 }, async () => {
  const [relay, english] = [await stand.relay(), await onlyIn("en", "es")];
  const states = [];
  await walk({ browser: stand.browser, songs: stand.songs, relay }, { colorScheme: "dark" }, async (state, tab) => {
    const before = spoken(english, await perceived(tab.page));
    assert.notDeepEqual(before, [], `${state} is told to be English`);
    await choose(tab.page, "es");
    assert.deepEqual(spoken(english, await perceived(tab.page)), [], state);
    assert.deepEqual(await violations(tab), [], state);
    await choose(tab.page, "en");
    states.push(state);
  });
  assert.ok(states.length > 10, `${states}`);
});
