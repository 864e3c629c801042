// The strictest policy holds: nothing is refused, nothing is fetched from elsewhere, nothing stands inline. Over http below a
// path and from a folder on disk alike.
import { test } from "node:test";
import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { launch, withPage } from "./support/browser.js";
import { fixture, handbook } from "./support/site.js";
import { POLICY, serve } from "./support/server.js";

/** Uses everything on the page that loads or runs something. */
async function use(page, address) {
  await page.goto(address, { waitUntil: "load" });
  await page.keyboard.press("Control+k");
  await page.fill("#_query", "kanaal");
  await page.waitForSelector(".search-results .excerpt:not(:empty)");
  await page.keyboard.press("Escape");
  const term = page.locator("main a.term").first();
  if (await term.count()) {
    await term.click();
    await page.waitForSelector("#_term:popover-open");
    await page.keyboard.press("Escape");
  }
  await page.click(".settings-open");
  await page.check("#_settings [value=dark]");
}

test("policy", async (t) => {
  const browser = await launch(t);
  const proof = await fixture(t);
  const shipped = await handbook(t);
  const origin = await serve(t, proof);
  const html = async (site) => Promise.all(site.paths.filter((path) => path.endsWith(".html")).map(async (path) => [path, await site.text(path)]));

  await t.test("_headers and every page say it", async () => {
    for (const site of [proof, shipped]) {
      const headers = await site.text("_headers");
      assert.ok(headers.includes(`Content-Security-Policy: ${POLICY}\n`), headers);
      for (const [path, text] of await html(site)) {
        if (!site.kind(path)) continue;
        assert.ok(text.includes(`<meta http-equiv="Content-Security-Policy" content="${POLICY.replace("; frame-ancestors 'none'", "")}">`), path);
        // Before everything that it speaks of.
        assert.ok(text.indexOf("Content-Security-Policy") < text.search(/<link |<script/), path);
      }
    }
  });

  await t.test("no style, no script and no handler stands inline", async () => {
    const wrong = [];
    for (const site of [proof, shipped]) {
      const pages = await html(site);
      assert.ok(pages.length > 50);
      await withPage(browser, {}, async (page) => {
        const found = await page.evaluate((pages) => pages.flatMap(([path, text]) => {
          const document = new DOMParser().parseFromString(text, "text/html");
          return Array.from(document.querySelectorAll("*")).flatMap((element) => {
            const inline = element.matches("style, script:not([src], [type='application/ld+json'])");
            const attributes = Array.from(element.attributes).filter(({ name, value }) => name === "style" || name.startsWith("on") || /^\s*javascript:/i.test(value));
            return inline || attributes.length ? [`${path}: ${element.outerHTML.slice(0, 120)}`] : [];
          });
        }), pages);
        wrong.push(...found);
      });
    }
    assert.deepEqual(wrong, []);
  });

  await t.test("nothing is refused and nothing comes from elsewhere", async () => {
    for (const path of ["index.html", "404.html", "coverage.html", ...proof.pages.filter((path) => /^(waterdam|bolwerk)\/nl\//.test(path))]) {
      await withPage(browser, {}, async (page) => {
        await page.goto(origin + path, { waitUntil: "load" });
        assert.deepEqual(page.troubles, [], path);
        assert.deepEqual(page.requested.filter((url) => !url.startsWith(origin)), [], path);
        assert.ok(page.requested.length > 3, path);
      });
    }
    await withPage(browser, {}, async (page) => {
      await use(page, `${origin}waterdam/nl/woorden/begrippen.html`);
      assert.deepEqual(page.troubles, []);
      assert.deepEqual(page.requested.filter((url) => !url.startsWith(origin)), []);
    });
  });

  await t.test("what scripts may not do is refused", async () => {
    await withPage(browser, {}, async (page) => {
      await page.goto(`${origin}nl/index.html`);
      const taken = await page.evaluate(() => {
        const refused = (name, act) => { try { act(); return name; } catch (error) { return error.name === "TypeError" ? "" : error.name; } };
        return [
          refused("markup", () => { document.body.innerHTML = "<b>"; }),
          refused("address", () => { document.createElement("script").src = "https://example.org/x.js"; }),
          refused("handler", () => document.body.setAttribute("onclick", "1")),
        ].filter(Boolean);
      });
      assert.deepEqual(taken, []);
      assert.notDeepEqual(page.troubles, []);
    });
  });

  await t.test("it works from a folder on disk", async () => {
    for (const path of ["waterdam/nl/woorden/begrippen.html", "nl/woorden/begrippen.html"]) {
      await withPage(browser, {}, async (page) => {
        await use(page, pathToFileURL(`${proof.root}/${path}`).href);
        assert.deepEqual(page.troubles, []);
        assert.deepEqual(page.requested.filter((url) => !url.startsWith("file:")), []);
        const before = page.url();
        await Promise.all([page.waitForURL((url) => url.href !== before), page.click(".neighbours .next")]);
        assert.ok(await page.isVisible("h1"));
      });
    }
  });
});
