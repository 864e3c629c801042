"""Reference model of leidraad's override language, from spec.md alone ("…" quotes it): an oracle for compare.py, without input or output.
CHOICES where the spec is silent or has two readings (to be discussed from here when the program disagrees):
A1  "with all below it", "for the whole subtree": below a page are its sections and its sub-pages (the nesting of SUMMARY.md).
A2  Outer `a after s`, `a2 after a` and nearer `b after s` give s a a2 b: what hangs on a stays with it ("the outer stands first").
A3  A moved page leaves behind what outer layers put before/after it; anchors mean places after all moves of their own layer; oneself or
    one's own sub-page as anchor is E111.
A4  What stands before/after a removed thing stays. An anchor removed by an outer layer is E108, by the same layer allowed, but an insert
    or move that ends up below what the same layer removes is E107.
A5  `remove: false` needs no reason, may stand with other operations, lifts the removal at its own address only, is E108 while something
    above stays removed, noop with nothing to lift. `remove: true` of what is removed is E108. An insert at a removed address is E109.
A6  A layer's `lock` binds nearer layers only. Under `extend`, `lock: locked` is allowed, `lock: extend` noop, inserting and moving into it
    allowed. Under `locked` all is E105, `lock` and inserting or moving into it too.
A7  data-origin/-change: the text's last replace or insert; only where there is none, extend of the nearest prepend or append.
A8  overridden: by a nearer replace (replace, prepend, append; never insert), a nearer one of that op at that address, or a nearer removal
    at or above it (an outer `remove` too). A value, title or place equal to the inherited one is applied.
A9  noop: A5, A6, and all at or below what `when`/`unless` hides (unless overridden). `unless` of a parameter without value shows.
A10 An inserted section has its sibling anchor's level, or one more than what it is first_in/last_in. No anchor or several, `{}`: E107.
A11 `changes` may address the same layer's inserts too, once they are there; `remove: true` of one is E107, `remove: false` a noop. E110 of a cycle may stand at any of its layers."""
import re

REMOVE_SUBPAGES, LOCK_SUBPAGES, MARK_NEAREST = True, True, False  # A1, A1, A7: turn one to see what the other reading gives
PLACES, TEXTS, RANK = ("before", "after", "first_in", "last_in"), ("replace", "prepend", "append"), {None: 0, "extend": 1, "locked": 2}
OPS = ("title", "description", *TEXTS, "remove", "lock", "move")  # "`reason`, `accepted`, `links` annotate"

class Node:
    def __init__(self, **fields):
        self.__dict__.update(fields)

def paragraphs(text):
    text = "".join(text.values()) if isinstance(text, dict) else text or ""  # a map per language: of the one language
    return [" ".join(block.split()) for block in re.split(r"\n\s*\n", text) if block.strip()]

def grow(nodes, parent, address, level, source, by=None):
    """A page (level 1) with its sections and sub-pages, or a section (2 to 6); `nodes` learns every address."""
    nodes[address] = node = Node(
        address=address, level=level, by=by, title=source.get("title"), text=source.get("text", []), cond=source.get("cond"),
        lock=RANK[source.get("lock")], parent=parent, anchor=None, own=[], removed=None)  # own: text operations; removed: layer's index
    page = address.split("#")[0]
    node.children = [grow(nodes, node, f"{page}#{s['id']}", s["level"], s, by) for s in source.get("sections", [])]
    node.children += [grow(nodes, node, p["id"], 1, p, by) for p in source.get("children", [])]
    return node

def up(node, subpages):
    """The node and what it stands in: to its page, or also the pages above it where sub-pages count as below."""
    while node and node.level > 0:
        yield node
        node = None if node.level == 1 and not subpages else node.parent

def down(node):
    return [d for child in node.children for d in (child, *down(child))]
def lock_on(node):
    return max((n.lock for n in up(node, LOCK_SUBPAGES)), default=0)
def attached(node):
    return node.level == 0 or node.parent and attached(node.parent)
def hangs(node, anchor):  # directly or on what hangs on it
    return node.anchor == anchor or node.anchor is not None and hangs(node.anchor[1], anchor)

def put(node, word, target):
    """"across layers the outer stands first": the node comes after all that hangs on the same anchor already (A2)."""
    inside, node.anchor = word.endswith("_in"), (word, target)
    node.parent = target if inside else target.parent
    row = node.parent.children
    at = {"first_in": 0, "last_in": len(row)}[word] if inside else row.index(target) + (word == "after")
    while word in ("after", "first_in") and at < len(row) and hangs(row[at], node.anchor):
        at += 1
    row.insert(at, node)
    node.level = 1 if node.level == 1 else target.level + inside  # A10

