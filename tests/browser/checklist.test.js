// Ticks stay where they were made, say when their task has changed, and never stand in the way.
import { test } from "node:test";
import assert from "node:assert/strict";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { launch, withPage } from "./support/browser.js";
import { build, folder } from "./support/site.js";
import { serve } from "./support/server.js";

const LIST = "nl/onderdelen/lijsten.html";
const ticked = (page) => page.locator("[data-task]").evaluateAll((boxes) => boxes.map((box) => box.checked));
const count = (page, at = 0) => page.locator(".tasks-count").nth(at).innerText();

test("checklists", async (t) => {
  const browser = await launch(t);
  const project = join(await folder(t), "fixture");
  await cp(join(import.meta.dirname, "fixture"), project, { recursive: true });
  const before = await build(t, project);
  const file = join(project, "content/nl/onderdelen/lijsten.md");
  await writeFile(file, (await readFile(file, "utf8")).replace("Toegang tot de planner", "Toegang tot de planner en de agenda"));
  const after = await build(t, project);

  // One origin for both, so that the second finds the ticks of the first.
  const overrides = new Map();
  const origin = await serve(t, before, { overrides });
  const publish = async () => { for (const path of after.pages) overrides.set(path, await after.text(path)); };
  const at = (edition) => `${origin}${edition}${LIST}`;

  await t.test("a tick is counted and kept", () => withPage(browser, {}, async (page) => {
    await page.goto(at(""));
    assert.deepEqual(await ticked(page), [false, false, false, false, true, true, false, false]);
    assert.equal(await count(page), "2 van 6 klaar");
    await page.locator("[data-task]").nth(0).check();
    await page.locator("[data-task]").nth(5).uncheck();
    assert.equal(await count(page), "2 van 6 klaar");
    await page.reload();
    assert.deepEqual(await ticked(page), [true, false, false, false, true, false, false, false]);
    assert.deepEqual(page.troubles, []);
  }));

  await t.test("two organisations do not share", () => withPage(browser, {}, async (page) => {
    await page.goto(at("waterdam/"));
    await page.locator("[data-task]").nth(0).check();
    await page.goto(at("bolwerk/"));
    assert.equal((await ticked(page))[0], false);
    await page.goto(at(""));
    assert.equal((await ticked(page))[0], false);
    await page.goto(at("waterdam/"));
    assert.equal((await ticked(page))[0], true);
    const keys = await page.evaluate(() => Object.keys(localStorage));
    assert.ok(keys.some((key) => key.startsWith("leidraad:waterdam:onderdelen/lijsten:")), keys.join());
  }));

  await t.test("reset, and undo", () => withPage(browser, {}, async (page) => {
    await page.goto(at(""));
    await page.locator("[data-task]").nth(0).check();
    const undo = page.locator("[data-do=undo]").first();
    assert.equal(await undo.isVisible(), false);
    await page.locator("[data-do=clear]").first().click();
    assert.match(await count(page), /^Vinkjes gewist\. 0 van 6 klaar$/);
    assert.deepEqual(await ticked(page), Array(8).fill(false));
    await undo.click();
    assert.deepEqual(await ticked(page), [true, false, false, false, true, true, false, false]);
    assert.equal(await page.evaluate(() => document.activeElement.dataset.do), "clear");
    await page.reload();
    assert.equal((await ticked(page))[0], true);
    await page.locator("[data-do=clear]").first().click();
    await page.reload();
    assert.deepEqual(await ticked(page), Array(8).fill(false));
  }));

  await t.test("a summary is copied", () => withPage(browser, { permissions: ["clipboard-read", "clipboard-write"] }, async (page) => {
    await page.goto(at(""));
    await page.locator("[data-task]").nth(0).check();
    await page.locator("[data-do=copy]").first().click();
    await page.waitForFunction(() => document.querySelector(".tasks-count").textContent.startsWith("Gekopieerd"));
    const text = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(text, /^Lijsten – Voor je begint: 3 van 6 klaar\n\[x\] Contract getekend\n\[ \] Toegang tot de planner\n/);
    assert.ok(text.endsWith(at("")), text);
  }));

  await t.test("storage that is denied keeps nothing and breaks nothing", () => withPage(browser, {}, async (page) => {
    await page.addInitScript(() => {
      for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });
    });
    await page.goto(at(""));
    await page.locator("[data-task]").nth(0).check();
    assert.equal(await count(page), "3 van 6 klaar");
    await page.click(".settings-open");
    await page.check("#_settings [value=dark]");
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
    await page.reload();
    assert.equal((await ticked(page))[0], false);
    assert.deepEqual(page.troubles, []);
  }));

  await t.test("storage with somebody else's values in it breaks nothing", () => withPage(browser, {}, async (page) => {
    await page.goto(at(""));
    await page.evaluate(() => {
      localStorage.setItem("leidraad:base:onderdelen/lijsten", "{]");
      for (const box of document.querySelectorAll("[data-task]")) localStorage.setItem(`leidraad:base:onderdelen/lijsten:${box.dataset.task}`, "<img src=x>");
      localStorage.setItem("leidraad:theme", "\"><b>");
    });
    await page.reload();
    assert.equal(await page.locator(".tasks").count(), 2);
    assert.deepEqual(page.troubles, []);
  }));

  // Last: from here on the pages are those after the change.
  await t.test("a task whose text has changed says so, and is not done", () => withPage(browser, {}, async (page) => {
    await page.goto(at(""));
    await page.locator("[data-task]").nth(0).check();
    await page.locator("[data-task]").nth(1).check();
    await publish();
    await page.reload();
    assert.deepEqual((await ticked(page)).slice(0, 2), [true, false]);
    assert.match(await page.locator(".task-list-item").nth(1).innerText(), /planner en de agenda\s+\(gewijzigd sinds je afvinkte\)/);
    assert.equal(await page.locator(".task-changed").count(), 1);
    await page.reload();
    assert.equal(await page.locator(".task-changed").count(), 1);
    await page.locator("[data-task]").nth(1).check();
    assert.equal(await page.locator(".task-changed").count(), 0);
    await page.reload();
    assert.equal(await page.locator(".task-changed").count(), 0);
    assert.deepEqual((await ticked(page)).slice(0, 2), [true, true]);
  }));
});
