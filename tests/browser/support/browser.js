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
    page.on("requestfailed", (request) => page.troubles.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
    return await use(page);
  } finally {
    await context.close();
  }
}