def apply(project, state, index, lid):
    """Lays a layer over the state; gives its errors (code, {(layer, address)}), each due at one of its addresses at least."""
    layer, nodes, root, log, errors, place, spots = project["layers"][lid], state["nodes"], state["root"], state["log"], [], {}, {}
    # "A bare text, or a map per language, is `replace`."
    changes = {a: {"replace": c} if isinstance(c, str) or project["lang"] in c else c for a, c in layer.get("changes", {}).items()}
    inserts, targets = layer.get("insert", {}), {a: nodes[a] for a in changes if a in nodes}
    locks = {a: lock_on(n) for a, n in targets.items()}
    own = {a for a in changes if a in inserts or a.split("#")[0] in inserts}  # A11
    remove = lambda node: changes.get(node.address, {}).get("remove")
    err = lambda code, *addresses: errors.append((code, {(lid, a) for a in addresses}))
    gone = lambda node: any(n.removed is not None and remove(n) is not False for n in up(node, REMOVE_SUBPAGES))
    # "`remove: true` with anything else at or below that address in the same layer"
    clash = lambda below: [err("E107", n.address, a) for a in below for n in [*up(nodes[a], REMOVE_SUBPAGES)][1:] if remove(n) is True]
    state["params"].update(layer.get("params", {}))
    log += [(index, lid, None, f"params.{name}", "set", False) for name in layer.get("params", {})]
    errors += [("E114", {(lid, f"params.{name}")}) for name in layer.get("params", {}) if name not in project["params"]]
    for a, c in changes.items():
        ops, cuts, move, lock = {*OPS} & {*c}, c.get("remove") is True, "move" in c, locks.get(a)
        # "E107 also: `replace` with `prepend`/`append`, `remove: true` with anything else at … that address …, an empty text"
        if not ops or any(o in c and not paragraphs(c[o]) for o in TEXTS) or "replace" in ops and ops & {"prepend", "append"} \
                or cuts and len(ops) > 1 or move and len(c["move"]) != 1:
            err("E107", a)
        # "comply or explain: these need a `reason` (E120)"
        needed = "remove" if cuts else "replace" if "replace" in c else None
        if needed in project["explain"] and not c.get("reason"): err("E120", a)
        if a in own:
            if cuts: err("E107", a)
        elif a not in nodes: err("E103" if a.split("#")[0] in nodes else "E102", a)
        elif gone(nodes[a]): err("E108", a)
        # "nothing / only prepend, append, insert"; "Removing or moving what contains a `locked` or `extend` section is E105."
        elif lock == 2 and ops or lock == 1 and ops - {"prepend", "append", "lock"} or (cuts or move) and any(
                d.lock for d in down(nodes[a]) if move or nodes[a] in up(d, REMOVE_SUBPAGES)):
            err("E105", a)
    clash(targets)

    for a, c in sorted(inserts.items(), key=lambda item: "#" in item[0]):  # pages first: a section may be for a new page
        page, section, words = a.split("#")[0], "#" in a, [w for w in PLACES if w in c]
        if len(words) != 1 or "file" not in c and not paragraphs(c.get("text")): err("E107", a)
        if words:  # "A new section's anchor is a section id of its page, or with first_in/last_in the page id."
            target = c[words[0]]
            spots[a] = words[0], target if not section or target == page and words[0].endswith("_in") else f"{page}#{target}"
        if a in nodes: err("E109", a)
        elif section and page not in nodes: err("E102", a)
        elif words:
            source = project["files"][lid][c["file"]] if "file" in c else {"text": paragraphs(c.get("text"))}
            source = {**source, "title": c.get("title", source.get("title"))}  # "title from `title`, front matter or h1"
            log.append((index, lid, grow(nodes, None, a, 2 if section else 1, source, lid), a, "insert", False))
            place[a] = spots[a]
    for a, page in ((a, n) for a, n in targets.items() if changes[a].get("move")):  # "(with its sub-pages)"
        place[a] = spots[a] = next(iter(changes[a]["move"].items()))
        for n in (n for n in nodes.values() if n.anchor in (("before", page), ("after", page))):
            n.anchor = page.anchor  # A3: it stays, in the page's stead
        page.parent.children.remove(page)
        page.parent = page.anchor = None
    for a in spots:  # "Two inserts or moves at one anchor (same word, same target) in one layer are E107"
        same = [b for b, anchor in spots.items() if anchor == spots[a] and ("#" in b) == ("#" in a)]
        if same[0] == a != same[-1]: err("E107", *same)
    for a, (word, target) in place.items():
        if target in nodes and gone(nodes[target]): err("E108", a)
        elif target not in nodes and target not in inserts: err("E103" if "#" in a else "E102", a)
    todo = {a: (word, nodes.get(target, root)) for a, (word, target) in place.items()}
    while ready := [a for a, (word, target) in todo.items() if attached(target)]:
        for a in ready:
            word, target = todo.pop(a)
            put(nodes[a], word if target is not root else "last_in", target)
            if lock_on(nodes[a].parent) == 2: err("E105", a)
    if todo: err("E111", *todo)
    clash(place)
    errors += [("E103", {(lid, a)}) for a in own if a not in nodes]
    targets |= {a: nodes[a] for a in own if a in nodes}
    locks |= {a: lock_on(nodes[a]) for a in own if a in nodes}

    for a, op in ((a, op) for a in targets for op in OPS if op in changes[a]):
        n, value = targets[a], changes[a][op]
        noop = op == "remove" and not value and n.removed is None or op == "lock" and RANK[value] <= locks[a]
        log.append((index, lid, n, a, op, noop))
        if op in TEXTS: n.own.append((lid, op, paragraphs(value)))
        n.title = "".join(paragraphs(value)) if op == "title" else n.title
        n.removed = (index if value else None) if op == "remove" else n.removed
        n.lock = max(n.lock, RANK[value]) if op == "lock" else n.lock  # "They only tighten down a chain."
    return errors

