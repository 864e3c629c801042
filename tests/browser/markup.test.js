// The HTML is valid, its headings are an outline, its ids are unique, and every link in the output arrives.
import { test } from "node:test";
import assert from "node:assert/strict";
import { dirname, posix } from "node:path";
import { HtmlValidate } from "html-validate";
import { launch, withPage } from "./support/browser.js";
import { fixture, handbook } from "./support/site.js";

const validator = new HtmlValidate({
  extends: ["html-validate:standard"],
  rules: {
    // Matters of style, where ours is another.
    "long-title": "off",
    "no-inline-style": "error",
    "no-raw-characters": ["error", { relaxed: true }],
    "doctype-style": "off",
    "void-style": "off",
    "no-trailing-whitespace": "off",
    "attr-quotes": "off",
    // A list without bullets is none to VoiceOver unless it says so.
    "no-redundant-role": "off",
    // The popover is a dialog by what it does.
    "prefer-native-element": "off",
    // The language of the page in which the page itself is fetched: `hreflang` and `lang` stand side by side.
    "tel-non-breaking": "off",
  },
});

test("markup", async (t) => {
  const browser = await launch(t);
  const proof = await fixture(t);
  const shipped = await handbook(t);

  await t.test("html-validate has nothing to say", async () => {
    const wrong = new Map();
    const paths = [
      ...proof.pages.filter((path) => /^(waterdam\/nl|bolwerk\/en)\//.test(path) || !path.includes("/")).map((path) => [proof, path]),
      ...shipped.pages.filter((path) => path.startsWith("hogeschool-noordzee/nl/")).map((path) => [shipped, path]),
    ];
    assert.ok(paths.length > 60);
    for (const [site, path] of paths) {
      const report = await validator.validateString(await site.text(path));
      for (const { messages } of report.results) for (const { ruleId, message, line, column } of messages) {
        const key = `${ruleId}: ${message}`;
        if (!wrong.has(key)) wrong.set(key, `${path}:${line}:${column}`);
      }
    }
    assert.deepEqual([...wrong].map(([message, place]) => `${message} (${place})`), []);
  });

  for (const [name, site] of [["the fixture", proof], ["the handbook", shipped]]) {
    await t.test(`one h1, no level left out, distinct ids, and links that arrive: ${name}`, async () => {
      const pages = await Promise.all(site.paths.filter((path) => path.endsWith(".html")).map(async (path) => [path, await site.text(path)]));
      const found = await withPage(browser, {}, (page) => page.evaluate((pages) => pages.map(([path, text]) => {
        const document = new DOMParser().parseFromString(text, "text/html");
        const all = (selector) => Array.from(document.querySelectorAll(selector));
        return {
          path,
          levels: all("h1, h2, h3, h4, h5, h6").map((heading) => Number(heading.localName[1])),
          ids: all("[id]").map(({ id }) => id),
          links: all("[href], [src]").map((element) => element.getAttribute("href") ?? element.getAttribute("src")),
          named: all("[aria-labelledby], [aria-describedby], [for], [popovertarget]").flatMap((element) => ["aria-labelledby", "aria-describedby", "for", "popovertarget"].flatMap((name) => element.getAttribute(name)?.split(" ") ?? [])),
        };
      }), pages));
      const ids = new Map(found.map(({ path, ids }) => [path, new Set(ids)]));
      const wrong = [];
      let count = 0;
      for (const { path, levels, ids: own, links, named } of found) {
        if (levels.filter((level) => level === 1).length !== 1) wrong.push(`${path}: ${levels.filter((level) => level === 1).length} h1`);
        levels.forEach((level, at) => { if (at && level > levels[at - 1] + 1) wrong.push(`${path}: h${level} after h${levels[at - 1]}`); });
        if (new Set(own).size !== own.length) wrong.push(`${path}: twice: ${own.filter((id, at) => own.indexOf(id) !== at)}`);
        for (const id of named) if (!ids.get(path).has(id)) wrong.push(`${path}: names ${id}, which is not there`);
        for (const link of links) {
          if (/^(https?:|mailto:|tel:)/.test(link)) continue;
          count += 1;
          const [target, anchor] = link.split("#");
          // 404.html alone has whole paths.
          const file = target === "" ? path : target.startsWith("/sub/path/") ? posix.normalize(decodeURI(target.slice(10))) : posix.join(dirname(path), decodeURI(target.split("?")[0]));
          if (!site.paths.includes(file)) wrong.push(`${path}: ${link} is not there`);
          else if (anchor && !ids.get(file)?.has(decodeURIComponent(anchor))) wrong.push(`${path}: ${link}: no such id`);
        }
      }
      assert.ok(count > 2000, String(count));
      assert.deepEqual([...new Set(wrong)], []);
    });
  }

  await t.test("what is in another language says so", async () => {
    const page = await proof.text("bolwerk/en/verschillen.html");
    assert.match(page, /<div lang="nl" class="fallback">[^]*?Dit is van het bolwerk alleen/);
    assert.match(await proof.text("en/alleen-nederlands.html"), /<section id="deel"[^>]* lang="nl"|lang="nl"[^]*?Deze pagina is er nog niet/);
    assert.match(page, /<html lang="en">/);
  });
});
