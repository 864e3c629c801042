// The author's screen: what a browser shows while a handbook is written. `leidraad serve` runs on a project of its own; files are
// saved as editors save them, and the page that is open is looked at, never loaded again.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";

const repository = resolve(import.meta.dirname, "../..");
const binary = process.env.LEIDRAAD ?? join(repository, "target/debug/leidraad");
const executablePath = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => path && existsSync(path));

const paragraphs = (from, to) => Array.from({ length: to - from }, (_, at) => `Alinea nummer ${from + at} van deze pagina, die lang genoeg is om een regel of twee te vullen als het venster smal is.\n`).join("\n");
const PAGE = `# Kanalen

Waar wij te vinden zijn.

- [ ] Wachtwoord wijzigen
- [ ] Collega's begroeten

## Toon {#toon}

Wij zeggen **je** tegen iedereen.

${paragraphs(1, 20)}
## Uitleg {#uitleg}

<details><summary>Waarom</summary>

Omdat het zo hoort.

</details>

## Planning {#planning}

${paragraphs(20, 40)}
## Slot {#slot .locked}

Aan het eind staat dit.
`;
const BOOK = '[book]\ntitle = "T"\nlanguage = "nl"\nlanguages = ["nl", "en"]\n[output.html]\nadditional-css = ["extra.css"]\n';
const WATERDAM = "name: Waterdam\nparams: {weeks: 12}\nchanges:\n  kanalen#planning: Wij plannen op maandag.\n";
const FILES = {
  "book.toml": BOOK,
  "extra.css": "main { --proef: een; }\n",
  "content/handbook.yaml": "params:\n  weeks: {type: integer, min: 1, max: 60, required: true, label: {nl: weken, en: weeks}}\n",
  "content/nl/index.md": "# Begin\n\nLees [de kanalen](kanalen.md#toon) in {{weeks}} weken.\n",
  "content/nl/kanalen.md": PAGE,
  "content/en/index.md": "# Start\n\nRead on.\n",
  "content/en/kanalen.md": "# Channels\n\nWhere to find us.\n\n## Tone {#toon}\n\nWe say **you**.\n",
  "content/organisations/waterdam.yaml": WATERDAM,
  "content/organisations/delft.yaml": "name: Delft\n",
};

let browser, project, server;

/** Saves as most editors do: a new file takes the place of the old one. */
async function save(path, text) {
  const target = join(project, path);
  await mkdir(join(target, ".."), { recursive: true });
  await writeFile(`${target}~`, text);
  await rename(`${target}~`, target);
}

/** Everything as it was at the beginning. */
async function restore() {
  await rm(join(project, "content"), { recursive: true, force: true });
  for (const [path, text] of Object.entries(FILES)) await save(path, text);
}

function serve(folder) {
  const child = spawn(binary, ["serve", folder, "-p", "0"], { stdio: ["ignore", "pipe", "pipe"] });
  const log = { child, text: "" };
  child.stderr.on("data", (bytes) => { log.text += bytes; });
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.stdout.once("data", (bytes) => done(Object.assign(log, { address: String(bytes).trim().split(" ")[0].replace(/\/$/, "") })));
  });
}

before(async () => {
  project = await mkdtemp(join(tmpdir(), "leidraad-serve-"));
  await restore();
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  server = await serve(project);
});

after(async () => {
  server?.child.kill();
  await browser?.close();
  await rm(project, { recursive: true, force: true });
});

/** A page that is open at `path`; afterwards nothing went wrong in it, and it was not loaded again. */
async function at(path, use, { loads = 1, address = server.address, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1000, height: 700 }, ...options });
  try {
    const page = await context.newPage();
    const troubles = [];
    let loaded = 0;
    page.on("console", (message) => { if (["error", "warning"].includes(message.type())) troubles.push(message.text()); });
    page.on("pageerror", (error) => troubles.push(error.message));
    page.on("load", () => { loaded += 1; });
    await page.goto(address + path);
    await page.locator("leidraad-preview .bar select").first().waitFor();
    await use(page, context);
    assert.deepEqual(troubles, []);
    assert.equal(loaded, loads, "the page was patched, not loaded again");
  } finally {
    await context.close();
  }
}