def chain(project, lid):
    """The layers from the outermost to `lid`, and what broke the chain: an unknown or a repeated layer, or None."""
    lids = []
    while lid in project["layers"] and lid not in lids:
        lids, lid = [lid, *lids], project["layers"][lid].get("extends")
    return lids, lid

def resolve(project, lids):
    """The state after these layers, and the errors of the last."""
    state, errors = {"nodes": {}, "log": [], "params": {name: p.get("default") for name, p in project["params"].items()}}, []
    state["root"] = grow({}, None, "", 0, {})
    state["root"].children = [grow(state["nodes"], state["root"], page["id"], 1, page) for page in project["pages"]]
    for index, lid in enumerate(lids):
        errors = apply(project, state, index, lid)
    return state, errors

def faults(project, only=None):
    """What `check` must report, by layer (or of one). Below a faulty layer, or without a chain, nothing but E110 is to be compared."""
    found, reserved = {}, {project["lang"], "base", "assets", "accepted", *project["folders"]}
    for lid in [only] if only else project["layers"]:
        lids, broken = chain(project, lid)
        # "A layer id equal to a language, `base`, `assets`, `accepted` or a top-level page folder is E109."
        found[lid] = ([("E109", {(lid, "*")})] if lid in reserved else []) + ([] if broken else resolve(project, lids)[1])
        if broken and (broken == lid or len(lids) == 1):
            found[lid].append(("E110", {(name, "extends") for name in lids}))
    return found

def edition(project, lid):
    """The edition of a layer (None: the base): pages in order, each with its sections depth first, and the provenance."""
    state, _ = resolve(project, chain(project, lid)[0])

    def hides(node):  # "shown only then (no value: false)"
        word, name, option = node.cond or (None, None, None)
        return bool(word) and (state["params"][name] == (True if option is None else option)) != (word == "when")
    hidden = lambda node: any(hides(n) for n in up(node, REMOVE_SUBPAGES))
    removed = lambda node, since: any(n.removed is not None and n.removed > since for n in up(node, REMOVE_SUBPAGES))

    def piece(node):
        before, text, after, mark = [], node.text, [], (node.by, node.by and "insert")
        for by, op, own in node.own:
            if op == "replace":  # "A nearer `replace` discards what outer layers did to that text"
                before, text, after, mark = [], own, [], (by, "replace")
            else:  # "nearer.prepend, outer.prepend, text, outer.append, nearer.append"
                before, after = (own + before, after) if op == "prepend" else (before, after + own)
                mark = (by, "extend") if mark[1] in (None, "extend") or MARK_NEAREST else mark
        return dict(address=node.address, level=node.level, title=node.title, text=before + text + after, origin=mark[0], change=mark[1])

    def status(index, lid, node, address, op, noop):
        discards = {"prepend": "replace", "append": "replace", "insert": None}.get(op, op)
        nearer = any(e[0] > index and e[3:] == (address, discards, False) for e in state["log"]) or node and removed(node, index)
        return "noop" if noop or not nearer and node and hidden(node) else "overridden" if nearer else "applied"

    shown = [piece(n) for n in down(state["root"]) if not hidden(n) and not removed(n, -1)]
    return {"pages": [{**page, "sections": [p for p in shown if p["address"].startswith(page["address"] + "#")]}
                      for page in shown if page["level"] == 1],
            "provenance": [(e[3], e[1], e[4], status(*e)) for e in state["log"]]}
