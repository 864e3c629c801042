//! serve and watch: what a browser gets while a handbook is written, whoever asks and however it is saved.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A small handbook in a folder of its own.
struct Project {
    dir: PathBuf,
}

impl Project {
    fn new(name: &str) -> Project {
        let dir = std::env::temp_dir().join(format!("leidraad-serve-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        let project = Project { dir };
        project.write("book.toml", "[book]\ntitle = \"T\"\nlanguage = \"nl\"\nlanguages = [\"nl\"]\n");
        project.write("content/index.md", "# Begin\n\nEen.\n\n## Toon {#toon}\n\nWij zeggen **je**.\n");
        project.write("content/kanalen/index.md", "# Kanalen\n\n[begin](../index.md#toon)\n");
        project.write("content/organisations/waterdam.yaml", "name: Waterdam\nchanges:\n  index#toon: Wij zeggen u.\n");
        project.write("content/organisations/delft.yaml", "name: Delft\n");
        project
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.dir.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn path(&self, path: &str) -> PathBuf {
        self.dir.join(path)
    }

    fn serve(&self, more: &[&str]) -> Served {
        let mut command = Command::new(env!("CARGO_BIN_EXE_leidraad"));
        // As authors do: in the project, which then has no name but `.`.
        command.arg("serve").current_dir(&self.dir).args(["-p", "0"]).args(more);
        Served::of(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// Every HTML file of a clean build.
    fn built(&self) -> BTreeMap<String, String> {
        let dest = self.dir.with_extension("built");
        let _ = fs::remove_dir_all(&dest);
        let status = Command::new(env!("CARGO_BIN_EXE_leidraad"))
            .args(["build", "-q", "--drafts"])
            .arg(&self.dir)
            .arg("-d")
            .arg(&dest)
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert!(status.success());
        let mut pages = BTreeMap::new();
        collect(&dest, &dest, &mut pages);
        fs::remove_dir_all(&dest).unwrap();
        pages
    }

    /// Waits until the served site is that of a clean build.
    fn converges(&self, served: &Served) {
        let built = self.built();
        let began = Instant::now();
        loop {
            let wrong: Vec<&String> = built
                .iter()
                .filter(|(path, page)| {
                    let got = served.get(&format!("/{path}"));
                    got.status != "200" || without_scripts(&got.body) != **page
                })
                .map(|(path, _)| path)
                .collect();
            if wrong.is_empty() {
                return;
            }
            assert!(began.elapsed() < Duration::from_secs(15), "still differ: {wrong:?}\n{}", served.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

fn collect(root: &Path, folder: &Path, pages: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, pages);
        } else if path.extension().is_some_and(|extension| extension == "html") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            pages.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}

fn without_scripts(page: &str) -> String {
    let Some(start) = page.find("<script src=\"/@leidraad/") else { return page.to_owned() };
    let end = page.find("</head>").unwrap();
    format!("{}{}", &page[..start], &page[end..])
}

struct Served {
    child: Child,
    port: u16,
    log: Arc<Mutex<String>>,
}

struct Got {
    status: String,
    head: String,
    body: String,
}

impl Served {
    /// A server that was started, once it says where it is.
    fn of(mut child: Child) -> Served {
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        let port = address.trim().trim_end_matches('/').rsplit(':').next().unwrap().parse().expect(&address);
        let log = Arc::new(Mutex::new(String::new()));
        let (stderr, writing) = (child.stderr.take().unwrap(), Arc::clone(&log));
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                writing.lock().unwrap().push_str(&format!("{line}\n"));
            }
        });
        Served { child, port, log }
    }

    /// Sends raw bytes and gives all that comes back.
    fn raw(&self, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        // A refusal may come while we still send.
        let _ = stream.write_all(request);
        let mut got = Vec::new();
        let _ = stream.read_to_end(&mut got);
        String::from_utf8_lossy(&got).into_owned()
    }

    fn get(&self, target: &str) -> Got {
        self.get_as(target, &format!("127.0.0.1:{}", self.port), "")
    }

    fn get_as(&self, target: &str, host: &str, headers: &str) -> Got {
        let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n");
        let answer = self.raw(request.as_bytes());
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).unwrap_or_default().to_owned();
        Got { status, head: head.to_owned(), body: body.to_owned() }
    }

    /// Waits until a page holds a text.
    fn shows(&self, target: &str, text: &str) -> Duration {
        let began = Instant::now();
        loop {
            let got = self.get(target);
            if got.body.contains(text) {
                return began.elapsed();
            }
            assert!(began.elapsed() < Duration::from_secs(15), "{target} lacks {text}: {}\n{}", got.body, self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn token(&self) -> String {
        let page = self.get("/index.html").body;
        let at = page.find("data-token=\"").expect("a token") + 12;
        page[at..].split('"').next().unwrap().to_owned()
    }

    fn state(&self, page: &str) -> serde_json::Value {
        let got = self.get(&format!("/@leidraad/state?token={}&page={page}", self.token()));
        serde_json::from_str(&got.body).unwrap()
    }

    fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    fn rebuilds(&self) -> usize {
        self.log().lines().filter(|line| line.contains(" → ")).count()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn what_is_served_is_the_site_and_nothing_else() {
    let project = Project::new("table");
    project.write(".env", "CANARY");
    project.write("secret.txt", "CANARY");
    project.write("content/.git/config", "CANARY");
    let served = project.serve(&[]);
    project.converges(&served);
    let mut targets: Vec<String> = Vec::new();
    for path in [
        ".env",
        "secret.txt",
        "book.toml",
        "content/index.md",
        "content/organisations/delft.yaml",
        ".git/config",
        "../secret.txt",
        "..\\secret.txt",
        "../../../../etc/passwd",
        "/etc/passwd",
        "C:/secret.txt",
        "kanalen/../../secret.txt",
        "@fs/etc/passwd",
        "organisations/delft.yaml",
        "index.md",
        "./.env",
        "//secret.txt",
        "@leidraad/../secret.txt",
        "@leidraad/live.js/../../../.env",
        "file:///etc/passwd",
        "index.html/../.env",
        "nul\0.html",
    ] {
        let once: String = path.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let dots = path.replace('.', "%2e").replace('\\', "%5c").replace('\0', "%00");
        let twice = dots.replace('%', "%25");
        targets.extend([path.replace('\0', ""), once, dots, twice]);
    }
    for target in targets {
        for target in [format!("/{target}"), format!("/{target}?raw"), target] {
            let got = served.get(&target);
            assert!(!got.body.contains("CANARY") && !got.body.contains("root:"), "{target}");
            assert!(matches!(&*got.status, "404" | "403" | "400" | "302" | "200"), "{target}: {}", got.status);
            assert!(got.status != "200" || got.body.contains("<main"), "{target}");
        }
    }
}

#[test]
fn only_our_own_hosts_and_pages_are_answered() {
    let project = Project::new("hosts");
    let served = project.serve(&[]);
    let port = served.port;
    for host in ["127.0.0.1", "localhost", "LOCALHOST", "demo.localhost"] {
        assert_eq!(served.get_as("/", host, "").status, "200", "{host}");
        assert_eq!(served.get_as("/", &format!("{host}:{port}"), "").status, "200", "{host}");
    }
    for host in [
        "evil.test",
        "localhost.evil.test",
        "evillocalhost",
        "127.0.0.1.evil.test",
        "127.0.0.2",
        "[::1]",
        "0.0.0.0",
        "",
        "localhost:x",
        "localhost:99999",
        "user@localhost",
        "localhost/",
        "127.1",
        "2130706433",
        "[127.0.0.1]",
        ".localhost.",
    ] {
        let got = served.get_as("/", host, "");
        assert!(matches!(&*got.status, "421" | "400"), "{host}: {}", got.status);
        assert!(!got.body.contains("<main"), "{host}");
    }
    let host = format!("127.0.0.1:{port}");
    for (headers, status) in [
        ("Origin: http://evil.test\r\n", "403"),
        ("Origin: null\r\n", "403"),
        ("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: script\r\n", "403"),
        ("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe\r\n", "403"),
        ("Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n", "200"),
        ("Sec-Fetch-Site: same-origin\r\n", "200"),
    ] {
        let got = served.get_as("/index.html", &host, headers);
        assert_eq!(got.status, status, "{headers}");
        assert!(!got.head.to_lowercase().contains("access-control"), "{headers}");
        assert!(got.head.contains("nosniff") && got.head.contains("no-store"), "{headers}");
    }
}

#[test]
fn unclear_requests_are_refused() {
    let project = Project::new("requests");
    let served = project.serve(&[]);
    let big = "x".repeat(64 << 10);
    let many: String = (0..1000).map(|n| format!("X-{n}: 1\r\n")).collect();
    for (request, statuses) in [
        ("POST / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), "405"),
        ("PUT / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), "405"),
        ("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), "405"),
        ("TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), "405"),
        ("CONNECT a:1 HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), "405"),
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), "400"),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n".to_owned(), "400"),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx".to_owned(), "400"),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_owned(), "400"),
        ("GET http://evil.test/ HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), "400"),
        ("GET / HTTP/2.0\r\nHost: localhost\r\n\r\n".to_owned(), "505"),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), "505"),
        ("GET / HTTP/1.1\r\nHost: localhost\r\n folded\r\n\r\n".to_owned(), "400"),
        (format!("GET /{big} HTTP/1.1\r\nHost: localhost\r\n\r\n"), "414"),
        (format!("GET / HTTP/1.1\r\nHost: localhost\r\nX: {big}\r\n\r\n"), "431"),
        (format!("GET / HTTP/1.1\r\nHost: localhost\r\n{many}\r\n"), "431"),
        ("\u{16}\u{3}\u{1} hello".to_owned(), "400"),
    ] {
        let got = served.raw(request.as_bytes());
        let first = got.lines().next().unwrap_or_default();
        assert!(first.contains(statuses), "{}: {first}", &request[..request.len().min(60)]);
    }
    let head = served.raw(b"HEAD /index.html HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 200") && head.ends_with("\r\n\r\n"), "{head}");
    let range = served.get_as("/index.html", "localhost", "Range: bytes=0-,0-,99999999999999999999-\r\n");
    assert_eq!(range.status, "200");
    assert!(range.body.contains("</html>"));
}

#[test]
fn however_a_file_is_saved_the_site_is_that_of_a_clean_build() {
    let project = Project::new("saves");
    for more in [&[][..], &["--poll"][..]] {
        let served = project.serve(more);
        let page = project.path("content/index.md");
        let text = |word: &str| format!("# Begin\n\n{word}\n\n## Toon {{#toon}}\n\nWij zeggen **je**.\n");
        fs::write(&page, text("geschreven")).unwrap();
        served.shows("/index.html", "geschreven");
        // Renamed over, as vim and most editors do.
        fs::write(project.path("content/.index.md.swp"), "litter").unwrap();
        fs::write(project.path("content/new~"), text("hernoemd")).unwrap();
        fs::rename(project.path("content/new~"), &page).unwrap();
        served.shows("/index.html", "hernoemd");
        // Deleted and made anew.
        fs::remove_file(&page).unwrap();
        fs::write(&page, text("hermaakt")).unwrap();
        served.shows("/index.html", "hermaakt");
        // The same size and time of change.
        let time = fs::metadata(&page).unwrap().modified().unwrap();
        fs::write(&page, text("hertaakt")).unwrap();
        fs::File::options().write(true).open(&page).unwrap().set_modified(time).unwrap();
        served.shows("/index.html", "hertaakt");
        // A new nested folder with a file at once; then moved, and edited there.
        project.write("content/a/b/c/diep.md", "# Diep\n");
        served.shows("/a/b/c/diep.html", "Diep");
        fs::rename(project.path("content/a"), project.path("content/z")).unwrap();
        served.shows("/z/b/c/diep.html", "Diep");
        project.write("content/z/b/c/diep.md", "# Dieper\n");
        served.shows("/z/b/c/diep.html", "Dieper");
        project.converges(&served);
        assert_eq!(served.get("/a/b/c/diep.html").status, "404");
        // Two folders swapped.
        fs::rename(project.path("content/z"), project.path("content/t")).unwrap();
        fs::rename(project.path("content/kanalen"), project.path("content/z")).unwrap();
        fs::rename(project.path("content/t"), project.path("content/kanalen")).unwrap();
        project.converges(&served);
        // The whole content gone, and back.
        fs::rename(project.path("content"), project.path("away")).unwrap();
        std::thread::sleep(Duration::from_millis(1500));
        fs::rename(project.path("away"), project.path("content")).unwrap();
        project.write("content/kanalen/b/c/diep.md", "# Terug\n");
        served.shows("/kanalen/b/c/diep.html", "Terug");
        project.converges(&served);
        // Layers, the book, a theme.
        project.write("content/organisations/delft.yaml", "name: Delft\nchanges:\n  index: Delfts begin.\n");
        served.shows("/delft/index.html", "Delfts begin");
        project.write("content/organisations/nieuw.yaml", "name: Nieuw\n");
        served.shows("/nieuw/index.html", "Nieuw");
        project.write("book.toml", "[book]\ntitle = \"Anders\"\nlanguage = \"nl\"\nlanguages = [\"nl\"]\n");
        served.shows("/delft/index.html", "Anders");
        project.converges(&served);
        fs::remove_dir_all(project.path("content/kanalen")).unwrap();
        fs::rename(project.path("content/z"), project.path("content/kanalen")).unwrap();
        fs::remove_file(project.path("content/organisations/nieuw.yaml")).unwrap();
        project.write("content/organisations/delft.yaml", "name: Delft\n");
        project.write("book.toml", "[book]\ntitle = \"T\"\nlanguage = \"nl\"\nlanguages = [\"nl\"]\n");
        project.converges(&served);
        assert_eq!(served.get("/nieuw/index.html").status, "404");
    }
}

/// A folder that is deleted and made anew often has its old inode, and the notice that the old one ended may come after
/// the new one is watched: it has to be watched all the same.
/// A preview shows a missing value as a blank; a site that readers get does not have such an edition.
#[test]
fn a_missing_value_is_a_blank_in_the_preview_alone() {
    let project = Project::new("missing");
    project.write("content/handbook.yaml", "params:\n  begeleider: {type: text, required: true}\n");
    let served = project.serve(&[]);
    let state = served.state("/waterdam/index.html");
    assert_eq!((&state["errors"], state["blanks"].as_array().unwrap().len()), (&0.into(), 1), "{state}");
    assert!(served.get("/waterdam/index.html").body.contains("Wij zeggen u."));
    // Without its name a layer has no edition: that is an error that the author is told.
    project.write("content/organisations/delft.yaml", "params: {begeleider: Ada}\n");
    let until = Instant::now() + Duration::from_secs(15);
    while served.state("/index.html")["errors"] == 0 {
        assert!(Instant::now() < until, "{}", served.log());
        std::thread::sleep(Duration::from_millis(20));
    }
    let dest = project.dir.with_extension("watched");
    let _ = fs::remove_dir_all(&dest);
    let mut watch = Command::new(env!("CARGO_BIN_EXE_leidraad"));
    watch.arg("watch").arg(&project.dir).arg("-d").arg(&dest);
    let mut watch = watch.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while !dest.join("index.html").exists() {
        std::thread::sleep(Duration::from_millis(20));
    }
    watch.kill().unwrap();
    watch.wait().unwrap();
    assert!(!dest.join("waterdam").exists());
    fs::remove_dir_all(&dest).unwrap();
}

#[test]
fn the_author_bar_knows_where_a_generated_page_belongs() {
    let project = Project::new("bar");
    let served = project.serve(&[]);
    for page in ["/waterdam/register.html", "/waterdam/nergens.html", "/waterdam/index.html"] {
        assert_eq!(served.state(page)["edition"], "waterdam", "{page}");
    }
    let state = served.state("/waterdam/register.html");
    let delft = state["organisations"].as_array().unwrap().iter().find(|entry| entry["id"] == "delft").unwrap();
    assert_eq!(delft["href"], "/delft/register.html", "{state}");
}

#[test]
fn folders_that_are_deleted_and_made_anew_are_still_watched() {
    let project = Project::new("anew");
    let served = project.serve(&[]);
    for round in 0..12 {
        fs::remove_dir_all(project.path("content")).unwrap();
        project.write("content/index.md", "# Begin\n");
        project.write("content/kanalen/index.md", "# Kanalen\n");
        project.write("content/organisations/delft.yaml", "name: Delft\n");
        // At times in the middle of it, at times long after.
        std::thread::sleep(Duration::from_millis(if round % 2 == 0 { 30 } else { 1100 }));
        for time in 0..2 {
            let word = format!("Woord {round}-{time}.");
            project.write("content/kanalen/index.md", &format!("# Kanalen\n\n{word}\n"));
            served.shows("/kanalen/index.html", &word);
            std::thread::sleep(Duration::from_millis(450));
        }
    }
    assert!(!served.log().contains("told nothing"), "{}", served.log());
}

#[test]
fn what_is_wrong_keeps_the_last_good_page_and_is_told() {
    let project = Project::new("wrong");
    let served = project.serve(&[]);
    assert!(served.get("/waterdam/index.html").body.contains("Wij zeggen u."));
    let until = |what: &dyn Fn() -> bool| {
        let began = Instant::now();
        while !what() {
            assert!(began.elapsed() < Duration::from_secs(15), "{}", served.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    // An organisation's file: its edition stays, the others go on.
    project.write("content/organisations/waterdam.yaml", "name: Waterdam\nchanges:\n  index#tooon: Nieuw.\n");
    until(&|| served.state("/waterdam/index.html")["errors"] == 1);
    assert_eq!(served.state("/waterdam/index.html")["error"]["code"], "E103");
    assert_eq!(served.state("/waterdam/index.html")["broken"], true);
    assert!(served.get("/waterdam/index.html").body.contains("Wij zeggen u."));
    project.write("content/kanalen/index.md", "# Kanalen\n\nNieuwe tekst\n");
    served.shows("/delft/kanalen/", "Nieuwe tekst");
    project.write("content/organisations/waterdam.yaml", "name: Waterdam\nchanges:\n  index#toon: Nieuw.\n");
    served.shows("/waterdam/index.html", "Nieuw.");
    until(&|| served.state("/waterdam/index.html")["errors"] == 0);
    // The base, the book and a theme: everything stays.
    for (path, bad, good) in [
        ("content/kanalen/index.md", "# Kanalen\n\n[weg](weg.md)\n", "# Kanalen\n\nGoed een\n"),
        ("content/kanalen/index.md", "---\ntitel: x\n---\n# Kanalen\n", "# Kanalen\n\nGoed twee\n"),
        ("book.toml", "[book\n", "[book]\ntitle = \"T\"\nlanguage = \"nl\"\nlanguages = [\"nl\"]\n"),
        ("themes/leidraad/templates/page.hbs", "{{#if", ""),
    ] {
        let before = without_scripts(&served.get("/kanalen/").body);
        project.write(path, bad);
        until(&|| served.state("/kanalen/")["errors"].as_u64() > Some(0));
        assert_eq!(without_scripts(&served.get("/kanalen/").body), before, "{path}");
        if good.is_empty() {
            fs::remove_dir_all(project.path("themes")).unwrap();
        } else {
            project.write(path, good);
        }
        until(&|| served.state("/kanalen/")["errors"] == 0);
        project.converges(&served);
    }
    assert!(served.log().contains("error[E201]"), "{}", served.log());
}

#[test]
fn it_starts_though_the_first_build_fails() {
    let project = Project::new("first");
    project.write("content/index.md", "# Begin\n\n[weg](weg.md)\n\n## Toon {#toon}\n");
    let served = project.serve(&[]);
    assert_eq!(served.state("/index.html")["error"]["code"], "E201");
    assert!(served.get("/index.html").body.contains("Begin"));
    project.write("content/index.md", "# Begin\n\nHeel\n\n## Toon {#toon}\n");
    served.shows("/index.html", "Heel");
    project.converges(&served);
}

#[test]
fn news_needs_the_token_and_says_a_number() {
    let project = Project::new("news");
    let served = project.serve(&[]);
    let token = served.token();
    for target in ["/@leidraad/news", "/@leidraad/news?token=0", "/@leidraad/state", "/@leidraad/ready?token="] {
        assert_eq!(served.get(target).status, "403", "{target}");
    }
    let mut stream = TcpStream::connect(("127.0.0.1", served.port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
    write!(stream, "GET /@leidraad/news?token={token} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let mut number = || -> u64 {
        let line = lines.find(|line| line.starts_with("data: ")).expect("news");
        line.trim_start_matches("data: ").parse().unwrap()
    };
    let first = number();
    project.write("content/index.md", "# Begin\n\nNieuws\n\n## Toon {#toon}\n");
    let mut next = number();
    // The first state is judged, then comes the new one.
    while !served.get("/index.html").body.contains("Nieuws") {
        next = number();
    }
    assert!(next > first);
}

#[test]
fn the_panel_gives_the_lines_that_change_a_section() {
    let project = Project::new("panel");
    let served = project.serve(&[]);
    let token = served.token();
    let ready = |page: &str, address: &str| -> serde_json::Value {
        let got = served.get(&format!("/@leidraad/ready?token={token}&page={page}&address={address}"));
        serde_json::from_str(&got.body).unwrap()
    };
    let there = ready("/waterdam/index.html", "index%23toon");
    assert_eq!((&there["kind"], &there["place"]["line"]), (&"there".into(), &3.into()));
    let lines = ready("/delft/index.html", "index%23toon");
    assert_eq!(lines["kind"], "lines");
    let text = lines["lines"].as_str().unwrap();
    assert!(
        text.starts_with("changes:\n  index#toon:\n    replace: |\n      Wij zeggen **je**.\n    accepted: v1-"),
        "{text}"
    );
    // Pasted, made one's own and with a reason, they are right.
    let pasted = text.replace("**je**", "**jij**").replace("reason:", "reason: zo praten wij");
    project.write("content/organisations/delft.yaml", &format!("name: Delft\n{pasted}"));
    served.shows("/delft/index.html", "jij");
    assert_eq!(served.state("/delft/index.html")["errors"], 0);
    assert!(!served.log().contains("delft.yaml:"), "{}", served.log());
    assert_eq!(ready("/index.html", "index%23toon")["kind"], "base");

    // Below a key with a remark, and as far to the right as what stands there.
    let rest = "    index: {title: Bij ons, reason: eigen naam}\n";
    project.write("content/organisations/delft.yaml", &format!("name: Delft\nchanges: # van ons\n{rest}"));
    served.shows("/delft/index.html", "Bij ons");
    let lines = ready("/delft/index.html", "index%23toon");
    let text = lines["lines"].as_str().unwrap();
    assert_eq!(lines["place"]["line"], 2);
    assert!(text.starts_with("    index#toon:\n      replace: |\n        Wij"), "{text}");
    let pasted = text.replace("**je**", "**jullie**").replace("reason:", "reason: zo praten wij");
    project.write("content/organisations/delft.yaml", &format!("name: Delft\nchanges: # van ons\n{pasted}{rest}"));
    served.shows("/delft/index.html", "jullie");
    assert_eq!(served.state("/delft/index.html")["errors"], 0);
}

#[test]
fn a_storm_is_few_rebuilds_and_idling_is_none() {
    let project = Project::new("storm");
    for page in 0..100 {
        project.write(&format!("content/p/{page}.md"), &format!("# P{page}\n"));
    }
    let served = project.serve(&[]);
    served.shows("/p/99.html", "P99");
    let began = Instant::now();
    for round in 0..20 {
        for page in 0..100 {
            project.write(&format!("content/p/{page}.md"), &format!("# P{page}\n\nronde {round}\n"));
        }
    }
    let took = began.elapsed();
    served.shows("/p/99.html", "ronde 19");
    project.converges(&served);
    let rebuilds = served.rebuilds();
    let allowed = 4 + took.as_millis() / 400;
    assert!(rebuilds as u128 <= allowed, "{rebuilds} rebuilds in {took:?}\n{}", served.log());
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(served.rebuilds(), rebuilds);
    // Touched, and litter: no rebuild either.
    project.write("content/p/1.md", &fs::read_to_string(project.path("content/p/1.md")).unwrap());
    project.write("content/p/1.md~", "litter");
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(served.rebuilds(), rebuilds, "{}", served.log());
}

#[test]
fn readers_under_load_never_get_less_than_a_page() {
    let project = Project::new("load");
    let served = project.serve(&[]);
    let port = served.port;
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let readers: Vec<_> = (0..16)
        .map(|_| {
            let stop = Arc::clone(&stop);
            std::thread::spawn(move || {
                let mut count = 0;
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
                    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
                    stream
                        .write_all(b"GET /waterdam/index.html HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                        .unwrap();
                    let mut got = String::new();
                    stream.read_to_string(&mut got).unwrap();
                    let (head, body) = got.split_once("\r\n\r\n").unwrap();
                    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
                    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
                    assert_eq!(length.parse::<usize>().unwrap(), body.len());
                    assert!(body.trim_end().ends_with("</html>"));
                    let etag = head.lines().find_map(|line| line.strip_prefix("ETag: ")).unwrap();
                    assert_eq!(etag, format!("\"{}\"", leidraad::book::Digest::of(body.as_bytes())));
                    count += 1;
                }
                count
            })
        })
        .collect();
    for round in 0..8 {
        project.write("content/index.md", &format!("# Begin\n\nronde {round}\n\n## Toon {{#toon}}\n\nJe.\n"));
        std::thread::sleep(Duration::from_millis(200));
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    let answers: usize = readers.into_iter().map(|reader| reader.join().unwrap()).sum();
    assert!(answers > 50, "{answers}");
    served.shows("/index.html", "ronde 7");
}

/// The paths of the styles that a page asks for.
fn styles(page: &str) -> Vec<String> {
    let links = page.split("rel=\"stylesheet\" href=\"").skip(1);
    links.map(|rest| format!("/{}", rest.split('"').next().unwrap().trim_start_matches("../"))).collect()
}

#[test]
fn a_page_that_was_sent_before_a_change_still_gets_its_styles() {
    let project = Project::new("styles");
    let book = "[book]\ntitle = \"T\"\nlanguage = \"nl\"\n[output.html]\nadditional-css = [\"extra.css\"]\n";
    project.write("extra.css", "main { --proef: een; }\n");
    project.write("book.toml", book);
    let served = project.serve(&[]);
    let before = styles(&served.get("/index.html").body);
    assert!(before.iter().any(|path| path.contains("extra.")), "{before:?}");
    project.write("extra.css", "main { --proef: twee; }\n");
    let began = Instant::now();
    while styles(&served.get("/index.html").body) == before {
        assert!(began.elapsed() < Duration::from_secs(15), "{}", served.log());
        std::thread::sleep(Duration::from_millis(20));
    }
    for path in before {
        let got = served.get(&path);
        assert_eq!(got.status, "200", "{path}");
        assert!(!path.contains("extra.") || got.body.contains("een"), "{}", got.body);
    }
}

#[test]
fn many_files_at_once_as_a_change_of_branch_makes_them() {
    let project = Project::new("branch");
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"]);
        let status =
            command.args(arguments).current_dir(&project.dir).stdout(Stdio::null()).stderr(Stdio::null()).status();
        status.is_ok_and(|status| status.success())
    };
    if !git(&["init", "-q"]) {
        eprintln!("left out: there is no git");
        return;
    }
    let write = |word: &str, folders: std::ops::Range<usize>| {
        for folder in folders {
            project.write(&format!("content/m{folder}/p.md"), &format!("# P{folder}\n\n{word}\n"));
            for file in 0..39 {
                project.write(&format!("content/m{folder}/{file}.txt"), word);
            }
        }
    };
    write("eerst", 0..50);
    assert!(git(&["add", "-A"]) && git(&["commit", "-qm", "1"]) && git(&["checkout", "-qb", "other"]));
    fs::remove_dir_all(project.path("content/m0")).unwrap();
    write("later", 1..60);
    assert!(git(&["add", "-A"]) && git(&["commit", "-qm", "2"]));
    let served = project.serve(&[]);
    served.shows("/m59/p.html", "later");
    let began = Instant::now();
    assert!(git(&["checkout", "-q", "main"]));
    served.shows("/m0/p.html", "eerst");
    served.shows("/m49/p.html", "eerst");
    served.shows("/m49/38.txt", "eerst");
    assert_eq!(served.get("/m59/p.html").status, "404");
    assert_eq!(served.get("/m59/38.txt").status, "404");
    project.converges(&served);
    // One per 400 ms, however long a busy machine takes over the files, and a few around them.
    let most = began.elapsed().as_millis() / 400 + 3;
    assert!(served.rebuilds() as u128 <= most, "{}", served.log());
}

#[cfg(target_os = "linux")]
#[test]
fn few_descriptors_and_a_crowd_are_survived() {
    let project = Project::new("few");
    let mut command = Command::new("prlimit");
    command.args(["--nofile=24", env!("CARGO_BIN_EXE_leidraad"), "serve", "-p", "0"]).arg(&project.dir);
    let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let Ok(child) = spawned else {
        eprintln!("left out: there is no prlimit");
        return;
    };
    let served = Served::of(child);
    assert!(served.get("/index.html").body.contains("Een."));
    project.write("content/index.md", "# Begin\n\nTwee.\n\n## Toon {#toon}\n\nJe.\n");
    served.shows("/index.html", "Twee.");
    // More connections than files can be opened: later ones are met again.
    let crowd: Vec<_> = (0..40).filter_map(|_| TcpStream::connect(("127.0.0.1", served.port)).ok()).collect();
    std::thread::sleep(Duration::from_millis(300));
    drop(crowd);
    project.write("content/index.md", "# Begin\n\nDrie.\n\n## Toon {#toon}\n\nJe.\n");
    served.shows("/index.html", "Drie.");
}

#[test]
fn a_wished_port_that_is_taken_is_an_error_and_the_usual_one_is_not() {
    let project = Project::new("port");
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let out = Command::new(env!("CARGO_BIN_EXE_leidraad"))
        .args(["serve", "-p", &port.to_string()])
        .arg(&project.dir)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(3));
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(said.contains(&format!(":{port} is in use")) && said.contains("is free"), "{said}");
}

#[test]
fn watch_writes_what_changed_and_nothing_of_the_preview() {
    let project = Project::new("watch");
    let dest = project.path("uit");
    let mut child = Command::new(env!("CARGO_BIN_EXE_leidraad"))
        .arg("watch")
        .arg(&project.dir)
        .arg("-d")
        .arg(&dest)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let shows = |path: &str, text: &str| {
        let began = Instant::now();
        while !fs::read_to_string(dest.join(path)).is_ok_and(|page| page.contains(text)) {
            assert!(began.elapsed() < Duration::from_secs(15), "{path} lacks {text}");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    shows("manifest.json", "leidraad");
    let inode = |path: &str| std::os::unix::fs::MetadataExt::ino(&fs::metadata(dest.join(path)).unwrap());
    let (css, other) = (inode("robots.txt"), inode("kanalen/index.html"));
    project.write("content/index.md", "# Begin\n\nGezien\n\n## Toon {#toon}\n\nJe.\n");
    shows("index.html", "Gezien");
    shows("delft/index.html", "Gezien");
    assert_eq!((css, other), (inode("robots.txt"), inode("kanalen/index.html")));
    let began = Instant::now();
    loop {
        let mut written = BTreeMap::new();
        collect(&dest, &dest, &mut written);
        assert!(written.values().all(|page| !page.contains("@leidraad")));
        // Pages come before the manifest: when it is done, all are there.
        if written == project.built() {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(15));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}