const shows = (page, text) => page.locator("main", { hasText: text }).waitFor({ timeout: 10_000 });

test("a saved paragraph changes in place; scroll, focus, selection, open details and ticks stay", async () => {
  await restore();
  await at("/nl/kanalen.html", async (page) => {
    await shows(page, "Alinea nummer 39");
    await page.locator("main input[type=checkbox]").first().check();
    await page.locator("main details:not([class]) summary", { hasText: "Waarom" }).click();
    await page.evaluate(() => {
      const paragraph = Array.from(document.querySelectorAll("main p")).find((p) => p.textContent.includes("nummer 30 "));
      paragraph.scrollIntoView({ block: "start", behavior: "instant" });
      getSelection().setBaseAndExtent(paragraph.firstChild, 7, paragraph.firstChild, 16);
    });
    const top = () => page.evaluate(() => Array.from(document.querySelectorAll("main p")).find((p) => p.textContent.includes("nummer 30 ")).getBoundingClientRect().top);
    const before = await top();
    // Above the reader: the page grows, and what is read stays where it is.
    await save("content/nl/kanalen.md", PAGE.replace("Alinea nummer 3 ", "Nieuw begin.\n\nNog een nieuwe alinea.\n\nAlinea nummer 3 "));
    await shows(page, "Nog een nieuwe alinea");
    assert.ok(Math.abs(await top() - before) <= 2, `${before} → ${await top()}`);
    assert.equal(await page.evaluate(() => String(getSelection())), "nummer 30");
    assert.equal(await page.locator("main input[type=checkbox]").first().isChecked(), true);
    assert.equal(await page.locator("main details", { hasText: "Omdat het zo hoort" }).evaluate((details) => details.open), true);
    // A change that is out of sight is offered.
    const jump = page.locator("leidraad-preview .jump");
    await jump.waitFor();
    assert.match(await jump.textContent(), /^↑/);
    await jump.click();
    await page.waitForFunction(() => {
      const { top, bottom } = Array.from(document.querySelectorAll("main p")).find((p) => p.textContent.includes("Nog een nieuwe")).getBoundingClientRect();
      return bottom > 0 && top < innerHeight;
    });
    await jump.waitFor({ state: "detached" });
    // What has the focus keeps it, also when its neighbours change.
    await page.locator("main input[type=checkbox]").nth(1).focus();
    await save("content/nl/kanalen.md", PAGE.replace("te vinden zijn.", "nu te vinden zijn."));
    await shows(page, "nu te vinden zijn");
    assert.equal(await page.evaluate(() => document.activeElement === document.querySelectorAll("main input[type=checkbox]")[1]), true);
  });
});

test("the changed block is marked for a moment, and not where motion is unwanted", async () => {
  await restore();
  for (const [reducedMotion, marks] of [["no-preference", 1], ["reduce", 0]]) {
    await at("/nl/kanalen.html", async (page) => {
      await page.evaluate(() => {
        window.marked = [];
        const animate = Element.prototype.animate;
        Element.prototype.animate = function (...values) { window.marked.push(this.textContent); return animate.apply(this, values); };
      });
      await save("content/nl/kanalen.md", PAGE.replace("**je** tegen", `**u** tegen ${reducedMotion}`));
      await shows(page, `tegen ${reducedMotion}`);
      await page.waitForTimeout(100);
      const marked = await page.evaluate(() => window.marked);
      assert.equal(marked.length, marks, JSON.stringify(marked));
      assert.ok(marked.every((text) => text.startsWith("Wij zeggen u")));
    }, { reducedMotion });
    await restore();
  }
});

