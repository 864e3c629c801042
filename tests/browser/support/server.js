// Serves a folder under /sub/path/, as strictly as a careful host would: the policy as a header, nothing outside.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";
import { gzipSync } from "node:zlib";

export const PREFIX = "/sub/path/";
/** What spec.md §8 asks of `_headers`; the tests hold that the site says the same. */
export const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'; frame-ancestors 'none'";
const TYPES = { ".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".json": "application/json", ".svg": "image/svg+xml", ".png": "image/png", ".csv": "text/csv", ".txt": "text/plain", ".xml": "application/xml" };

/** The address of a site's root. `policy: null` leaves the header out; `overrides` are other texts by path. */
export async function serve(context, { root }, { policy = POLICY, overrides = new Map() } = {}) {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    try {
      if (!path.startsWith(PREFIX)) throw new Error("outside");
      let inside = path.slice(PREFIX.length);
      if (inside === "" || inside.endsWith("/")) inside += "index.html";
      const file = normalize(join(root, inside));
      if (!file.startsWith(root + sep)) throw new Error("outside");
      const body = overrides.has(inside) ? Buffer.from(overrides.get(inside)) : await readFile(file);
      const headers = { "content-type": `${TYPES[extname(file)] ?? "application/octet-stream"}; charset=utf-8`, "x-content-type-options": "nosniff" };
      if (policy) headers["content-security-policy"] = policy;
      const small = request.headers["accept-encoding"]?.includes("gzip");
      if (small) headers["content-encoding"] = "gzip";
      response.writeHead(200, headers).end(small ? gzipSync(body) : body);
    } catch {
      response.writeHead(404, { "content-type": "text/plain" }).end("not found");
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  context.after(() => { server.closeAllConnections(); server.close(); });
  return `http://127.0.0.1:${server.address().port}${PREFIX}`;
}
