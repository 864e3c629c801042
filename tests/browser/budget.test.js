// Small and fast: sizes from disk, times at the speed of a cheap phone on a slow line.
import { test } from "node:test";
import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { DESKTOP, PHONE, launch, slowly, withPage } from "./support/browser.js";
import { fixture, handbook } from "./support/site.js";
import { serve } from "./support/server.js";

const KB = 1000;
const small = async (site, paths) => (await Promise.all(paths.map(async (path) => gzipSync(await site.read(path), { level: 9 }).length))).reduce((sum, size) => sum + size, 0);

/** The largest paint, what moved, and the tasks that held the page up. */
const measure = () => new Promise((done) => {
  const found = { lcp: 0, cls: 0, moved: [], long: [] };
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) found.lcp = entry.startTime; }).observe({ type: "largest-contentful-paint", buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      found.cls += entry.value;
      found.moved.push(...entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 80) ?? node?.textContent));
    }
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(found), 400);
});

test("budgets", async (t) => {
  const browser = await launch(t);
  const shipped = await handbook(t);
  const proof = await fixture(t);
  const at = { shipped: await serve(t, shipped), proof: await serve(t, proof) };
  const assets = (ending) => shipped.paths.filter((path) => path.startsWith("assets/") && path.endsWith(ending));

  await t.test("all scripts ≤ 15 kB", async () => {
    const size = await small(shipped, assets(".js"));
    console.log(`scripts: ${size} bytes gz`);
    assert.equal(assets(".js").length, 3);
    assert.ok(size <= 15 * KB, String(size));
  });

  await t.test("the style sheet ≤ 12 kB, an edition's own ≤ 0.5 kB", async () => {
    const [sheet] = assets(".css").filter((path) => path.includes("/leidraad."));
    const size = await small(shipped, [sheet]);
    console.log(`style sheet: ${size} bytes gz`);
    assert.ok(size <= 12 * KB, String(size));
    const own = assets(".css").filter((path) => path.includes("/edition."));
    assert.ok(own.length >= 5);
    for (const path of own) assert.ok(await small(shipped, [path]) <= 0.5 * KB, path);
  });

  await t.test("every page ≤ 14 kB, the first round trip", async () => {
    const sizes = await Promise.all(shipped.pages.filter((path) => ["page", "start"].includes(shipped.kind(path))).map(async (path) => [await small(shipped, [path]), path]));
    sizes.sort(([a], [b]) => b - a);
    console.log(`pages: at most ${sizes[0].join(" bytes gz, ")}; half of them at most ${sizes[sizes.length >> 1][0]}`);
    assert.ok(sizes[0][0] <= 14 * KB, sizes[0].join(" "));
  });

  await t.test("at most 6 requests", async () => {
    for (const path of ["nl/praktijk/kanalen.html", "zorggroep-linde/nl/index.html", "index.html"]) {
      await withPage(browser, {}, async (page) => {
        await page.goto(at.shipped + path, { waitUntil: "networkidle" });
        const files = new Set(page.requested);
        assert.ok(files.size > 3 && files.size <= 6, `${path}: ${[...files].join("\n")}`);
      });
    }
  });

  await t.test("painted within 1.2 s on a slow line and a slow device, and nothing moves", async () => {
    for (const [viewport, path] of [[PHONE, "zorggroep-linde/nl/praktijk/kanalen.html"], [PHONE, "index.html"], [PHONE, "gemeente-duinmeer/nl/naslag/controlelijsten.html"]]) {
      const times = [];
      const rates = [];
      // What the page can do: neighbours on the same machine may slow some runs down, none faster.
      for (let run = 0; run < 9 && !(Math.min(...times) <= 1200); run++) {
        await withPage(browser, { viewport }, async (page) => {
          const { session, rate } = await slowly(page);
          rates.push(rate.toFixed(1));
          await session.send("Network.enable");
          await session.send("Network.emulateNetworkConditions", { offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 750e3 / 8 });
          await page.goto(at.shipped + path, { waitUntil: "load" });
          const { lcp, cls, moved } = await page.evaluate(measure);
          assert.ok(lcp > 0);
          assert.equal(cls, 0, `${path}: ${moved.join("\n")}`);
          times.push(lcp);
        });
      }
      console.log(`largest paint of ${path}: ${times.map(Math.round).join(", ")} ms, slowed down ${rates.join(", ")} times`);
      assert.ok(Math.min(...times) <= 1200, `${path}: ${times.join()}`);
    }
  });

  await t.test("nothing moves on any page, with kept ticks and with search", async () => {
    for (const viewport of [PHONE, DESKTOP]) {
      await withPage(browser, { viewport }, async (page) => {
        for (const path of proof.pages.filter((path) => path.startsWith("waterdam/nl/"))) {
          await page.goto(at.proof + path);
          const { cls, moved } = await page.evaluate(measure);
          assert.equal(cls, 0, `${viewport.width} px ${path}: ${moved.join("\n")}`);
        }
        await page.goto(`${at.proof}waterdam/nl/onderdelen/lijsten.html`);
        await page.locator("[data-task]").first().check();
        await page.reload();
        assert.equal((await page.evaluate(measure)).cls, 0);
        await page.keyboard.press("Control+k");
        await page.fill("#_query", "kanaal");
        await page.waitForSelector(".search-results .excerpt:not(:empty)");
        const { cls, moved } = await page.evaluate(measure);
        assert.equal(cls, 0, moved.join("\n"));
      });
    }
  });
});