test("a new block moves nobody: selection and open details below it stay, also after a search", async () => {
  await restore();
  await at("/nl/kanalen.html", async (page) => {
    await page.keyboard.press("Control+k");
    await page.locator("dialog[open] input").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("main details:not([class]) summary", { hasText: "Waarom" }).click();
    await page.evaluate(() => {
      const paragraph = Array.from(document.querySelectorAll("main p")).find((p) => p.textContent.includes("nummer 9 "));
      getSelection().setBaseAndExtent(paragraph.firstChild, 7, paragraph.firstChild, 15);
    });
    await save("content/nl/kanalen.md", PAGE
      .replace("Wij zeggen **je** tegen iedereen.", "Helemaal nieuw.\n\nWij zeggen **je** tegen iedereen.")
      .replace("<details>", "Ook nieuw.\n\n<details>"));
    await shows(page, "Ook nieuw.");
    assert.equal(await page.evaluate(() => String(getSelection())), "nummer 9");
    assert.equal(await page.locator("main details", { hasText: "Omdat het zo hoort" }).evaluate((details) => details.open), true);
  });
});

test("styles are exchanged without a load", async () => {
  await restore();
  await at("/nl/kanalen.html", async (page) => {
    await page.evaluate(() => { window.same = true; });
    const color = () => page.evaluate(() => getComputedStyle(document.querySelector("main")).getPropertyValue("--proef").trim());
    assert.equal(await color(), "een");
    await save("extra.css", "main { --proef: twee; }\n");
    await page.waitForFunction(() => getComputedStyle(document.querySelector("main")).getPropertyValue("--proef").trim() === "twee");
    assert.equal(await page.evaluate(() => window.same), true);
  });
});

test("what is wrong is told below the last good page, and goes away by itself", async () => {
  await restore();
  await at("/nl/kanalen.html", async (page) => {
    await save("content/nl/kanalen.md", PAGE.replace("te vinden", "[te vinden](weg.md) [ook](weg2.md)"));
    const sheet = page.locator("leidraad-preview .sheet");
    await sheet.waitFor();
    const text = await sheet.textContent();
    assert.match(text, /error\[E201\]: there is no page `weg`/);
    assert.match(text, /content\/nl\/kanalen\.md:3:/);
    assert.match(text, /\^\^\^/);
    assert.match(text, /1 other error/);
    assert.match(await sheet.locator("a").first().getAttribute("href"), /^vscode:\/\/file\/.*kanalen\.md:3:\d+$/);
    assert.equal(await page.locator("main", { hasText: "Waar wij te vinden zijn." }).count(), 1, "the last good page stays");
    // It covers the bottom alone, can be folded, and stays so with the next error.
    // The findings of all editions take the place of the page's own: for a moment there may be no sheet to measure.
    let box = null;
    for (const end = Date.now() + 5000; !box && Date.now() < end; ) box = await sheet.boundingBox();
    assert.ok(box && box.y > 300 && Math.abs(box.y + box.height - 700) < 2, JSON.stringify(box));
    await sheet.locator("summary").click();
    await save("content/nl/kanalen.md", PAGE.replace("te vinden", "[te vinden](weg3.md)"));
    await page.locator("leidraad-preview .sheet", { hasText: "weg3" }).waitFor();
    assert.equal(await sheet.evaluate((details) => details.open), false);
    await save("content/nl/kanalen.md", PAGE.replace("te vinden", "weer te vinden"));
    await shows(page, "weer te vinden");
    await sheet.waitFor({ state: "detached" });
    // An organisation's file: only the hint and the frame of that file.
    await save("content/organisations/waterdam.yaml", WATERDAM.replace("planning", "plannning"));
    await page.locator("leidraad-preview .sheet", { hasText: "E103" }).waitFor();
    assert.match(await sheet.textContent(), /hint: did you mean/);
    await save("content/organisations/waterdam.yaml", WATERDAM);
    await sheet.waitFor({ state: "detached" });
  });
});

