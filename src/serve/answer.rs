//! A request → what is answered. The path asked for is a key of the site's table and never a path on disk.

use std::net::IpAddr;

use crate::book::{Body as OutputBody, Digest, Output};
use crate::load::sources;
use crate::serve::host::Hosts;
use crate::serve::http::{Body, Request, Response, decoded};
use crate::serve::preview::Preview;
use crate::serve::sheet;

/// Where the server's own addresses begin: no page's path holds an `@`.
const OWN: &str = "@leidraad/";

/// Where files lie whose names change with their bytes.
const ASSETS: &str = "assets/";

/// The scripts and styles that a page gets in serve, and nowhere else.
const STATIC: [(&str, &str, &str); 4] = [
    ("live.js", "text/javascript; charset=utf-8", include_str!("page/live.js")),
    ("panel.js", "text/javascript; charset=utf-8", include_str!("page/panel.js")),
    ("idiomorph.js", "text/javascript; charset=utf-8", include_str!("page/idiomorph.js")),
    ("live.css", "text/css; charset=utf-8", include_str!("page/live.css")),
];

/// What becomes of a connection after a request.
pub enum Answer {
    /// It gets this response.
    Response(Response),
    /// It waits for news.
    News,
}

/// Answers a request that came to `local`.
pub fn answer(preview: &Preview, request: &Request, local: IpAddr) -> Answer {
    let host = request.header("host").unwrap_or_default();
    // Before anything else: a name that another site made point to us gets nothing to read.
    if !preview.hosts.allow(host, local) {
        let text = "This preview does not answer for this host; `leidraad serve -n HOST` names another.\n";
        return Answer::Response(Response::text(421, text));
    }
    if is_foreign(request, host) {
        return Answer::Response(Response::text(403, "This preview answers its own pages only.\n"));
    }
    let Some(path) = decoded(request.path()) else {
        return Answer::Response(Response::text(400, "Bad Request"));
    };
    let path = path.strip_prefix('/').unwrap_or_default();
    match path.strip_prefix(OWN) {
        Some(own) => own_answer(preview, request, own),
        None => Answer::Response(site_answer(preview, request, path)),
    }
}

/// Whether a page of another site asks, as far as browsers tell. A link that is followed is welcome.
fn is_foreign(request: &Request, host: &str) -> bool {
    let followed =
        request.header("sec-fetch-mode") == Some("navigate") && request.header("sec-fetch-dest") == Some("document");
    let foreign_fetch = matches!(request.header("sec-fetch-site"), Some("cross-site" | "same-site")) && !followed;
    foreign_fetch || request.header("origin").is_some_and(|origin| !Hosts::is_same_origin(origin, host))
}

fn own_answer(preview: &Preview, request: &Request, name: &str) -> Answer {
    if let Some((_, kind, text)) = STATIC.iter().find(|(known, ..)| *known == name) {
        let response = Response::text(200, text);
        return Answer::Response(Response { headers: vec![("Content-Type", (*kind).to_owned())], ..response });
    }
    if request.query("token").as_deref() != Some(&preview.token) {
        return Answer::Response(Response::text(403, "This needs the token of a page that was served now.\n"));
    }
    let page = request.query("page").unwrap_or_default();
    let json = match name {
        // A HEAD request has no news to wait for.
        "news" if !request.is_head => return Answer::News,
        "state" => sheet::state(preview, &site_path(&page)),
        "ready" => sheet::ready(preview, &site_path(&page), &request.query("address").unwrap_or_default()),
        _ => return Answer::Response(Response::text(404, "Not Found")),
    };
    let response = Response::text(200, &json.to_string());
    let headers = vec![("Content-Type", "application/json".to_owned())];
    Answer::Response(Response { headers, ..response })
}

/// A path of the site as the table has it: a folder stands for its index.html.
fn site_path(path: &str) -> String {
    let path = path.trim_start_matches('/');
    if path.is_empty() || path.ends_with('/') { format!("{path}index.html") } else { path.to_owned() }
}

