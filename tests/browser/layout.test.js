// The text holds at any width, any zoom and any spacing.
import { test } from "node:test";
import assert from "node:assert/strict";
import { DESKTOP, launch, withPage } from "./support/browser.js";
import { fixture, handbook } from "./support/site.js";
import { serve } from "./support/server.js";

/** What sticks out of the window sideways, or is cut off by a box around it. */
const outside = () => {
  const wide = document.scrollingElement.scrollWidth > document.documentElement.clientWidth;
  const found = wide ? [`the page is ${document.scrollingElement.scrollWidth} wide in ${document.documentElement.clientWidth}`] : [];
  const scroller = (element) => { for (let at = element; at && at !== document.body; at = at.parentElement) if (/auto|scroll/.test(getComputedStyle(at).overflowX)) return true; return false; };
  for (const element of document.querySelectorAll("h1, h2, h3, h4, p, li, a, button, td, th, label, dt, dd, figcaption, .organisation, .book")) {
    if (!element.checkVisibility({ visibilityProperty: true }) || element.matches(".skip-link") || scroller(element)) continue;
    const box = element.getBoundingClientRect();
    if (box.width && (box.right > document.documentElement.clientWidth + 1 || box.left < -1)) found.push(`${element.localName}.${element.className} ends at ${Math.round(box.right)}: ${element.textContent.trim().slice(0, 50)}`);
    const style = getComputedStyle(element);
    if (/hidden|clip/.test(style.overflow) && (element.scrollHeight > element.clientHeight + 1 || element.scrollWidth > element.clientWidth + 1)) found.push(`cut off: ${element.localName}.${element.className}`);
  }
  return found;
};

/** Text on other text: two runs of text whose boxes cross. */
const overlapping = () => {
  const boxes = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.data.trim() || !node.parentElement.checkVisibility({ visibilityProperty: true }) || node.parentElement.closest(".skip-link, .anchor, .meta-time .label, template, sup")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) if (box.width > 2) boxes.push({ node, box });
  }
  const found = [];
  for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length; j++) {
    const a = boxes[i].box, b = boxes[j].box;
    if (boxes[i].node === boxes[j].node) continue;
    const width = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const height = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (width > 2 && height > Math.min(a.height, b.height) * 0.45) found.push(`${boxes[i].node.data.trim().slice(0, 40)} × ${boxes[j].node.data.trim().slice(0, 40)}`);
  }
  return found;
};

/** WCAG 1.4.12. */
const SPACING = "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-block-end: 2em !important }";

test("layout", async (t) => {
  const browser = await launch(t);
  const proof = await fixture(t);
  const shipped = await handbook(t);
  const at = new Map([[proof, await serve(t, proof)], [shipped, await serve(t, shipped)]]);
  const chosen = [
    ...proof.pages.filter((path) => /^(waterdam\/nl|bolwerk\/en)\//.test(path) || !path.includes("/")).map((path) => [proof, path]),
    ...["index.html", "zorggroep-linde/nl/praktijk/kanalen.html", "hogeschool-noordzee/nl/changes.html", "gemeente-duinmeer-burgerzaken/nl/index.html", "nl/naslag/rollen.html", "en/print.html"].map((path) => [shipped, path]),
  ];

  const walk = (options, prepare, look) => withPage(browser, options, async (page) => {
    const wrong = [];
    for (const [site, path] of chosen) {
      await page.goto(at.get(site) + path);
      await prepare?.(page);
      for (const fault of await page.evaluate(look)) wrong.push(`${path}: ${fault}`);
    }
    assert.deepEqual(wrong, []);
  });

  // 1280 px at 400 % is 320 px.
  for (const width of [320, 390, 768, 1024, 1280]) {
    await t.test(`nothing sticks out at ${width} px`, () => walk({ viewport: { width, height: 700 } }, null, outside));
  }
  for (const viewport of [{ width: 320, height: 700 }, DESKTOP]) {
    await t.test(`nothing is lost with more space in the text, ${viewport.width} px`, () => walk({ viewport, bypassCSP: true }, (page) => page.addStyleTag({ content: SPACING }), outside));
    await t.test(`no text stands on another, ${viewport.width} px`, () => walk({ viewport, bypassCSP: true }, (page) => page.addStyleTag({ content: SPACING }), overlapping));
  }
  await t.test("letters at 200 % leave nothing out", () => walk({ viewport: { width: 640, height: 700 }, bypassCSP: true }, (page) => page.addStyleTag({ content: "html { font-size: 2.125rem !important }" }), outside));

  await t.test("these looks do see a fault", async () => {
    await withPage(browser, { viewport: { width: 320, height: 700 }, bypassCSP: true }, async (page) => {
      await page.goto(`${at.get(proof)}nl/index.html`);
      await page.addStyleTag({ content: "h1 { width: 40rem } h2 { margin-block-end: -2rem !important }" });
      assert.notDeepEqual(await page.evaluate(outside), []);
      assert.notDeepEqual(await page.evaluate(overlapping), []);
    });
  });
});
