// Builds a project with the binary that `cargo build` made, and says what is in the output.
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve, sep } from "node:path";
import { promisify } from "node:util";

import { PREFIX } from "./server.js";

const run = promisify(execFile);
export const repository = resolve(import.meta.dirname, "../../..");
const binary = process.env.LEIDRAAD ?? join(repository, "target/debug/leidraad");

/** Runs leidraad; fails with what it said. */
export async function leidraad(...args) {
  try {
    return await run(binary, [...args, "--color", "never"], { maxBuffer: 64 << 20 });
  } catch (error) {
    if (error.code === "ENOENT") throw new Error(`${binary} is not there: run \`cargo build\` first`);
    throw Object.assign(new Error(`leidraad ${args.join(" ")}\n${error.stderr || error.stdout || error.message}`), { output: error.stdout });
  }
}

/** A folder that is gone after the tests of a file. */
export async function folder(context) {
  const path = await mkdtemp(join(tmpdir(), "leidraad-browser-"));
  context.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** The output of a project, as a folder on disk. */
export async function build(context, project, ...args) {
  const out = join(await folder(context), "out");
  await leidraad("build", project, "-d", out, "--today", "2026-12-01", "-q", ...args);
  return site(out);
}

// 404.html is shown at any depth, so it alone has to know where the site lies.
export const handbook = (context) => build(context, repository, "--site-url", PREFIX);
export const fixture = (context) => build(context, join(import.meta.dirname, "../fixture"), "--site-url", PREFIX);

async function site(root) {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const paths = files.map((file) => relative(root, join(file.parentPath ?? file.path, file.name)).split(sep).join("/")).sort();
  const html = paths.filter((path) => path.endsWith(".html"));
  const kinds = new Map(); // path → the kind of page, nothing for a redirect
  for (const path of html) kinds.set(path, (await readFile(join(root, path), "utf8")).match(/<body class="kind-(\w+)"/)?.[1]);
  return {
    root,
    paths,
    read: (path) => readFile(join(root, path)),
    text: (path) => readFile(join(root, path), "utf8"),
    /** The pages that a reader stays on. */
    pages: html.filter((path) => kinds.get(path)),
    kind: (path) => kinds.get(path),
  };
}
