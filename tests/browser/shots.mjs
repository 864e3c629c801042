import { chromium } from "playwright-core";
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox","--disable-gpu"] });
const S = "file:///tmp/bt/site/";
const list = process.argv.slice(2);
const pages = { start:"index.html", agreement:"nl/afspraken/begeleiding.html", dev:"gemeente-duinmeer/nl/praktijk/kanalen.html", changes:"gemeente-duinmeer/nl/changes.html", coverage:"coverage.html", register:"nl/register.html", glossary:"nl/glossary.html", placements:"gemeente-duinmeer/nl/placements.html", print:"zorggroep-linde/nl/print.html", missing:"404.html", check:"nl/naslag/controlelijsten.html", call:"zorggroep-linde/nl/praktijk/als-het-misgaat.html" };
for (const item of list) {
  const [name, width, scheme, open] = item.split(",");
  const c = await b.newContext({ viewport: { width: +width, height: +width < 500 ? 800 : 900 }, colorScheme: scheme || "light", reducedMotion: "reduce" });
  const p = await c.newPage();
  await p.goto(S + pages[name]);
  if (open === "search") { await p.keyboard.press("Control+k"); await p.fill("#_query", "wachtwoord"); await p.waitForSelector(".excerpt:not(:empty)"); await p.waitForTimeout(300); }
  if (open === "menu") await p.click(".menu-open");
  if (open === "settings") await p.click(".settings-open");
  if (open === "term") await p.click("main a.term >> nth=0");
  if (open === "reason") await p.click(".mark-open >> nth=0");
  await p.screenshot({ path: `/tmp/bt/shots/${item.replaceAll(",", "-")}.png`, fullPage: !open && name !== "print" });
  await c.close();
}
await b.close();
