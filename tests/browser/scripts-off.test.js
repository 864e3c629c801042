// Without scripts everything but typed search, kept ticks and settings works, and nothing stands there that does nothing.
import { test } from "node:test";
import assert from "node:assert/strict";
import { DESKTOP, PHONE, launch, withPage } from "./support/browser.js";
import { fixture } from "./support/site.js";
import { serve } from "./support/server.js";

test("without scripts", async (t) => {
  const browser = await launch(t);
  const site = await fixture(t);
  const origin = await serve(t, site);
  const off = (options, use) => withPage(browser, { javaScriptEnabled: false, ...options }, use);
  const page = "waterdam/nl/verschillen.html";

  await t.test("every page is reached from the start page", async () => {
    await off({ viewport: DESKTOP }, async (page) => {
      const seen = new Set();
      const queue = [`${origin}index.html`];
      while (queue.length) {
        const url = queue.pop();
        if (seen.has(url)) continue;
        seen.add(url);
        await page.goto(url, { waitUntil: "domcontentloaded" });
        const links = await page.locator("a[href]").evaluateAll((all) => all.map((link) => link.href.split("#")[0]));
        queue.push(...links.filter((link) => link.startsWith(origin) && link.endsWith(".html")));
      }
      // An organisation's own start page is an address to hand out; the start page leads past it, to the languages.
      const missed = site.pages.filter((path) => path !== "404.html" && !/^\w+\/index\.html$/.test(path) && !seen.has(origin + path));
      assert.ok(seen.size > 80, String(seen.size));
      assert.deepEqual(missed, []);
    });
  });

  await t.test("the register has every page of its edition", async () => {
    const pages = site.pages.filter((path) => path.startsWith("waterdam/nl/") && site.kind(path) === "page");
    await off({}, async (page) => {
      await page.goto(`${origin}waterdam/nl/register.html`);
      const links = new Set(await page.locator("main a[href]").evaluateAll((all) => all.map((link) => link.href.split("#")[0])));
      assert.deepEqual(pages.filter((path) => !links.has(origin + path)), []);
      assert.ok(pages.length >= 12);
    });
  });

  await t.test("the menu and the contents open on a phone", async () => {
    await off({ viewport: PHONE }, async (view) => {
      await view.goto(origin + page);
      for (const [button, panel] of [[".menu-open", "#_chapters"], [".contents-open", "#_contents"]]) {
        assert.equal(await view.isVisible(panel), false);
        await view.click(button);
        assert.equal(await view.isVisible(panel), true);
        await view.click(`${panel} .panel-close`);
        assert.equal(await view.isVisible(panel), false);
      }
      await view.click(".menu-open");
      await view.click("#_chapters a[href$='begrippen.html'], #_chapters a[href$='woorden/index.html']");
      assert.ok(view.url().includes("woorden/"), view.url());
    });
  });

  await t.test("a mark says why, a term leads to the glossary, boxes tick", async () => {
    await off({}, async (view) => {
      await view.goto(origin + page);
      await view.click("[data-address='verschillen#vervangen'] .mark-open");
      assert.match(await view.innerText(".panel:popover-open"), /Raadsbesluit over heldere taal/);
      await view.goto(`${origin}waterdam/nl/woorden/begrippen.html`);
      await view.click("main a.term >> nth=0");
      assert.match(view.url(), /glossary\.html#kanaal$/);
      await view.goto(`${origin}waterdam/nl/onderdelen/lijsten.html`);
      const box = view.locator("[data-task]").first();
      await box.check();
      assert.equal(await box.isChecked(), true);
    });
  });

  await t.test("search leads to the register", async () => {
    await off({}, async (view) => {
      await view.goto(origin + page);
      await view.click(".search-open");
      assert.match(view.url(), /waterdam\/nl\/register\.html/);
      assert.ok(await view.isVisible("h1"));
    });
  });

  await t.test("no control is without effect", async () => {
    for (const viewport of [DESKTOP, PHONE]) {
      await off({ viewport }, async (view) => {
        for (const path of site.pages.filter((path) => path.startsWith("waterdam/nl/") || !path.includes("/"))) {
          await view.goto(origin + path);
          const dead = await view.locator("button, input, select, textarea").evaluateAll((controls) => controls
            .filter((control) => control.checkVisibility())
            .filter((control) => !(control.matches("[popovertarget]") && document.getElementById(control.getAttribute("popovertarget")))
              && !(control.type === "submit" && control.form?.getAttribute("action")) && !control.matches("[type=checkbox][data-task]"))
            .map((control) => control.outerHTML));
          assert.deepEqual(dead, [], path);
        }
      });
    }
  });
});