fn site_answer(preview: &Preview, request: &Request, path: &str) -> Response {
    let round = preview.next_round();
    let number = preview.number();
    let mut found = round.find(&site_path(path));
    if found.is_none() && path.starts_with(ASSETS) {
        found = preview.earlier().iter().find_map(|round| round.find(path));
    }
    if let Some(output) = found {
        return whole(preview, request, (number, 200), output);
    }
    if !path.is_empty() && !path.ends_with('/') && round.find(&format!("{path}/index.html")).is_some() {
        // From the path as it was sent: what was percent-encoded in it stays so. One slash, since two
        // would name another host.
        let sent = request.path().trim_start_matches('/');
        let query = request.target.split_once('?').map(|(_, query)| format!("?{query}")).unwrap_or_default();
        return Response::text(302, "Found").with("Location", format!("/{sent}/{query}"));
    }
    match round.find("404.html") {
        Some(output) => whole(preview, request, (number, 404), output),
        None => {
            let page = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Not yet</title>\n</head>\n<body>\n<main id=\"content\"><p>There is no page here yet.</p></main>\n</body>\n</html>\n";
            html(preview, request, (number, 404), page.as_bytes())
        }
    }
}

/// An output as a response.
fn whole(preview: &Preview, request: &Request, (number, status): (u64, u16), output: Output) -> Response {
    let kind = content_type(&output.path);
    match output.body {
        OutputBody::Bytes(bytes) if kind.starts_with("text/html") => html(preview, request, (number, status), &bytes),
        OutputBody::Bytes(bytes) => {
            let response = Response { status, headers: Vec::new(), body: Body::Bytes(bytes.to_vec()) };
            with_kind(response, kind).with("ETag", format!("\"{}\"", Digest::of(&bytes)))
        }
        OutputBody::File(path, digest) => {
            let opened = sources::open(&preview.project, &path).and_then(|file| {
                let metadata = file.metadata()?;
                if metadata.is_file() { Ok((file, metadata.len())) } else { Err(std::io::ErrorKind::NotFound.into()) }
            });
            match opened {
                Ok((file, length)) => {
                    let response = Response { status, headers: Vec::new(), body: Body::Stream(Box::new(file), length) };
                    with_kind(response, kind).with("ETag", format!("\"{digest}\""))
                }
                // Between two looks at the project it went; the next one knows.
                Err(_) => Response::text(404, "Not Found"),
            }
        }
    }
}

fn with_kind(response: Response, kind: &'static str) -> Response {
    let response = response.with("Content-Type", kind);
    match kind {
        // A drawing that is opened by itself is a document: it runs nothing.
        "image/svg+xml" => {
            response.with("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'")
        }
        _ => response,
    }
}

/// A page, with the scripts of the preview unless it was asked for as readers without scripts see it.
fn html(preview: &Preview, request: &Request, (number, status): (u64, u16), page: &[u8]) -> Response {
    let plain = request.query("leidraad").as_deref() == Some("plain");
    let page = if plain { page.to_vec() } else { live(page, &preview.token, number) };
    let etag = format!("\"{}\"", Digest::of(&page));
    let response = Response { status, headers: Vec::new(), body: Body::Bytes(page) };
    let response = with_kind(response, "text/html; charset=utf-8").with("ETag", etag);
    if plain { response.with("Content-Security-Policy", "script-src 'none'") } else { response }
}

/// A page with the preview's scripts at the end of its head.
fn live(page: &[u8], token: &str, number: u64) -> Vec<u8> {
    const END: &[u8] = b"</head>";
    let scripts = format!(
        "<script src=\"/{OWN}idiomorph.js\" defer></script><script src=\"/{OWN}live.js\" data-token=\"{token}\" data-number=\"{number}\" defer></script><script src=\"/{OWN}panel.js\" defer></script>"
    );
    // A page of the author's own may have no head; before its doctype the scripts would change how it is laid out.
    let at = memchr::memmem::find(page, END).unwrap_or(page.len());
    [&page[..at], scripts.as_bytes(), &page[at..]].concat()
}

/// The type of a file by its name; what is unknown is bytes.
fn content_type(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    match extension.as_str() {
        "html" | "htm" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "xml" => "application/xml",
        "txt" | "csv" | "md" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "pdf" => "application/pdf",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "mp3" => "audio/mpeg",
        _ if matches!(name, "_headers" | "_redirects") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
