"""Differential test (reliability.md P6): does BINARY give for random projects what the reference model gives?

    python3 tests/model/compare.py BINARY [--cases N] [--seed S] [--only I] [--jobs 2] [--keep-going] [--show 5]
    python3 tests/model/compare.py --self-test

Per case one project with several layers: `check --format json` and, when the model finds no fault, one `build` that checks every chain and
the base. A difference prints case, kind and place, and that case's folder is kept (project/, out/, case.json). Exit 1 on any difference.
--keep-going also builds the faulty projects so and compares the editions that are free of errors.
"""
import argparse
import collections
import json
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))
import generate
import model

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
GENERATED = {f"{name}.html" for name in ("index", "print", "register", "glossary", "changes", "placements", "search", "404", "coverage")}


# --- what the program wrote -----------------------------------------------------------------------------------------------------------

class Page(HTMLParser):
    """The hooks of §8 in one page: `pieces` (opening text and sections in order), `title`, `links` inside <main>, and the body's data."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.stack, self.pieces, self.links, self.nexts, self.body, self.title = [], [], [], [], {}, None
        self.mute = self.main = self.into = None  # the stack depth at which each began; into: (depth, what was read, tag)
        self.owners = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        if tag in VOID:
            return
        attrs, depth = dict(attrs), len(self.stack)
        classes = (attrs.get("class") or "").split()
        self.stack.append(tag)
        if tag == "body":
            self.body = attrs
        if tag == "main" and attrs.get("id") == "content":
            self.main = depth
        if tag == "a" and attrs.get("rel") == "next" and "href" in attrs:
            self.nexts.append(attrs["href"])
        if self.main is None:
            return
        if self.mute is None and ("mark" in classes or "lock" in classes or tag == "a" and "anchor" in classes):
            self.mute = depth
        if tag == "a" and "href" in attrs:
            self.links.append(attrs["href"])
        if "data-address" in attrs and tag in ("section", "div"):
            self.owners.append((depth, {"address": attrs["data-address"], "tag": tag, "id": attrs.get("id"), "level": None, "title": None,
                                        "text": [], "origin": attrs.get("data-origin"), "change": attrs.get("data-change")}))
            self.pieces.append(self.owners[-1][1])
        elif self.mute is None and self.into is None and (tag == "p" or re.fullmatch("h[1-6]", tag)):
            self.into = (depth, [], tag)

    def handle_data(self, data):
        if self.into and self.mute is None:
            self.into[1].append(data)

    def handle_endtag(self, tag):
        if tag not in self.stack:
            return
        while self.stack:
            closed = self.stack.pop()
            depth = len(self.stack)
            if self.into and self.into[0] == depth:
                self.text(" ".join("".join(self.into[1]).split()), self.into[2])
                self.into = None
            if self.owners and self.owners[-1][0] == depth:
                self.owners.pop()
            self.mute = None if self.mute == depth else self.mute
            self.main = None if self.main == depth else self.main
            if closed == tag:
                return

    def text(self, text, tag):
        piece = self.owners[-1][1] if self.owners else None
        if tag == "h1":
            self.title = self.title or text
        elif piece is None:
            return
        elif tag == "p":
            piece["text"].append(text)
        elif piece["tag"] == "section" and piece["title"] is None:
            piece["title"], piece["level"] = text, int(tag[1])
        else:
            piece["text"].append(f"# {text}")


def page_files(project):
    """Page id → its file in an edition: "`<page>.html`, a folder's page `<folder>/index.html`"."""
    files = {}

    def add(sources):
        for page in sources:
            folder = page["file"].endswith(("/index.md", "/README.md"))
            files[page["id"]] = page["id"] + ("/index.html" if folder else ".html")
            add(page["children"])
    add(project["pages"])
    for layer in project["layers"].values():
        for a in layer.get("insert", {}):
            if "#" not in a:
                files.setdefault(a, a + ".html")
    return files


def neighbour_order(folder, files, shown):
    """The ids along the `next` links of the pages; None where these make no single row."""
    by_file, follows = {file: page for page, file in files.items()}, {}
    for page in shown:
        file = folder / files[page]
        for href in Page(file.read_text()).nexts if file.exists() else []:
            follows[page] = by_file.get(os.path.normpath(os.path.join(os.path.dirname(files[page]), unquote(href.split("#")[0]))))
    starts = [page for page in shown if page not in follows.values()]
    if len(starts) != 1:
        return None
    order = starts
    while order[-1] in follows and len(order) <= len(shown):
        order.append(follows[order[-1]])
    return order


def page_order(folder, files, shown):
    """The ids in the order of register.html ("which holds the whole tree"), else of print.html, else of the links to the next page."""
    by_file, candidates = {file: page for page, file in files.items()}, []
    for name, order in (("register.html", lambda p: [by_file.get(os.path.normpath(unquote(h.split("#")[0]))) for h in p.links]),
                        ("print.html", lambda p: [piece["address"].split("#")[0] for piece in p.pieces])):
        file = folder / name
        if file.exists():
            order = [page for page in dict.fromkeys(order(Page(file.read_text()))) if page in shown]
            candidates.append(order)
            if sorted(order) == sorted(shown):
                return order
    return candidates[0] if candidates else neighbour_order(folder, files, shown)


# --- comparing ------------------------------------------------------------------------------------------------------------------------

def compare_errors(project, lines, found, reported):
    """Every error of the model is reported at one of its addresses, and nothing else is."""
    broken = {lid for lid in found if any(code == "E110" for code, _ in found[lid])}
    ignored = broken | {lid for lid in found if model.chain(project, lid)[1] or any(found[a] for a in model.chain(project, lid)[0][:-1])}
    wanted = [(code, places) for lid in found for code, places in found[lid] if lid not in ignored or code == "E110"]
    got = []
    for d in reported:
        if d.get("severity") != "error":
            continue
        name = re.search(r"organisations/([^/]+)\.yaml$", d.get("path") or "")
        lid = name and name[1]
        where = lines[lid]["where"] if lid in lines else []
        line = d.get("line") or 0
        got.append((d["code"], lid, where[line] if line < len(where) else None, d))

    def meets(g, w):
        return g[0] == w[0] and any((g[1] == lid or g[1] is None and a == "*") and a in (g[2], "*") for lid, a in w[1])
    for w in wanted:
        if not any(meets(g, w) for g in got):
            yield f"missing-{w[0]}: due at {' or '.join(sorted(f'{lid} {a}' for lid, a in w[1]))}; reported there: " + str(
                sorted({g[0] for g in got if any((g[1], g[2]) == place for place in w[1])}))
    for g in got:
        if g[1] not in ignored and not any(meets(g, w) for w in wanted):
            yield f"unexpected-{g[0]}: {g[3].get('path')}:{g[3].get('line')} ({g[2]}): {g[3].get('message')}"


def compare_edition(project, lines, out, lid):
    """`lid` None: the base."""
    expected, files = model.edition(project, lid), page_files(project)
    folder, who = out / lid if lid else out, lid or "base"
    shown = {page["address"]: page for page in expected["pages"]}
    others = {"assets", *project["layers"]} if not lid else set()
    present = {str(f.relative_to(folder)) for f in folder.rglob("*.html") if f.relative_to(folder).parts[0] not in others}
    for extra in sorted(present - {files[page] for page in shown} - GENERATED):
        yield f"page-extra: {who} {extra}"
    for page_id, page in shown.items():
        file = folder / files[page_id]
        if not file.exists():
            yield f"page-missing: {who} {files[page_id]}"
            continue
        parsed = Page(file.read_text())
        for key, value in (("data-page", page_id), ("data-edition", who)):
            if parsed.body.get(key) != value:
                yield f"body: {who} {page_id}: {key} is {parsed.body.get(key)!r}, not {value!r}"
        if parsed.title != page["title"]:
            yield f"title: {who} {page_id}: h1 is {parsed.title!r}, not {page['title']!r}"
        wanted, got = [page, *page["sections"]], {p["address"]: p for p in parsed.pieces}
        if (a := [p["address"] for p in parsed.pieces]) != (b := [p["address"] for p in wanted]):
            yield f"sections: {who} {page_id}:\n      got      {a}\n      expected {b}"
        for w in wanted:
            g = got.get(w["address"])
            if g is None:
                continue
            text = [re.sub("^#+ ", "# ", p) for p in w["text"]]
            pairs = [("text", g["text"], text), ("origin", g["origin"], w["origin"]), ("change", g["change"], w["change"])]
            if w is not page:
                pairs += [("title", g["title"], w["title"]), ("level", g["level"], w["level"]), ("id", g["id"], w["address"].split("#")[1])]
            for what, mine, due in pairs:
                if mine != due:
                    yield f"{what}: {who} {w['address']}:\n      got      {mine!r}\n      expected {due!r}"
    order = page_order(folder, files, shown)
    if order != list(shown):
        yield f"order: {who}:\n      got      {order}\n      expected {list(shown)}"
    if lid:
        yield from compare_provenance(project, lines, expected["provenance"], folder / "provenance.json", lid)


def compare_provenance(project, lines, expected, file, lid):
    if not file.exists():
        yield f"provenance: {lid} has no provenance.json"
        return
    entries = json.loads(file.read_text())
    got = collections.Counter((e["address"], e["layer"], e["op"], e["state"]) for e in entries)
    due = collections.Counter(expected)
    for name, rest in (("missing", due - got), ("unexpected", got - due)):
        for entry in sorted(rest.elements()):
            yield f"provenance-{name}: {lid}: {' '.join(entry)}"
    order = [model.chain(project, lid)[0].index(e["layer"]) for e in entries if e["layer"] in model.chain(project, lid)[0]]
    if order != sorted(order):
        yield f"provenance-order: {lid}: not outermost first"
    for e in entries:
        known = lines.get(e["layer"], {"where": [], "at": {}})
        exact, line = known["at"].get(f"{e['address']} {e['op']}"), e.get("line") or 0
        if exact != line if exact else (known["where"] + [None] * line)[line] != e["address"]:
            yield f"provenance-line: {lid}: {e['address']} {e['op']} of {e['layer']} at {e.get('line')}, not {exact or 'its lines'}"
        if not (e.get("file") or "").endswith(f"organisations/{e['layer']}.yaml"):
            yield f"provenance-file: {lid}: {e['address']} {e['op']}: {e.get('file')}"


# --- running --------------------------------------------------------------------------------------------------------------------------

def run(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, "timeout", "", "")


def case(job):
    """One project: (index, differences, chains compared, errors compared)."""
    binary, seed, index, root, keep_going = job
    folder, key, differences, chains, errors = Path(root) / f"case-{index}", f"{seed}/{index}", [], 0, 0
    shutil.rmtree(folder, ignore_errors=True)
    try:
        project = generate.generate(key)
        lines = generate.write(project, folder / "project", key)
        (folder / "case.json").write_text(json.dumps({"project": project, "lines": lines}, indent=1))
        found = model.faults(project)
        errors, wrong = sum(map(len, found.values())), any(found.values())
        check = run(binary, "check", str(folder / "project"), "--format", "json")
        if check.returncode != int(wrong):
            differences.append(f"exit: check gave {check.returncode}, not {int(wrong)}: {check.stderr[-300:]}")
        try:
            reported = json.loads(check.stdout)
        except ValueError:
            differences.append(f"json: check printed {check.stdout[:200]!r}")
            reported = None
        if reported is not None:
            differences += compare_errors(project, lines, found, reported)
        if not wrong or keep_going:
            out = folder / "out"
            build = run(binary, "build", str(folder / "project"), "-d", str(out), *["--keep-going"] * wrong)
            if build.returncode != int(wrong):
                differences.append(f"exit: build gave {build.returncode}, not {int(wrong)}: {build.stderr[-300:]}")
            else:
                for lid in [None, *project["layers"]]:
                    lids, broken = model.chain(project, lid)
                    if broken or any(found[a] for a in lids):
                        if lid not in (*project["folders"], "assets") and (out / lid).exists():
                            differences.append(f"edition-extra: {lid} has errors and no earlier output")
                    elif lid and project["layers"][lid].get("abstract"):
                        if (out / lid).exists():
                            differences.append(f"edition-extra: {lid} is abstract")
                    else:
                        chains += 1
                        differences += compare_edition(project, lines, out, lid)
    except Exception as fault:  # a broken output must not end the run
        import traceback
        differences.append(f"exception: {fault!r}\n{traceback.format_exc()}")
    if not differences:
        shutil.rmtree(folder, ignore_errors=True)
    return index, differences, chains, errors


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", nargs="?")
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int, help="this case alone")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--show", type=int, default=5, help="failed cases to print; 10 folders are kept at least")
    parser.add_argument("--keep-going", action="store_true")
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args(arguments)
    if options.self_test:
        import selftest
        return selftest.main()
    if not options.binary:
        parser.error("BINARY is missing")
    binary = shutil.which(options.binary)
    if not binary:
        parser.error(f"{options.binary} is no program")
    root = tempfile.mkdtemp(prefix="leidraad-model-")
    indexes = range(options.cases) if options.only is None else [options.only]
    jobs = [(os.path.abspath(binary), options.seed, i, root, options.keep_going) for i in indexes]
    passed = failed = chains = errors = 0
    kinds = collections.Counter()
    with multiprocessing.Pool(options.jobs) as pool:
        for index, differences, some_chains, some_errors in pool.imap_unordered(case, jobs, chunksize=4):
            chains, errors = chains + some_chains, errors + some_errors
            passed, failed = passed + (not differences), failed + bool(differences)
            kinds.update({d.split(":")[0] for d in differences})
            if differences and failed <= options.show:
                print(f"case {index} (--seed {options.seed} --only {index}), kept in {root}/case-{index}")
                print("\n".join(f"  {d}" for d in differences[:8]) + (f"\n  and {len(differences) - 8} more" if len(differences) > 8 else ""))
            if differences and failed > max(10, options.show):
                shutil.rmtree(f"{root}/case-{index}", ignore_errors=True)
    if not failed:
        shutil.rmtree(root, ignore_errors=True)
    else:
        print("failed cases by kind: " + ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()))
    print(f"{chains} chains built and compared, {errors} errors compared")
    print(f"{passed} passed, {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
