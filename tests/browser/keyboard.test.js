// Everything is reached and left by keyboard, in the order of the text, and the focus is always in sight.
import { test } from "node:test";
import assert from "node:assert/strict";
import { DESKTOP, PHONE, launch, withPage } from "./support/browser.js";
import { fixture } from "./support/site.js";
import { serve } from "./support/server.js";

/** What has the focus: its place among all elements, its name, and what is wrong with how it shows. */
const focused = () => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const wrong = [];
  if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) wrong.push("no outline");
  if (!box.width || !box.height) wrong.push("no size");
  const inside = (x, y) => { const top = document.elementFromPoint(x, y); return top && (element.contains(top) || top.contains(element) && !top.matches("[popover], dialog")); };
  const lines = Array.from(element.getClientRects());
  if (!lines.some((line) => inside(line.x + line.width / 2, line.y + line.height / 2) || inside(line.x + 2, line.y + 2))) wrong.push("obscured");
  return { at: Array.from(document.querySelectorAll("*")).indexOf(element), name: element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent.trim() ?? element.textContent.trim(), html: element.outerHTML.slice(0, 90), wrong };
};

async function walk(page) {
  const steps = [];
  for (let step = 0; step < 400; step++) {
    await page.keyboard.press("Tab");
    const now = await page.evaluate(focused);
    if (!now) return steps;
    if (steps.length && now.at === steps[0].at) return steps;
    steps.push(now);
  }
  throw new Error(`no way out after ${steps.length} steps: ${steps.at(-1).html}`);
}

test("keyboard", async (t) => {
  const browser = await launch(t);
  const site = await fixture(t);
  const origin = await serve(t, site);
  const template = [...new Map(site.pages.filter((path) => path.startsWith("waterdam/nl/")).map((path) => [site.kind(path), path])).values()];
  const pages = [...template.filter((path) => site.kind(path) !== "print"), "waterdam/nl/verschillen.html", "waterdam/nl/onderdelen/tabellen.html", "waterdam/nl/onderdelen/lijsten.html", "index.html", "coverage.html"];

  for (const viewport of [DESKTOP, PHONE]) {
    await t.test(`tab goes through every kind of page, ${viewport.width} px`, () => withPage(browser, { viewport }, async (page) => {
      assert.ok(pages.length >= 9, pages.join());
      for (const path of pages) {
        await page.goto(origin + path);
        const steps = await walk(page);
        assert.equal(steps[0].name, "Naar de inhoud", path);
        assert.ok(steps.length > 8, path);
        assert.deepEqual(steps.filter(({ wrong }) => wrong.length).map(({ html, wrong }) => `${path}: ${wrong}: ${html}`), []);
        assert.deepEqual(steps.filter(({ name }) => !name).map(({ html }) => `${path}: no name: ${html}`), []);
        const order = steps.map(({ at }) => at);
        assert.deepEqual(order, [...order].sort((a, b) => a - b), `${path}: not in the order of the text`);
      }
    }));
  }

  await t.test("the skip link leads to the text", () => withPage(browser, {}, async (page) => {
    await page.goto(`${origin}waterdam/nl/verschillen.html`);
    await page.keyboard.press("Tab");
    assert.ok((await page.locator(".skip-link").boundingBox()).width > 50);
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    assert.ok(await page.evaluate(() => document.getElementById("content").contains(document.activeElement)));
  }));

  await t.test("Escape closes and gives the focus back", async () => {
    const cases = [
      [DESKTOP, "waterdam/nl/verschillen.html", ".settings-open", "#_settings:popover-open"],
      [DESKTOP, "waterdam/nl/verschillen.html", ".mark-open >> nth=0", ".panel:popover-open"],
      [DESKTOP, "waterdam/nl/woorden/begrippen.html", "main a.term >> nth=0", "#_term:popover-open"],
      [DESKTOP, "waterdam/nl/verschillen.html", ".search-open", "#_search[open]"],
      [PHONE, "waterdam/nl/verschillen.html", ".menu-open", "#_chapters:popover-open"],
      [PHONE, "waterdam/nl/verschillen.html", ".contents-open", "#_contents:popover-open"],
    ];
    for (const [viewport, path, opener, opened] of cases) {
      await withPage(browser, { viewport }, async (page) => {
        await page.goto(origin + path);
        await page.locator(opener).focus();
        await page.keyboard.press("Enter");
        await page.waitForSelector(opened);
        await page.keyboard.press("Tab");
        await page.keyboard.press("Escape");
        assert.equal(await page.locator(opened).count(), 0, opened);
        assert.ok(await page.locator(opener).evaluate((element) => element === document.activeElement), `${opener} has the focus again, not ${await page.evaluate(() => document.activeElement.outerHTML.slice(0, 80))}`);
      });
    }
  });

  await t.test("single letters do nothing until they are switched on", () => withPage(browser, {}, async (page) => {
    const address = `${origin}waterdam/nl/onderdelen/tekst.html`;
    await page.goto(address);
    for (const key of ["/", "[", "]", "?", "s", "ArrowLeft", "ArrowRight"]) await page.keyboard.press(key);
    assert.equal(page.url(), address);
    assert.equal(await page.locator("#_search[open], :popover-open").count(), 0);
    await page.click(".settings-open");
    await page.check("[name=keys]");
    await page.keyboard.press("Escape");
    await page.keyboard.press("/");
    assert.equal(await page.locator("#_search[open]").count(), 1);
    await page.keyboard.type("]");
    assert.equal(page.url(), address);
    await page.keyboard.press("Escape");
    await page.keyboard.press("]");
    await page.waitForURL(/meldingen\.html$/);
    await page.keyboard.press("[");
    await page.waitForURL(address);
  }));
});