test("it starts with a project that is wrong, and the page comes when it is right", async () => {
  const folder = await mkdtemp(join(tmpdir(), "leidraad-wrong-"));
  await mkdir(join(folder, "content"));
  await writeFile(join(folder, "book.toml"), "[book\n");
  const started = await serve(folder);
  try {
    const page = await browser.newPage();
    await page.goto(`${started.address}/`);
    await page.locator("leidraad-preview .sheet", { hasText: "E208" }).waitFor();
    await writeFile(join(folder, "content/index.md"), "# Begin\n\nHeel\n");
    await writeFile(join(folder, "book.toml"), '[book]\ntitle = "T"\n');
    await shows(page, "Heel");
    await page.locator("leidraad-preview .sheet").waitFor({ state: "detached" });
    await page.close();
  } finally {
    started.child.kill();
    await rm(folder, { recursive: true, force: true });
  }
});

test("the author bar leads to the same page elsewhere", async () => {
  await restore();
  await at("/nl/kanalen.html#planning", async (page) => {
    const bar = page.locator("leidraad-preview .bar");
    await bar.getByLabel("Organisation").selectOption({ label: "Waterdam" });
    await page.waitForURL("**/waterdam/nl/kanalen.html#planning");
    await bar.getByLabel("Language").selectOption("en");
    await page.waitForURL("**/waterdam/en/kanalen.html#planning");
    await bar.getByLabel("Organisation").selectOption({ label: "Delft" });
    await page.waitForURL("**/delft/en/kanalen.html#planning");
    await bar.getByText("1 to fill in").click();
    await bar.getByText(/weeks/).waitFor();
    const marks = bar.getByRole("button", { name: "Marks" });
    await marks.click();
    assert.equal(await page.evaluate(() => document.documentElement.dataset.marks), "off");
    await marks.click();
    assert.equal(await page.evaluate(() => document.documentElement.dataset.marks), undefined);
    const plain = await page.request.get(new URL(await bar.getByText("Without scripts").getAttribute("href"), page.url()).href);
    assert.match(plain.headers()["content-security-policy"], /script-src 'none'/);
    assert.ok(!(await plain.text()).includes("@leidraad"));
  }, { loads: 4 });
});

test("point, copy, paste, seen", async () => {
  await restore();
  await at("/delft/nl/kanalen.html", async (page) => {
    await page.locator("[data-address='kanalen#toon'] p").first().hover();
    const button = page.locator("leidraad-preview .change");
    await button.waitFor();
    assert.equal(await button.textContent(), "Change this for Delft");
    await button.click();
    const panel = page.locator("leidraad-preview .panel");
    await panel.waitFor();
    const lines = await panel.locator("pre").textContent();
    assert.match(await panel.locator("a").getAttribute("href"), /vscode:\/\/file\/.*organisations\/delft\.yaml:\d+:1$/);
    assert.match(await panel.textContent(), /content\/organisations\/delft\.yaml:\d/);
    await panel.getByRole("button", { name: "Copy" }).click();
    await panel.getByText("copied").waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), lines);
    // The same lines that the command writes.
    const twin = await mkdtemp(join(tmpdir(), "leidraad-twin-"));
    await cp(project, twin, { recursive: true });
    execFileSync(binary, ["override", "delft", "kanalen#toon"], { cwd: twin, stdio: "pipe" });
    const written = await readFile(join(twin, "content/organisations/delft.yaml"), "utf8");
    await rm(twin, { recursive: true, force: true });
    assert.equal(`name: Delft\n\n${lines}`, written);
    // Pasted with a reason they give no finding, and the page shows them at once.
    await panel.getByRole("button", { name: "Close" }).click();
    const pasted = lines.replace("**je** tegen", "**jij** tegen").replace("reason:", "reason: zo praten wij");
    await save("content/organisations/delft.yaml", `name: Delft\nparams: {weeks: 3}\n${pasted}`);
    await page.locator("[data-address='kanalen#toon'] [data-change], [data-address='kanalen#toon'][data-change]").first().waitFor();
    await shows(page, "jij tegen iedereen");
    assert.equal(await page.locator("leidraad-preview .sheet").count(), 0);
    // What is there already is led to, what is locked says so; by keyboard from the bar.
    const change = page.getByLabel("Change this for Delft");
    await change.selectOption("kanalen#toon");
    await panel.getByText("has a text of its own").waitFor();
    assert.match(await panel.locator("a").getAttribute("href"), /delft\.yaml:4:\d+$/);
    await page.keyboard.press("Escape");
    await change.selectOption("kanalen#slot");
    await panel.getByText("is locked").waitFor();
    await page.keyboard.press("Escape");
    // The base text changes: the panel and the page say that the text is stale, with both texts side by side.
    await save("content/nl/kanalen.md", PAGE.replace("**je** tegen iedereen.", "**je** tegen elk mens."));
    await page.locator("leidraad-preview .banner", { hasText: "kanalen#toon" }).waitFor();
    await change.selectOption("kanalen#toon");
    await panel.getByText("tegen elk mens").waitFor();
  }, { permissions: ["clipboard-read", "clipboard-write"] });
});

