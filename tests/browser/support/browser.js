// One Chromium per file of tests: Debian's, nothing is downloaded.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const known = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

export async function launch(context) {
  const executablePath = known.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error("no Chromium: install Debian's, or name it in CHROMIUM");
  // Fractions of a pixel and fonts as they are on every machine; no sandbox inside containers.
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--font-render-hinting=none", "--disable-lcd-text", "--disable-gpu"] });
  context.after(() => browser.close());
  return browser;
}

export const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 360, height: 740 };

/** A page in a context of its own, closed after `use`. What goes wrong in it is in `page.troubles`. */
export async function withPage(browser, options, use) {
  const context = await browser.newContext({ viewport: DESKTOP, locale: "nl-NL", reducedMotion: "reduce", ...options });
  try {
    const page = await context.newPage();
    page.troubles = [];
    page.requested = [];
    page.on("console", (message) => { if (["error", "warning"].includes(message.type())) page.troubles.push(`console: ${message.text()}`); });
    page.on("pageerror", (error) => page.troubles.push(`error: ${error.message}`));
    page.on("dialog", (dialog) => { page.troubles.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
    page.on("request", (request) => page.requested.push(request.url()));
    // What the next page makes superfluous has not failed.
    page.on("requestfailed", (request) => request.failure()?.errorText !== "net::ERR_ABORTED" && page.troubles.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
    return await use(page);
  } finally {
    await context.close();
  }
}

/**
 * Slows a page down to the speed of a cheap phone: a fourth of this machine's, as far as its neighbours have not slowed
 * it down already.
 */
export async function slowly(page) {
  const times = await page.evaluate(() => Array.from({ length: 100 }, () => {
    const start = performance.now();
    let sum = 0;
    for (let at = 0; at < 2e6; at++) sum = (sum + at * at) % 9973;
    return performance.now() - start + (sum < 0);
  }));
  const busy = times.reduce((sum, time) => sum + time, 0) / times.length / Math.min(...times);
  const rate = Math.max(1, 4 / busy);
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate });
  return { session, rate };
}
