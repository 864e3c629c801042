// What is one organisation's is in no other's files: not in its pages, its search data or its PDF.
import { test } from "node:test";
import assert from "node:assert/strict";
import { join } from "node:path";
import { launch, withPage } from "./support/browser.js";
import { build, fixture } from "./support/site.js";
import { serve } from "./support/server.js";

const PROJECT = join(import.meta.dirname, "fixture");
const WATERDAM = ["Waterdam", "waterdam", "bc4f0d", "webteam", "Raadsbesluit", "selectielijst", "Archivering", "adviseur communicatie", "gedeelde schijf"];
const BOLWERK = ["Bolwerk", "bolwerk", "kok", "push('naam')", "push('reden')", "eigen deel"];

/** Files that hold one of the words, with the word. */
async function holding(site, paths, words) {
  const found = [];
  for (const path of paths) {
    const text = (await site.read(path)).toString("utf8");
    for (const word of words) if (new RegExp(`(?<![\\p{L}])${word.replace(/[()]/g, "\\$&")}(?![\\p{L}])`, "u").test(text)) found.push(`${path}: ${word}`);
  }
  return found;
}

test("isolation", async (t) => {
  const whole = await fixture(t);

  await t.test("in a full build", async () => {
    const files = JSON.parse(await whole.text("manifest.json")).editions;
    assert.ok(files.waterdam.files.length > 20 && files.bolwerk.files.length > 20);
    const own = ({ files, assets }) => [...files, ...assets].map((path) => path.replace(/^\.\//, "")).filter((path) => whole.paths.includes(path));
    const shared = new Set(own(files.base));
    assert.deepEqual(await holding(whole, own(files.bolwerk).filter((path) => !shared.has(path)), WATERDAM), []);
    assert.deepEqual(await holding(whole, own(files.waterdam).filter((path) => !shared.has(path)), BOLWERK), []);
    // The start page and the overview are the places that name all.
    const named = await holding(whole, [...shared].filter((path) => !/^(index\.html|coverage\.)/.test(path)), [...WATERDAM, ...BOLWERK]);
    assert.deepEqual(named, []);
  });

  for (const [organisation, others, own] of [["waterdam", BOLWERK, WATERDAM], ["bolwerk", WATERDAM, BOLWERK]]) {
    await t.test(`in a build of ${organisation} alone, file names and PDF too`, async () => {
      const alone = await build(t, PROJECT, "--organisation", organisation);
      assert.ok(alone.paths.length > 30);
      assert.deepEqual(await holding(alone, alone.paths, others), []);
      assert.notDeepEqual(await holding(alone, alone.paths, own), []);
      assert.deepEqual(alone.paths.filter((path) => path.includes(organisation === "waterdam" ? "bolwerk" : "waterdam")), []);
      const browser = await launch(t);
      const origin = await serve(t, alone);
      await withPage(browser, {}, async (page) => {
        await page.goto(`${origin}nl/print.html`);
        const text = await page.evaluate(() => document.documentElement.innerText);
        assert.deepEqual(others.filter((word) => text.includes(word)), []);
        const pdf = (await page.pdf()).toString("latin1");
        assert.deepEqual(others.filter((word) => pdf.includes(word)), []);
      });
    });
  }
});
