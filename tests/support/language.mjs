// The languages of the page, and what of one is seen in another.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { escape, plain } from "./browser.mjs";

/** Letters that something has at least to count as words of a language: shorter ones are in both by chance. */
const LETTERS_MIN = 4;

/** The parts of a catalogue's messages between what stands in them. */
async function phrases(language) {
  const path = fileURLToPath(new URL(`../../app/locales/${language}.ftl`, import.meta.url));
  const lines = (await readFile(path, "utf8")).split("\n").filter((line) => !line.startsWith("#"));
  const texts = lines.map((line) => line.replace(/^[a-z-]+ = |^ *\*?\[\w+\] /, "").replaceAll(/\{[^{}]*[{}]?|\}/g, "|"));
  const parts = texts.flatMap((text) => text.split("|")).map((part) => part.replaceAll(/^[\s:,.–“”«»]+|[\s:,.–“”«»]+$/g, ""));
  return new Set(parts.filter((part) => (part.match(/\p{L}/gu) ?? []).length >= LETTERS_MIN));
}

/** What only `language` says, and no other of these. */
export async function onlyIn(language, ...others) {
  const said = await Promise.all(others.map(phrases));
  return [...(await phrases(language))].filter((phrase) => !said.some((other) => other.has(phrase)));
}

/** All that somebody sees or hears of the page. */
export async function perceived(page) {
  const texts = await page.evaluate(() => {
    const names = ["alt", "aria-label", "aria-valuetext", "aria-description", "placeholder", "title"];
    const seen = [...document.body.querySelectorAll("*")].filter((element) => element.checkVisibility());
    return [document.title, document.body.innerText, ...seen.flatMap((element) => names.map((name) => element.getAttribute(name)))];
  });
  return plain(texts.filter(Boolean).join(" | "));
}

/** Which of these phrases are in a text, as words of their own. */
export function spoken(phrases, text) {
  return phrases.filter((phrase) => new RegExp(`(?<!\\p{L})${escape(phrase)}(?!\\p{L})`, "u").test(text));
}

/** Chooses a language, whatever covers the choice now. */
export async function choose(page, language) {
  await page.evaluate((language) => {
    const choice = document.querySelector(".language select");
    choice.value = language;
    choice.dispatchEvent(new Event("change", { bubbles: true }));
  }, language);
  await page.waitForFunction((language) => document.documentElement.lang === language, language);
}
