"""Seeded random projects for compare.py: `generate(seed)` gives a project as plain data, `write(project, folder, seed)` its real files.

Shape: {lang, params: {name: declaration}, explain: {op: "required"}, folders: [top-level page folders],
        pages: [page], files: {layer: {file: page}}, layers: {id: the YAML of spec §5 as Python values}}
  page    {id, file, title, h1, text: [paragraph], lock, cond, sections: [section], children: [page]}
  section {id, level, title, text, lock, cond, sections}    cond: [when|unless, parameter, option or None]
A paragraph that starts with "#" is a heading without id, which "is part of the text around it".
Half of the projects are valid throughout; in the others most layers get one or two faults (about 30 % of all layers).
Left out because the spec does not decide it: locks on what a condition hides, conditions on pages with sub-pages, removing or moving the
first page, levels below h6, the same id for a page and a section.
"""
import json
import random
import re
from pathlib import Path

import faults
import model

FOLDERS, SECTIONS = ["praktijk", "afspraken", "begrippen"], ["toon", "planning", "doel", "taken", "bronnen", "kader", "rollen", "fouten"]
SYLLABLES = [c + v for c in "bdfgklmnprstvz" for v in "aeiou"]


class Words:
    """Words that occur once in a project and mean nothing to YAML or Markdown."""

    def __init__(self, rng):
        self.rng, self.count = rng, rng.randrange(343000)

    def word(self):
        self.count = (self.count + 104729) % 343000
        return "".join(SYLLABLES[self.count // d % 70] for d in (4900, 70, 1))

    def title(self):
        return " ".join(self.word() for _ in range(self.rng.choice((1, 1, 2)))).capitalize()

    def paragraph(self):
        return " ".join(self.word() for _ in range(self.rng.randint(1, 4))).capitalize() + "."

    def paragraphs(self):
        return [self.paragraph() for _ in range(self.rng.choice((1, 1, 1, 2, 3)))]

    def text(self):
        """A text as an author writes it: paragraphs with blank lines between, sometimes wrapped."""
        text = "\n\n".join(self.paragraphs())
        return text.replace(" ", "\n", 1) if self.rng.random() < .15 else text


# --- the base -------------------------------------------------------------------------------------------------------------------------

def generate(seed):
    rng = random.Random(f"{seed}")
    words = Words(rng)
    params = {"nabij": {"type": "boolean"}, "toets": {"type": "choice", "options": {"vooraf": {"nl": "Vooraf"}, "achteraf": {"nl": "Achteraf"}}}}
    if rng.random() < .7:
        params["nabij"]["default"] = rng.random() < .5
    if rng.random() < .7:
        params["toets"]["default"] = rng.choice(("vooraf", "achteraf"))
    explain = {op: "required" for op in ("remove", "replace") if rng.random() < .3}
    project = {"lang": "nl", "params": params, "explain": explain, "folders": [], "pages": [], "files": {}, "layers": {}}
    pages(rng, words, project)
    layers(rng, words, project)
    if rng.random() < .5:
        faults.break_layers(rng, words, project)
    del project["refused"]
    return project


def pages(rng, words, project):
    flat, files = [], ["index.md"] if rng.random() < .5 else []
    count = rng.randint(2, 6)
    while len(files) < count:
        folder = rng.choice(FOLDERS + ["", ""])
        chapter = rng.choice((f"{folder}.md", f"{folder}/index.md", f"{folder}/README.md"))
        taken = [c for c in (f"{folder}.md", f"{folder}/index.md", f"{folder}/README.md") if c in files]
        files.append(f"{words.word()}.md" if not folder else chapter if not taken and rng.random() < .7 else f"{folder}/{words.word()}.md")
    if rng.random() < .6:
        files.sort(key=lambda f: (f != "index.md", f.split("/")[0].removesuffix(".md"), not f.endswith(("index.md", "README.md")), f))
    for file in files:
        page_id = "index" if file == "index.md" else re.sub(r"(/index|/README)?\.md$", "", file)
        page = {"id": page_id, "file": file, "title": words.title(), "h1": rng.random() < .8, "text": words.paragraphs(),
                "lock": rng.choice(("extend", "locked")) if rng.random() < .06 else None, "cond": None, "children": []}
        page["sections"] = sections(rng, words, project, page["lock"] is not None)
        parents = [p for p in flat if p["id"] == page_id.split("/")[0] and p is not page] or flat
        if flat and rng.random() < (.8 if parents != flat else .3):
            rng.choice(parents)["children"].append(page)
        else:
            project["pages"].append(page)
        flat.append(page)
    for page in flat[1:]:
        if not page["children"] and not page["lock"] and not locks_in(page) and rng.random() < .1:
            page["cond"] = condition(rng, project)
    for page in project["pages"]:
        drop_conditions_below_locks(page, False)
    project["folders"] = list(dict.fromkeys(f.split("/")[0] for f in files if "/" in f))


def sections(rng, words, project, locked):
    """0 to 6 sections, nested h2 to h4, as a tree."""
    roots, path, ids = [], [], rng.sample(SECTIONS, rng.randint(0, 6))
    for section_id in ids:
        level = rng.randint(2, min(4, len(path) + 2))
        path = path[:level - 2]
        above = path[-1] if path else None
        held = locked or any(s["lock"] for s in path)
        section = {"id": section_id, "level": level, "title": words.title(), "text": words.paragraphs(), "lock": None, "cond": None, "sections": []}
        if rng.random() < .08:
            section["text"].insert(rng.randint(0, len(section["text"])), f"{'#' * (level + 1)} {words.title()}")
        if rng.random() < .14 and not any(s["cond"] for s in path):
            section["lock"] = rng.choice(("extend", "locked"))
        elif rng.random() < .14 and not held:
            section["cond"] = condition(rng, project)
        (above["sections"] if above else roots).append(section)
        path.append(section)
    for section in roots:
        drop_conditions_above_locks(section)
    return roots


def drop_conditions_above_locks(section):
    """"Not on locked ones", nor on what contains them."""
    for child in section["sections"]:
        drop_conditions_above_locks(child)
    if locks_in(section):
        section["cond"] = None


def drop_conditions_below_locks(page, held):
    """What locks a page locks the pages below it too."""
    if held:
        page["cond"] = None
        below = [*page["sections"]]
        while below:
            section = below.pop()
            section["cond"] = None
            below += section["sections"]
    for child in page["children"]:
        drop_conditions_below_locks(child, held or page["lock"] is not None)


def locks_in(source):
    return any(s["lock"] or locks_in(s) for s in source["sections"])


def condition(rng, project):
    word = rng.choice(("when", "unless"))
    return [word, "nabij", None] if rng.random() < .5 else [word, "toets", rng.choice(("vooraf", "achteraf"))]


# --- valid layers ---------------------------------------------------------------------------------------------------------------------

def layers(rng, words, project):
    depth = {}
    for _ in range(rng.randint(3, 8)):
        parents = [lid for lid in depth if depth[lid] < 4]
        parent = rng.choice(parents) if parents and rng.random() < .65 else None
        lid = f"{rng.choice(('sector', 'gemeente', 'dienst'))}-{words.word()}"
        depth[lid] = depth.get(parent, 0) + 1
        layer = project["layers"][lid] = {"name": words.title()}
        if parent:
            layer["extends"] = parent
        draft(rng, words, project, lid)
    for lid, layer in project["layers"].items():
        child = any(other.get("extends") == lid for other in project["layers"].values())
        if rng.random() < (.4 if child else .1):
            layer["abstract"] = True


def draft(rng, words, project, lid):
    """Random operations, then the ones that the model refuses are dropped again: what stays is valid."""
    layer, inherited = project["layers"][lid], model.resolve(project, model.chain(project, project["layers"][lid].get("extends"))[0])[0]
    nodes = inherited["nodes"]
    if rng.random() < .3:
        layer["params"] = {name: rng.choice((True, False) if name == "nabij" else ("vooraf", "achteraf"))
                           for name in project["params"] if rng.random() < .6}
    changes, inserts = layer.setdefault("changes", {}), layer.setdefault("insert", {})
    for _ in range(rng.choice((0, 1, 2, 3, 4, 6, 8))):
        hot = [a for a, n in nodes.items() if n.removed is not None or n.own or n.by]  # what outer layers touched, more often
        a = rng.choice(hot if hot and rng.random() < .4 else [a for a in nodes if "#" not in a] if rng.random() < .2 else list(nodes))
        if a not in changes:
            changes[a] = operation(rng, words, project, nodes, a)
    for _ in range(rng.choice((0, 0, 1, 2, 3, 4))):
        insertion(rng, words, project, nodes, lid)
    refused = {}
    while errors := model.resolve(project, model.chain(project, lid)[0])[1]:
        for a in sorted({a for _, places in errors for _, a in places}):
            for block in (changes, inserts):
                if a in block:
                    refused[a] = (block is changes, block.pop(a))
    project.setdefault("refused", {})[lid] = refused
    for key in ("changes", "insert", "params"):
        if key in layer and not layer[key]:
            del layer[key]


def operation(rng, words, project, nodes, a):
    node, page, change = nodes[a], "#" not in a, {}
    text = lambda: {"nl": words.text()} if rng.random() < .1 else words.text()
    kind = rng.random()
    if node.removed is not None and kind < .6:
        change["remove"] = False
        if rng.random() < .3:
            change[rng.choice(("replace", "append", "title"))] = words.title()
    elif kind < .15 and "replace" not in project["explain"]:
        return text()
    elif kind < .35:
        change["replace"] = text()
    elif kind < .55:
        for op in rng.choice((["prepend"], ["append"], ["prepend", "append"])):
            change[op] = text()
    elif kind < .72:
        change["remove"] = rng.random() < .93
    elif kind < .82 and page:
        movable = [b for b in nodes if "#" not in b and b != a]
        change["move"] = {rng.choice(("before", "after")): rng.choice(movable)} if movable else {}
    elif kind < .88 and not any(n.cond for n in [*model.up(node, True), *model.down(node)]):
        change["lock"] = rng.choice(("extend", "locked"))
    else:
        change["title"] = words.title()
    if change.get("remove") is None:
        if rng.random() < .12:
            change["title"] = words.title()
        if page and rng.random() < .1:
            change["description"] = words.paragraph()
    first = project["pages"][0]["id"]
    if a == first:
        change.pop("move", None)
        if change.get("remove") is True:
            del change["remove"]
        change = change or {"append": words.text()}
    if "remove" in change or "replace" in change and "replace" in project["explain"] or rng.random() < .1:
        change["reason"] = words.paragraph()
    return dict(rng.sample(list(change.items()), len(change)))  # "key order means nothing"


def insertion(rng, words, project, nodes, lid):
    inserts = project["layers"][lid]["insert"]
    known = lambda section: [a for a in [*nodes, *inserts] if ("#" in a) == section]
    word = rng.choice(model.PLACES + ("after", "after"))
    chained = [a for a in inserts if "#" in a]
    if rng.random() < .25:
        folder = rng.choice(["", *project["folders"], "bijlagen"])
        a = f"{folder}/{words.word()}".lstrip("/")
        targets = [t for t in known(False) if not (word.endswith("_in") and t in nodes and nodes[t].cond)]
        inserts[a] = {word: rng.choice(targets), "title": words.title()}
        if rng.random() < .5:
            file = f"{words.word()}.md"
            page = {"id": a, "file": file, "title": words.title(), "h1": rng.random() < .8, "text": words.paragraphs(), "lock": None,
                    "cond": None, "sections": plain(sections(rng, words, project, False)), "children": []}
            project["files"].setdefault(lid, {})[file] = page
            inserts[a]["file"] = file
            if rng.random() < .5:
                del inserts[a]["title"]
        else:
            inserts[a]["text"] = words.text()
        return
    if rng.random() < .35 and chained:
        target = rng.choice(chained)
    else:
        target = rng.choice(known(True) + known(False))
    page = target.split("#")[0]
    if page in inserts and not any(a.startswith(page + "#") for a in [*inserts]) and "#" not in target:
        word = "last_in"
    if "#" not in target:
        word = rng.choice(("first_in", "last_in"))
    if word.endswith("_in") and "#" in target and level_of(project, nodes, inserts, target) >= 6:
        word = "after"
    inserts[f"{page}#{words.word()}"] = {word: target.split("#")[-1], "title": words.title(), "text": words.text()}


def level_of(project, nodes, inserts, a):
    if a in nodes:
        return nodes[a].level
    if "#" not in a:
        return 1
    word = next(w for w in model.PLACES if w in inserts[a])
    page, target = a.split("#")[0], inserts[a][word]
    anchor = page if target == page and word.endswith("_in") else f"{page}#{target}"
    return level_of(project, nodes, inserts, anchor) + word.endswith("_in")


def plain(tree):
    """Sections of an inserted page: without locks and conditions."""
    for section in tree:
        section.update(lock=None, cond=None)
        plain(section["sections"])
    return tree


# --- files ----------------------------------------------------------------------------------------------------------------------------

def write(project, folder, seed):
    """Writes the project; gives per layer {where: address by line (1-based), at: {"address op": line}} of its YAML."""
    rng, content = random.Random(f"{seed}/files"), Path(folder) / "content"
    (content / "organisations").mkdir(parents=True)
    (Path(folder) / "book.toml").write_text('[book]\ntitle = "Model"\nlanguage = "nl"\nsrc = "content"\n\n[output.html]\nsearch = false\n')
    summary = ["# Inhoud", ""]

    def listed(sources, indent):
        for page in sources:
            summary.append(f"{indent}- [{page['title']}]({page['file']})")
            file = content / page["file"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(markdown(page))
            listed(page["children"], indent + "  ")
    listed(project["pages"], "")
    (content / "SUMMARY.md").write_text("\n".join(summary) + "\n")
    handbook = {"explain": project["explain"], "params": project["params"]}
    (content / "handbook.yaml").write_text("".join(f"{key}: {json.dumps(value)}\n" for key, value in handbook.items() if value))
    lines = {}
    for lid, layer in project["layers"].items():
        for name, page in project["files"].get(lid, {}).items():
            file = content / "organisations" / lid / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(markdown(page))
        text, lines[lid] = yaml(layer, rng)
        (content / "organisations" / f"{lid}.yaml").write_text(text)
    return lines


def markdown(page):
    front = [] if page["h1"] else [f"title: {page['title']}"]
    front += [f"lock: {page['lock']}"] if page["lock"] else []
    front += [f"{page['cond'][0]}: {':'.join(filter(None, page['cond'][1:]))}"] if page["cond"] else []
    blocks = ["\n".join(["---", *front, "---"])] if front else []
    blocks += [f"# {page['title']}"] if page["h1"] else []
    blocks += page["text"]

    def add(sources):
        for s in sources:
            lock = f" .{s['lock']}" if s["lock"] else ""
            cond = f" {s['cond'][0]}={':'.join(filter(None, s['cond'][1:]))}" if s["cond"] else ""
            blocks.append(f"{'#' * s['level']} {s['title']} {{#{s['id']}{lock}{cond}}}")
            blocks.extend(s["text"])
            add(s["sections"])
    add(page["sections"])
    return "\n\n".join(blocks) + "\n"


def yaml(layer, rng):
    """A layer as YAML in mixed styles and key order, with the lines of its addresses and operations."""
    out, where, at = [], [None], {}

    def add(line, address, op=None):
        out.append(line)
        where.append(address)
        if op:
            at[f"{address} {op}"] = len(out)

    def flow(value):
        if isinstance(value, dict):
            return "{" + ", ".join(f"{k}: {flow(v)}" for k, v in value.items()) + "}"
        return value if isinstance(value, str) and re.fullmatch(r"[a-z][a-z0-9 ./-]*[a-z0-9.]", value, re.I) else json.dumps(value)

    def entry(key, value, indent, address, op=None):
        """`key: value`, a text of several lines as a block scalar more often than not."""
        if isinstance(value, str) and "\n" in value and rng.random() < .7:
            add(f"{indent}{key}: {rng.choice(('|', '|-'))}", address, op)
            for line in value.split("\n"):
                add(f"{indent}  {line}" if line else "", address)
        else:
            add(f"{indent}{key}: {flow(value)}", address, op)

    for key in rng.sample(list(layer), len(layer)):
        if not isinstance(layer[key], dict):
            entry(key, layer[key], "", key)
            continue
        if not layer[key]:
            continue
        add(f"{key}:", key)
        for a, value in rng.sample(list(layer[key].items()), len(layer[key])):
            if key == "params":
                entry(a, value, "  ", f"params.{a}", "set")
            elif isinstance(value, str):
                entry(a, value, "  ", a)  # no key, so no exact line
            elif not value or rng.random() < .3:
                entry(a, value, "  ", a, "insert" if key == "insert" else None)
                for op in value if key == "changes" else []:
                    at[f"{a} {op}"] = len(out)
            else:
                add(f"  {a}:", a, "insert" if key == "insert" else None)
                for op, inner in value.items():
                    entry(op, inner, "    ", a, op if key == "changes" and op != "nl" else None)
        if rng.random() < .1:
            add("  # opmerking", None)
    return "\n".join(out) + "\n", {"where": where, "at": at}


if __name__ == "__main__":
    import sys
    write(generate(sys.argv[1]), sys.argv[2], sys.argv[1])
