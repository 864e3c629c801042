#!/usr/bin/env node
// Save → paint: how long an author waits until the page that is open shows what was saved.
//
//     node tests/bench/paint.mjs LEIDRAAD [--pages 200] [--times 30]
//
// Method. `generate.py` writes the pages in a fresh folder; `leidraad serve` runs on it, and one of them is open in Chromium. Then,
// `--times` times: wait 1.2 s, so that the server is idle; save as most editors do (a new file takes the place of the old one) with
// another word in the first paragraph. The clock runs from before the save to the first frame after the word is in the page. Printed
// are the median and the 95th percentile in milliseconds. playwright-core comes from tests/browser (`npm ci` there first).
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

const here = import.meta.dirname;
const { chromium } = createRequire(resolve(here, "../browser/package.json"))("playwright-core");
const { values, positionals } = parseArgs({ allowPositionals: true, options: { pages: { type: "string", default: "200" }, times: { type: "string", default: "30" } } });
const binary = resolve(positionals[0] ?? join(here, "../../target/release/leidraad"));
const times = Number(values.times);

const folder = mkdtempSync(join(tmpdir(), "leidraad-paint-"));
execFileSync("python3", [join(here, "generate.py"), join(folder, "book"), values.pages, "--for=leidraad"]);
const source = join(folder, "book/content/deel-000/pagina-00007.md");
const text = readFileSync(source, "utf8");
const at = text.indexOf("\n\n", text.indexOf("# ")) + 2;

const server = spawn(binary, ["serve", join(folder, "book"), "-p", "0"], { stdio: ["ignore", "pipe", "ignore"] });
const address = await new Promise((done) => server.stdout.once("data", (line) => done(new URL(String(line).split(" ")[0]).origin)));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
try {
  const page = await browser.newPage();
  await page.goto(`${address}/deel-000/pagina-00007.html`);
  await page.locator("leidraad-preview .bar").waitFor();
  await page.evaluate(() => {
    new MutationObserver(() => {
      const word = document.querySelector("main").textContent.match(/woord\d+x/)?.[0];
      if (!word || word === window.word) return;
      window.word = word;
      requestAnimationFrame(() => { window.seen = [word, Date.now()]; });
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  const took = [];
  for (let time = 0; time < times; time += 1) {
    await page.waitForTimeout(1200);
    const began = Date.now();
    writeFileSync(`${source}~`, `${text.slice(0, at)}woord${time}x ${text.slice(at)}`);
    renameSync(`${source}~`, source);
    await page.waitForFunction((word) => window.seen?.[0] === word, `woord${time}x`);
    took.push(await page.evaluate(() => window.seen[1]) - began);
  }
  took.sort((a, b) => a - b);
  const percentile = (share) => took[Math.min(times - 1, Math.floor(times * share))];
  console.log(`save → paint, ${values.pages} pages: median ${percentile(0.5)} ms, p95 ${percentile(0.95)} ms, worst ${took.at(-1)} ms (${times} saves)`);
} finally {
  await browser.close();
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
