// print.html on paper: A4, numbered, dark mode or not, without a word of the screen's; and a part of it by its address.
import { test } from "node:test";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { launch, withPage } from "./support/browser.js";
import { fixture, folder } from "./support/site.js";
import { serve } from "./support/server.js";

const tool = (name, ...args) => execFileSync(name, args, { encoding: "utf8" });
const missing = () => { try { tool("pdfinfo", "-v"); return false; } catch (error) { return error.code === "ENOENT" && "left out: no pdfinfo and pdftotext here (Debian: poppler-utils)"; } };

test("print", async (t) => {
  const browser = await launch(t);
  const site = await fixture(t);
  const origin = await serve(t, site);
  const at = await folder(t);
  const reason = missing();
  if (reason) console.log(reason);

  /** The PDF of a part of the book: what pdfinfo says, and its text. */
  async function paper(hash, options = {}) {
    return withPage(browser, options, async (page) => {
      await page.goto(`${origin}waterdam/nl/print.html${hash}`);
      const file = join(at, "print.pdf");
      await writeFile(file, await page.pdf({ preferCSSPageSize: true, tagged: true, outline: true, printBackground: false }));
      const info = Object.fromEntries(tool("pdfinfo", file).split("\n").map((line) => line.split(/:\s+/, 2)));
      return { pages: Number(info.Pages), info, text: tool("pdftotext", "-layout", file, "-") };
    });
  }

  await t.test("the whole book", { skip: reason }, async () => {
    const { pages, info, text } = await paper("");
    assert.match(info["Page size"], /^59[45](\.\d+)? x 84[12](\.\d+)? pts \(A4\)$/);
    assert.equal(info.Tagged, "yes");
    assert.ok(pages >= 14 && pages <= 30, String(pages));
    assert.match(text, new RegExp(`${pages} / ${pages}`));
    assert.match(text, /2 \/ \d+/);
    assert.match(text, /Gemeente Waterdam/);
    assert.match(text, /Een plek waar je iets plaatst/, "the glossary");
    assert.match(text, /Paraaf/, "the sheet to sign");
    for (const word of ["Naar de inhoud", "Instellingen", "Sluiten", "Zoeken", "Druk af", "Kopieer"]) assert.ok(!text.includes(word), word);
    assert.match(text, /Eigen tekst van Gemeente Waterdam *\n/, "whose text it is, without the button");
    // No heading is the last line of a page.
    const last = text.split("\f").map((page) => page.split("\n").map((line) => line.trim()).filter((line) => line && !/^(versie|\d+ \/ \d+|.*\d+ \/ \d+$)/.test(line)).at(-1));
    assert.deepEqual(last.filter((line) => /^\d+(\.\d+)+ \S/.test(line ?? "") && !/\.{3}/.test(line)), []);
  });

  await t.test("the dark theme prints as the light one", { skip: reason }, async () => {
    assert.equal((await paper("", { colorScheme: "dark" })).text, (await paper("", { colorScheme: "light" })).text);
    await withPage(browser, { colorScheme: "dark" }, async (page) => {
      await page.goto(`${origin}waterdam/nl/print.html`);
      await page.emulateMedia({ media: "print", colorScheme: "dark" });
      assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor), "rgb(255, 255, 255)");
      assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector(".chapter p")).color), "rgb(27, 31, 36)");
    });
  });

  await t.test("one page, and the pages for one role", { skip: reason }, async () => {
    const one = await paper("#onderdelen/tabellen");
    assert.ok(one.pages <= 2, String(one.pages));
    assert.match(one.text, /Openingstijden/);
    assert.ok(!one.text.includes("Vijf soorten"));
    const role = await paper("#for-stagiair");
    assert.match(role.text, /Op je eerste dag/);
    assert.ok(!role.text.includes("Openingstijden"));
  });

  await t.test("the choice is a list, and its address is kept", () => withPage(browser, {}, async (page) => {
    await page.goto(`${origin}waterdam/nl/print.html`);
    await page.selectOption("#_choice", "onderdelen/lijsten");
    assert.equal(new URL(page.url()).hash, "#onderdelen/lijsten");
    assert.deepEqual(await page.locator(".chapter:visible").evaluateAll((chapters) => chapters.map(({ id }) => id)), ["onderdelen/lijsten"]);
    await page.selectOption("#_choice", "");
    assert.ok(await page.locator(".chapter:visible").count() > 10);
    // A link within the book shows where it leads, though another page was chosen.
    await page.evaluate(() => { location.hash = "for-niemand"; });
    assert.ok(await page.locator(".chapter:visible").count() > 10);
  }));
});
