// Three hundred hostile texts go in wherever text goes in. Where one comes out, nothing runs: neither with the policy nor
// without it, so that the policy is a second wall and not the first.
import { test } from "node:test";
import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { launch, withPage } from "./support/browser.js";
import { PAYLOADS } from "./support/payloads.js";
import { build, folder, leidraad } from "./support/site.js";
import { serve } from "./support/server.js";

const quoted = (text) => JSON.stringify(text);

/** A project with a payload in every place that takes one; `refused` are the numbers that leidraad does not take there. */
async function project(at, refused) {
  const put = async (path, text) => { await mkdir(join(at, path, ".."), { recursive: true }); await writeFile(join(at, path), text); };
  const taken = (place) => PAYLOADS.map((payload, number) => [payload, number]).filter(([, number]) => !refused.has(`${place}-${number}`));
  const lines = new Map(); // line of the layer → place and number
  const layer = [`name: ${quoted(`Naam ${PAYLOADS[0]}`)}`];
  const add = (text, key) => { layer.push(text); if (key) lines.set(layer.length, key); };
  add("params:");
  for (const [payload, number] of taken("value")) add(`  p${number}: ${quoted(payload)}`, `value-${number}`);
  add("changes:");
  for (const [payload, number] of taken("text")) add(`  teksten#s${number}: {replace: ${quoted(`Tekst ${payload} tekst`)}, reason: ${quoted(payload)}}`, `text-${number}`);
  add("insert:");
  for (const [payload, number] of taken("title")) add(`  titels#t${number}: {after: k${number}, title: ${quoted(payload)}, text: Tekst.}`, `title-${number}`);
  await put("book.toml", `[book]\ntitle = ${quoted(`Boek ${PAYLOADS[1]}`)}\nlanguage = "nl"\nversion = ${quoted(PAYLOADS[2])}\n`);
  await put("content/SUMMARY.md", "- [Begin](index.md)\n- [Teksten](teksten.md)\n- [Titels](titels.md)\n- [Waarden](waarden.md)\n");
  await put("content/index.md", "# Begin\n\nTekst.\n");
  await put("content/teksten.md", `# Teksten\n${PAYLOADS.map((_, number) => `\n## Deel ${number} {#s${number}}\n\nBasis.\n`).join("")}`);
  await put("content/titels.md", `# Titels\n${PAYLOADS.map((_, number) => `\n## Kop ${number} {#k${number}}\n`).join("")}`);
  await put("content/waarden.md", `# Waarden\n\n${PAYLOADS.map((_, number) => `## Kop {{p${number}}} {#w${number}}\n\nEen {{p${number}}} hier.\n\n- [ ] Taak {{p${number}}}\n`).join("\n")}`);
  await put("content/handbook.yaml", `params:\n${PAYLOADS.map((_, number) => `  p${number}: {type: text, default: x, label: ${quoted(`L${number} ${PAYLOADS[number % 100].slice(0, 60)}`)}}`).join("\n")}\n`);
  await put("content/glossary.yaml", `terms:\n${PAYLOADS.slice(0, 40).map((payload, number) => `  g${number}: {nl: {term: ${quoted(`woord${number}`)}, text: ${quoted(payload)}}}`).join("\n")}\n`);
  await put("content/organisations/kwaad.yaml", `${layer.join("\n")}\n`);
  return lines;
}

test("hostile texts", async (t) => {
  const browser = await launch(t);
  const at = await folder(t);
  assert.equal(new Set(PAYLOADS).size, PAYLOADS.length);
  assert.ok(PAYLOADS.length >= 300, String(PAYLOADS.length));

  // What is refused is left out and counted; what is left has to be harmless.
  const refused = new Set();
  for (let round = 0; ; round++) {
    assert.ok(round < 8, "the findings have no end");
    const lines = await project(at, refused);
    const report = await leidraad("check", at, "--format", "json").catch((error) => error);
    const findings = JSON.parse(report.stdout ?? report.output).filter(({ severity }) => severity === "error");
    if (!findings.length) break;
    for (const { path, line, code, message } of findings) {
      const key = path.endsWith("kwaad.yaml") && lines.get(line);
      assert.ok(key, `${path}:${line} ${code} ${message}`);
      refused.add(key);
    }
  }
  const places = ["value", "text", "title"];
  const counts = places.map((place) => PAYLOADS.length - [...refused].filter((key) => key.startsWith(place)).length);
  console.log(`published of ${PAYLOADS.length}: ${places.map((place, number) => `${counts[number]} as ${place}`).join(", ")}; the others are refused`);
  // HTML has no place in a layer's text; elsewhere it is text like any other.
  assert.ok(counts[0] > 300 && counts[1] > 60 && counts[2] > 250, counts.join());

  const site = await build(t, at);
  const strict = await serve(t, site);
  const open = await serve(t, site, { policy: null });
  const ways = [["with the policy", strict, {}], ["without the policy", open, { bypassCSP: true }]];

  for (const [name, origin, options] of ways) {
    const ran = (page) => page.evaluate(() => window.__ran.splice(0));
    const visit = (use) => withPage(browser, options, async (page) => {
      await page.addInitScript(() => { window.__ran = []; });
      page.setDefaultTimeout(90_000);
      await use(page);
      assert.deepEqual(page.troubles.filter((trouble) => !trouble.startsWith("console:")), []);
      assert.deepEqual(page.requested.filter((url) => !url.startsWith(origin)), []);
    });

    await t.test(`no page runs anything, ${name}`, () => visit(async (page) => {
      for (const path of site.pages.filter((path) => path.startsWith("kwaad/"))) {
        await page.goto(origin + path, { waitUntil: "load" });
        assert.deepEqual(await ran(page), [], path);
        // What waits for a pointer or a focus has not run yet: it must not be there.
        const odd = await page.evaluate(() => Array.from(document.querySelectorAll("main *")).filter((element) => element.matches("script, iframe, object, embed, form, base, math, style, link, meta, video, audio, img[src=x], svg") || Array.from(element.attributes).some(({ name, value }) => name.startsWith("on") || /^\s*(javascript|vbscript|data:text)/i.test(value) && ["href", "src", "action", "formaction"].includes(name))).map((element) => element.outerHTML.slice(0, 120)));
        assert.deepEqual(odd, [], path);
      }
    }));

    await t.test(`no query and no result of search runs anything, ${name}`, () => visit(async (page) => {
      await page.goto(`${origin}kwaad/index.html`);
      await page.keyboard.press("Control+k");
      await page.fill("#_query", "tekst");
      await page.waitForSelector(".search-results a");
      for (const payload of PAYLOADS) {
        await page.evaluate((payload) => {
          const input = document.getElementById("_query");
          input.value = payload;
          input.dispatchEvent(new Event("input", { bubbles: true }));
        }, payload);
        if (PAYLOADS.indexOf(payload) % 10 === 0) await page.waitForTimeout(80);
      }
      for (const query of ["tekst", "script", "img", "onerror", "svg", "waarden"]) {
        await page.fill("#_query", query);
        await page.waitForTimeout(150);
      }
      assert.deepEqual(await ran(page), []);
      assert.equal(await page.locator("#_search :is(script, img, svg, iframe)").count(), 0);
    }));

    await t.test(`no address runs anything, ${name}`, () => visit(async (page) => {
      for (const path of ["print.html", "kwaad/index.html"]) {
        await page.goto(origin + path);
        await page.evaluate(async (payloads) => {
          for (const payload of payloads) {
            location.hash = payload;
            await new Promise((done) => setTimeout(done));
            location.hash = `for-${payload}`;
            await new Promise((done) => setTimeout(done));
          }
        }, PAYLOADS);
        assert.deepEqual(await ran(page), [], path);
        await page.goto(`${origin}${path}?${encodeURIComponent(PAYLOADS[3])}#%`);
        assert.deepEqual(await ran(page), [], path);
        assert.ok(await page.isVisible("h1"));
      }
    }));
  }

  await t.test("names of files are refused or harmless", async () => {
    const project = await folder(t);
    await mkdir(join(project, "content"), { recursive: true });
    const names = PAYLOADS.filter((payload) => !payload.includes("/") && !payload.includes("\0") && Buffer.byteLength(payload) < 200).slice(0, 60);
    assert.ok(names.length >= 40);
    await writeFile(join(project, "content/index.md"), "# Begin\n");
    let built = 0;
    for (const name of names) {
      const file = join(project, "content", `${name}.md`);
      await writeFile(file, "# Pagina\n\nTekst.\n");
      const report = await leidraad("check", project, "--format", "json").catch((error) => error);
      if (JSON.parse(report.stdout ?? report.output).some(({ severity }) => severity === "error")) await rm(file);
      else built += 1;
    }
    const site = await build(t, project);
    console.log(`names of files: ${built} of ${names.length} built`);
    const origin = await serve(t, site, { policy: null });
    await withPage(browser, { bypassCSP: true }, async (page) => {
      await page.addInitScript(() => { window.__ran = []; });
      for (const path of site.pages.slice(0, 60)) {
        await page.goto(origin + path.split("/").map(encodeURIComponent).join("/"));
        assert.deepEqual(await page.evaluate(() => window.__ran), [], path);
      }
    });
  });

  await t.test("the payloads do run where nobody minds them", async () => {
    await withPage(browser, {}, async (page) => {
      await page.goto("about:blank");
      const ran = await page.evaluate(async (payloads) => {
        window.__ran = [];
        for (const payload of payloads) {
          const place = document.createElement("div");
          document.body.append(place);
          place.innerHTML = payload;
          await new Promise((done) => setTimeout(done));
        }
        await new Promise((done) => setTimeout(done, 500));
        return new Set(window.__ran).size;
      }, PAYLOADS);
      console.log(`${ran} of the payloads run by themselves in a page that trusts them`);
      assert.ok(ran >= 60, String(ran));
    });
  });
});
