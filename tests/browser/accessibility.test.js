// axe-core finds nothing on any kind of page: light, dark and forced colours, with whatever opens open.
import { test } from "node:test";
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { DESKTOP, PHONE, launch, withPage } from "./support/browser.js";
import { fixture, handbook } from "./support/site.js";
import { serve } from "./support/server.js";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const OPTIONS = {
  runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] },
  rules: { "target-size": { enabled: true } },
  resultTypes: ["violations", "incomplete"],
};
/** What other colours can change. */
const COLOURS = { ...OPTIONS, runOnly: { type: "rule", values: ["color-contrast", "link-in-text-block"] } };

// What axe cannot decide by itself, seen by a person: rule → why it is right.
const REVIEWED = {
  // The arrow back from a note is a sign, not a text: its name says where it leads.
  "label-content-name-mismatch": /Unable to determine/,
  "color-contrast": /pseudo-element|background color could not be determined|overlapped|partially obscured|too short|1:1/,
};

/** What axe finds on the page as it is now. */
async function audit(page, where, options = OPTIONS) {
  if (!(await page.evaluate(() => "axe" in window))) await page.addScriptTag({ path: axe });
  const { violations, incomplete } = await page.evaluate((options) => window.axe.run(document, options), options);
  const line = ({ id, help }, { html, any, all, none }) => `${where}: ${id}: ${help}\n    ${html.slice(0, 160)}\n    ${[...any, ...all, ...none].map((check) => check.message).join("; ")}`;
  const open = incomplete.flatMap((rule) => rule.nodes.filter((node) => ![...node.any, ...node.all, ...node.none].every(({ message }) => REVIEWED[rule.id]?.test(message))).map((node) => line(rule, node)));
  return [...violations.flatMap((rule) => rule.nodes.map((node) => line(rule, node))), ...open];
}

/** Scripts that tests put into a page are not the page's own: the policy does not hold for them. */
const context = { bypassCSP: true };
const SCHEMES = [
  { name: "light", scheme: { colorScheme: "light" }, options: OPTIONS },
  { name: "dark", scheme: { colorScheme: "dark" }, options: COLOURS },
  { name: "forced colours", scheme: { forcedColors: "active" }, options: COLOURS },
];

/** What opens, and how. */
const OPENED = {
  settings: { viewport: DESKTOP, open: (page) => page.click(".settings-open"), shown: "#_settings" },
  term: { viewport: DESKTOP, open: (page) => page.click("main a.term >> nth=0"), shown: "#_term" },
  reason: { viewport: DESKTOP, open: (page) => page.click(".mark-open >> nth=0"), shown: ".mark .panel:popover-open" },
  menu: { viewport: PHONE, open: (page) => page.click(".menu-open"), shown: "#_chapters" },
  contents: { viewport: PHONE, open: (page) => page.click(".contents-open"), shown: "#_contents" },
  search: {
    viewport: DESKTOP,
    open: async (page) => {
      await page.keyboard.press("Control+k");
      await page.fill("#_query", "kanaal");
      await page.waitForSelector(".search-results .excerpt:not(:empty)");
    },
    shown: "#_search",
  },
};

test("axe", async (t) => {
  const browser = await launch(t);
  const proof = await fixture(t);
  const shipped = await handbook(t);
  const at = { proof: await serve(t, proof), shipped: await serve(t, shipped) };

  const audits = async (scheme, options, address, paths) => {
    const found = [];
    await withPage(browser, { ...context, ...scheme }, async (page) => {
      for (const path of paths) {
        await page.goto(address + path);
        found.push(...await audit(page, path, options));
      }
    });
    assert.deepEqual(found, []);
  };
  /** One page of every kind, and every kind of notice; the hostile names and the passages in another language. */
  const kinds = [...new Map(proof.pages.filter((path) => path.startsWith("waterdam/nl/")).map((path) => [proof.kind(path), path])).values()];
  const special = ["waterdam/nl/verschillen.html", "waterdam/nl/onderdelen/meldingen.html", "bolwerk/en/verschillen.html", "index.html", "404.html", "coverage.html"];
  const organisations = shipped.paths.filter((path) => path.endsWith("/provenance.json")).map((path) => path.split("/")[0]);

  for (const { name, scheme, options } of SCHEMES) {
    await t.test(`the fixture, ${name}`, () => {
      const all = proof.pages.filter((path) => path.startsWith("waterdam/nl/"));
      const paths = new Set([...name === "light" ? all : kinds, ...special, "bolwerk/en/namen.html", "en/alleen-nederlands.html"]);
      assert.ok(paths.size >= 12, [...paths].join());
      // On a phone here, so that what scrolls sideways is among it; the shipped handbook is looked at on a desktop.
      return audits({ ...scheme, viewport: PHONE }, options, at.proof, paths);
    });

    await t.test(`what opens, ${name}`, async () => {
      const found = [];
      for (const [what, { viewport, open, shown }] of Object.entries(OPENED)) {
        await withPage(browser, { ...context, ...scheme, viewport }, async (page) => {
          await page.goto(`${at.proof}waterdam/nl/${what === "term" ? "woorden/begrippen" : "verschillen"}.html`);
          await open(page);
          await page.waitForSelector(shown, { state: "visible" });
          found.push(...await audit(page, what, options));
        });
      }
      assert.deepEqual(found, []);
    });

    // One organisation whole in light; of the others what differs: their colours and their texts.
    await t.test(`the shipped handbook, ${name}`, () => {
      assert.ok(organisations.length >= 4, organisations.join());
      const [first] = organisations;
      const whole = name === "light" ? shipped.pages.filter((path) => path.startsWith(`${first}/nl/`) && shipped.kind(path) !== "print") : [];
      const each = organisations.flatMap((id) => [`${id}/nl/praktijk/kanalen.html`, `${id}/nl/changes.html`]);
      return audits(scheme, options, at.shipped, new Set([...whole, ...each, "index.html", "coverage.html"]));
    });
  }

  await t.test("axe does find a fault here", async () => {
    await withPage(browser, context, async (page) => {
      await page.goto(`${at.proof}nl/index.html`);
      await page.evaluate(() => { document.querySelector("main h1").style.color = "#ddd"; document.querySelector("main").append(document.createElement("img")); });
      const found = await audit(page, "broken");
      assert.ok(found.some((line) => line.includes("color-contrast")) && found.some((line) => line.includes("image-alt")), found.join("\n"));
    });
  });
});