test("ten tabs, and all of them follow", async () => {
  await restore();
  const context = await browser.newContext();
  const pages = await Promise.all(Array.from({ length: 10 }, () => context.newPage()));
  for (const page of pages) await page.goto(`${server.address}/nl/kanalen.html`);
  await save("content/nl/kanalen.md", PAGE.replace("te vinden", "overal te vinden"));
  await Promise.all(pages.map((page) => shows(page, "overal te vinden")));
  await context.close();
});

test("a page of another site reads and loads nothing", async () => {
  await restore();
  const other = createServer((request, response) => response.setHeader("content-type", "text/html").end("<!doctype html><title>other</title>"));
  await new Promise((done) => other.listen(0, "127.0.0.1", done));
  const page = await browser.newPage();
  await page.goto(`http://localhost:${other.address().port}/`);
  const token = (await (await fetch(`${server.address}/nl/index.html`)).text()).match(/data-token="(\w+)"/)[1];
  const got = await page.evaluate(async ([address, token]) => {
    const settle = (promise) => Promise.race([promise, new Promise((done) => setTimeout(done, 3000, "silence"))]);
    const element = (name, properties) => settle(new Promise((done) => {
      const made = Object.assign(document.createElement(name), properties);
      made.onload = () => done("loaded");
      made.onerror = () => done("refused");
      document.body.append(made);
    }));
    const frame = Object.assign(document.createElement("iframe"), { src: `${address}/nl/index.html` });
    await settle(new Promise((done) => { frame.onload = done; document.body.append(frame); }));
    let framed;
    try { framed = frame.contentDocument ? "loaded" : "refused"; } catch { framed = "refused"; }
    return {
      fetch: await fetch(`${address}/nl/index.html`).then((answer) => answer.text(), () => "refused"),
      blind: await fetch(`${address}/@leidraad/state?token=${token}`, { mode: "no-cors" }).then((answer) => answer.text(), () => "refused") || "refused",
      script: await element("script", { src: `${address}/@leidraad/live.js` }),
      image: await element("img", { src: `${address}/nl/index.html` }),
      frame: framed,
      news: await settle(new Promise((done) => {
        const source = new EventSource(`${address}/@leidraad/news?token=${token}`);
        source.onmessage = () => done("told");
        source.onerror = () => { source.close(); done("refused"); };
      })),
      socket: await settle(new Promise((done) => {
        const socket = new WebSocket(`${address.replace("http", "ws")}/@leidraad/news?token=${token}`);
        socket.onopen = () => done("open");
        socket.onerror = () => done("refused");
      })),
      form: await fetch(`${address}/`, { method: "POST", body: "x", mode: "no-cors" }).then((answer) => answer.text(), () => "refused") || "refused",
    };
  }, [server.address, token]);
  for (const [how, what] of Object.entries(got)) assert.equal(what, "refused", how);
  await page.close();
  other.close();
});
