"""`compare.py --self-test`: the model against hand-made cases and the laws of §5, the generator, and compare.py against a fake program.

The fake program answers `check` and `build` from the model itself, so a faultless run must pass; each of its SABOTAGES must be seen.
"""
import copy
import html
import json
import os
import random
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import compare
import generate
import model

SABOTAGES = ["order", "text", "origin", "change", "title", "h1", "level", "nesting", "extra-page", "lost-page", "state", "lost-entry", "line",
             "missing-error", "extra-error", "wrong-place", "crash", "garbage"]


# --- the model against hand-made cases --------------------------------------------------------------------------------------------------

def section(section_id, level, *children, **more):
    return {"id": section_id, "level": level, "title": section_id.upper(), "text": [f"text {section_id}"], "sections": list(children), **more}


def page(page_id, *sections, children=(), **more):
    return {"id": page_id, "file": f"{page_id}.md", "title": page_id.upper(), "text": [f"text {page_id}"], "sections": list(sections),
            "children": list(children), **more}


def project(*layers, pages=None, explain=None):
    """Layers l1, l2, … each extending the one before."""
    pages = pages or [page("p", section("a", 2, section("b", 3), section("c", 3)), section("d", 2)),
                      page("q", section("s", 2), children=[page("q/r"), page("q/t")]), page("z")]
    named = {f"l{i}": {"name": "L", **({"extends": f"l{i - 1}"} if i > 1 else {}), **layer} for i, layer in enumerate(layers, 1)}
    return {"lang": "nl", "params": {"flag": {"type": "boolean"}}, "explain": explain or {}, "folders": ["q"], "pages": pages, "files": {},
            "layers": named}


def codes(*layers, **more):
    """"code address/address" of the last layer."""
    made = project(*layers, **more)
    return sorted(f"{code} {'/'.join(sorted(a for _, a in places))}" for code, places in model.faults(made)[f"l{len(layers)}"])


def edition(*layers, **more):
    made = project(*layers, **more)
    assert not any(model.faults(made).values()), model.faults(made)
    return model.edition(made, f"l{len(layers)}")


def order(*layers, **more):
    return " ".join(p["address"] for p in edition(*layers, **more)["pages"])


def ids(page_id, *layers, **more):
    found = next(p for p in edition(*layers, **more)["pages"] if p["address"] == page_id)
    return " ".join(f"{s['address'].split('#')[1]}{s['level']}" for s in found["sections"])


def piece(address, *layers, **more):
    made = edition(*layers, **more)
    return next(s for p in made["pages"] for s in (p, *p["sections"]) if s["address"] == address)


def states(*layers, **more):
    return [f"{layer} {address} {op} {state}" for address, layer, op, state in edition(*layers, **more)["provenance"]]


def equal(got, due):
    assert got == due, f"\n  got      {got}\n  expected {due}"


def new(**anchor):
    return {"title": "N", "text": "new", **anchor}


def hand_made():
    change = lambda **c: {"changes": {k.replace("__", "#"): v for k, v in c.items()}}
    insert = lambda **c: {"insert": {k.replace("__", "#"): v for k, v in c.items()}}
    # texts: "nearer.prepend, outer.prepend, text, outer.append, nearer.append"
    one, two = change(p__a={"prepend": "1", "append": "2"}), change(p__a={"prepend": "3", "append": "4"})
    found = piece("p#a", one, two)
    equal((found["text"], found["origin"], found["change"]), (["3", "1", "text a", "2", "4"], "l2", "extend"))
    found = piece("p#a", one, change(p__a="5"), change(p__a={"append": "6\n\n7"}))
    equal((found["text"], found["origin"], found["change"]), (["5", "6", "7"], "l2", "replace"))
    equal(piece("p", change(p={"nl": "x y"}))["text"], ["x y"])
    equal(states(one, change(p__a="5")), ["l1 p#a prepend overridden", "l1 p#a append overridden", "l2 p#a replace applied"])
    found = piece("p", change(p={"title": "T"}))
    equal((found["title"], found["origin"]), ("T", None))
    # inserts: places, levels, chains, the outer first
    equal(ids("p", insert(p__n=new(after="a"))), "a2 b3 c3 n2 d2")
    equal(ids("p", insert(p__n=new(before="b"), p__m=new(first_in="a"), p__k=new(last_in="a"))), "a2 m3 n3 b3 c3 k3 d2")
    equal(ids("p", insert(p__n=new(first_in="p"), p__m=new(last_in="p"))), "n2 a2 b3 c3 d2 m2")
    equal(ids("p", insert(p__n=new(after="a"), p__m=new(after="n")), insert(p__k=new(after="a"))), "a2 b3 c3 n2 m2 k2 d2")
    equal(ids("p", insert(p__n=new(before="d")), insert(p__k=new(before="d"), p__m=new(after="a"))), "a2 b3 c3 m2 n2 k2 d2")
    equal(ids("p", insert(p__n=new(first_in="a")), insert(p__k=new(first_in="a"), p__m=new(first_in="k"))), "a2 n3 k3 m4 b3 c3 d2")
    equal(ids("p", insert(p__n=new(after="a")), change(p__a={"remove": True})), "n2 d2")
    equal(ids("p", insert(p__n=new(last_in="a")), change(p__a={"remove": True})), "d2")
    equal(states(insert(p__n=new(last_in="a")), change(p__a={"remove": True})), ["l1 p#n insert overridden", "l2 p#a remove applied"])
    equal(piece("p#n", insert(p__n=new(after="a")))["change"], "insert")
    equal(piece("p#n", insert(p__n=new(after="a")), change(p__n="x"))["change"], "replace")
    # pages: order, moves with sub-pages, removals and restores
    equal(order({}), "p q q/r q/t z")
    equal(order(change(q={"move": {"after": "z"}})), "p z q q/r q/t")
    equal(order({"changes": {"q/r": {"move": {"before": "p"}}, "p": {"move": {"after": "z"}}}}), "q q/t z q/r p")
    equal(order(insert(n=new(after="q")), change(q={"move": {"after": "z"}})), "p n z q q/r q/t")
    equal(order(insert(n=new(after="q")), change(q={"move": {"after": "p"}})), "p q q/r q/t n z")
    equal(order(insert(n=new(first_in="q")), change(q={"move": {"after": "z"}})), "p z q n q/r q/t")
    equal(order(change(q={"remove": True})), "p z")
    equal(order(change(q={"remove": True}), change(q={"remove": False})), "p q q/r q/t z")
    equal(states(change(q={"remove": True}), change(q={"remove": False})), ["l1 q remove overridden", "l2 q remove applied"])
    equal(states(change(q={"remove": False})), ["l1 q remove noop"])
    equal(states(insert(n=new(after="q")), change(n={"remove": True}), change(n={"remove": False}))[0], "l1 n insert applied")
    equal(states({"changes": {"q/r": "x"}}, change(q={"remove": True})), ["l1 q/r replace overridden", "l2 q remove applied"])
    equal(states({"params": {"flag": True}}, {"params": {"flag": False}}), ["l1 params.flag set overridden", "l2 params.flag set applied"])
    # conditions
    pages = [page("p", section("a", 2, section("b", 3), cond=["when", "flag", None]), section("d", 2, cond=["unless", "flag", None]))]
    equal(ids("p", {}, pages=pages), "d2")
    equal(ids("p", {"params": {"flag": True}}, pages=pages), "a2 b3")
    equal(states(change(p__b="x"), pages=pages), ["l1 p#b replace noop"])
    # faults
    equal(codes(change(x="y")), ["E102 x"])
    equal(codes(change(p__x="y")), ["E103 p#x"])
    equal(codes(insert(p__n=new(after="x")), insert(p__m=new(after="n"))), [])
    equal(codes(insert(p__n=new(after="x"))), ["E103 p#n"])
    equal(codes(insert(x__n=new(last_in="x"), n=new(after="y"))), ["E102 n", "E102 x#n"])
    equal(codes(insert(p__a=new(after="d"), z=new(after="q"))), ["E109 p#a", "E109 z"])
    equal(codes(insert(p__n=new(after="m"), p__m=new(after="n"))), ["E111 p#m/p#n"])
    equal(codes({"changes": {"q": {"move": {"after": "q/r"}}}}), ["E111 q"])
    equal(codes(insert(p__n=new(after="a"), p__m=new(after="a"))), ["E107 p#m/p#n"])
    equal(codes(change(p={"move": {"after": "z"}}), ), [])
    equal(codes({**change(p={"move": {"after": "z"}}), **insert(n=new(after="z"))}), ["E107 n/p"])
    equal(codes(change(p__a={"replace": "x", "append": "y"}, p__d={"append": ""}, z={"reason": "x"})), ["E107 p#a", "E107 p#d", "E107 z"])
    equal(codes(change(p__a={"remove": True}, p__b={"title": "T"})), ["E107 p#a/p#b"])
    equal(codes({**change(p__a={"remove": True}), **insert(p__n=new(after="b"))}), ["E107 p#a/p#n"])
    equal(codes({**change(p__a={"remove": True}), **insert(p__n=new(after="a"))}), [])
    equal(codes(change(q={"remove": True}), {"changes": {"q/r": "x", "q#s": {"remove": False}}, **insert(n=new(last_in="q"))}),
          ["E108 n", "E108 q#s", "E108 q/r"])
    equal(codes(change(p__a={"remove": True}), change(p__a={"remove": False}, p__b="x")), [])
    equal(codes({"params": {"flog": 1}}), ["E114 params.flog"])
    equal(codes(change(p="x", z={"remove": True}, q={"remove": True, "reason": "r"}), explain={"remove": "required", "replace": "required"}),
          ["E120 p", "E120 z"])
    pages = [page("p", section("a", 2, section("b", 3, lock="locked"), section("c", 3), section("e", 3, lock="extend"))), page("z", lock="extend")]
    locked = lambda *layers: codes(*layers, pages=pages)
    equal(locked(change(p__b={"append": "x"}, p__e={"append": "x"}, z="x")), ["E105 p#b", "E105 z"])
    equal(locked(change(p__a={"remove": True}, z={"move": {"before": "p"}})), ["E105 p#a", "E105 z"])
    equal(locked(change(p__a="x"), insert(p__n=new(last_in="b"), p__m=new(last_in="e"), p__k=new(after="b"))), ["E105 p#n"])
    equal(locked(change(p__c={"lock": "locked", "append": "x"}), change(p__c={"append": "x"})), ["E105 p#c"])
    equal(locked(change(p__e={"lock": "extend"})), [])
    equal(codes({"changes": {"q": {"lock": "locked"}}}, {"changes": {"q/r": {"append": "x"}}, **insert(n=new(last_in="q"))}), ["E105 n", "E105 q/r"])
    made = project({"extends": "none"}, {}, {})
    made["layers"]["l2"]["extends"] = "l3"
    made["layers"]["base"] = {"name": "x"}
    equal({lid: sorted(c for c, _ in e) for lid, e in model.faults(made).items()}, {"l1": ["E110"], "l2": ["E110"], "l3": ["E110"], "base": ["E109"]})


def laws(cases):
    """"an empty layer anywhere in a chain changes no byte"; "same result whatever key order"; "operations written = provenance entries";
    "layers over disjoint sections commute" (texts only)."""
    for i in range(cases):
        made, rng = generate.generate(f"law/{i}"), random.Random(i)
        for lid, layer in made["layers"].items():
            if any(model.faults(made).values()):
                break
            before = model.edition(made, lid)
            shuffled, padded = copy.deepcopy(made), copy.deepcopy(made)
            for block in ("changes", "insert", "params"):
                if block in layer:
                    shuffled["layers"][lid][block] = dict(rng.sample(list(layer[block].items()), len(layer[block])))
            after = model.edition(shuffled, lid)
            equal((after["pages"], sorted(after["provenance"])), (before["pages"], sorted(before["provenance"])))
            padded["layers"]["leeg"] = {"name": "Leeg", "extends": layer.get("extends")}
            padded["layers"][lid]["extends"] = "leeg"
            equal(model.edition(padded, lid), before)
            written = 0
            for name in model.chain(made, lid)[0]:
                other = made["layers"][name]
                written += len(other.get("params", {})) + len(other.get("insert", {}))
                for c in other.get("changes", {}).values():
                    written += 1 if isinstance(c, str) or "nl" in c else sum(op in model.OPS for op in c)
            equal(len(before["provenance"]), written)
    text = lambda: {rng.choice(("prepend", "append", "replace", "title")): "x"}
    for i in range(cases):
        rng = random.Random(i)
        a, b = {"changes": {"p#a": text(), "q": text()}}, {"changes": {"p#b": text(), "p": text(), "q#s": text()}}
        strip = lambda made: [(p["address"], p["text"], p["title"], [(s["text"], s["title"]) for s in p["sections"]]) for p in made["pages"]]
        equal(strip(edition(a, b)), strip(edition(b, a)))


def generator(cases):
    """The same seed gives the same project in another process with another hash seed; lines are where they are said to be."""
    with tempfile.TemporaryDirectory() as folder:
        for name, hash_seed in (("a", "1"), ("b", "2")):
            for i in range(3):
                subprocess.run([sys.executable, generate.__file__, f"det/{i}", f"{folder}/{name}/{i}"], check=True,
                               env={**os.environ, "PYTHONHASHSEED": hash_seed})
        assert subprocess.run(["diff", "-r", f"{folder}/a", f"{folder}/b"], capture_output=True).returncode == 0, "not deterministic"
        faulty = total = 0
        for i in range(cases):
            made = generate.generate(f"gen/{i}")
            lines = generate.write(made, f"{folder}/gen/{i}", f"gen/{i}")
            faulty, total = faulty + sum(map(bool, model.faults(made).values())), total + len(made["layers"])
            for lid in made["layers"]:
                written = [""] + Path(f"{folder}/gen/{i}/content/organisations/{lid}.yaml").read_text().split("\n")
                for key, line in lines[lid]["at"].items():
                    address, op = key.split(" ")
                    name = address.removeprefix("params.") if op in ("set", "insert") else op
                    assert f"{name}:" in written[line] and lines[lid]["where"][line] == address, (i, lid, key, line)
        print(f"  {100 * faulty // total} % of {total} layers faulty")
        assert .2 < faulty / total < .4


# --- a fake program -----------------------------------------------------------------------------------------------------------------------

def render(page, pages, here, sabotage):
    """A page with the hooks of §8 and what must be ignored: navigation, marks, anchors, notices."""
    up = "../" * here.count("/")
    quoted = lambda text: html.escape(text).replace(" ", " \n", 1)

    def own(piece):
        if piece["text"] and sabotage == "text":
            piece["text"].pop()
        attributes = f' data-origin="{piece["origin"]}" data-change="{piece["change"]}"' if piece["origin"] else ""
        mark = f'<p class="mark"><em>{piece["origin"]}</em></p><div class="a mark"><p>Eigen tekst</p></div>' if piece["origin"] else ""
        return attributes, mark + "".join(
            f'<h5 id="x">{p.lstrip("# ")}<a class="anchor" href="#x">#</a></h5>' if p.startswith("#") else f"<p>{quoted(p)}</p>\n" for p in piece["text"])

    attributes, text = own(page)
    out = [f'<!doctype html><html lang="nl"><body data-edition="{pages["edition"]}" data-page="{page["address"]}"><nav><p>x</p><section '
           f'data-address="no#no"><h2>no</h2></section></nav><main id="content"><p class="notice">kop</p><h1>{page["title"]}<a class="anchor" '
           f'href="#">¶</a></h1><div data-address="{page["address"]}"{attributes}>{text}</div>']
    path = []
    for s in page["sections"]:
        while path and path[-1] >= s["level"]:
            path.pop()
            out.append("</section>")
        attributes, text = own(s)
        name = s["address"].split("#")[1]
        out.append(f'<section id="{name}" data-address="{s["address"]}"{attributes}><h{s["level"]}>{s["title"]}'
                   f'<a class="x anchor" href="#{name}"><span>#</span></a></h{s["level"]}>{text}<hr>')
        path.append(s["level"])
    return "".join(out) + "</section>" * len(path) + f'<a href="{up}z.html">x</a></main><footer><p>y</p></footer></body></html>'


def fake(sabotage, command, folder, *rest):
    stored = json.loads((Path(folder).parent / "case.json").read_text())
    made, lines, found = stored["project"], stored["lines"], model.faults(stored["project"])
    if sabotage == "crash":
        return 101
    if command == "check":
        report = [{"severity": "warning", "code": "W204", "path": None, "line": None, "message": ""}]
        if sabotage == "extra-error":
            report.append({"severity": "error", "code": "E101", "path": f"content/organisations/{list(lines)[0]}.yaml", "line": 1})
        for lid in found:
            for code, places in found[lid][1:] if sabotage == "missing-error" else found[lid]:
                lid_at, address = sorted(places)[0]
                where = lines[lid_at]["where"]
                line = 1 if address == "*" else where.index(address)
                line = line + 1 if sabotage == "wrong-place" else line
                report.append({"severity": "error", "code": code, "path": f"content/organisations/{lid_at}.yaml", "line": line, "message": "m"})
        print("x" if sabotage == "garbage" else json.dumps(report))
        return int(any(found.values()))
    out, files = Path(rest[rest.index("-d") + 1]), compare.page_files(made)
    for lid in [None, *made["layers"]]:
        lids, broken = model.chain(made, lid)
        if broken or any(found[a] for a in lids) or lid and made["layers"][lid].get("abstract"):
            continue
        pages, folder = model.edition(made, lid), out / lid if lid else out
        pages["edition"] = lid or "base"
        spoil(pages, sabotage)
        for p in pages["pages"]:
            file = folder / files[p["address"]]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(render(p, pages, files[p["address"]], sabotage))
        if sabotage == "extra-page":
            (folder / "weg.html").write_text("x")
        links = [p["address"] for p in pages["pages"]]
        links = links[::-1] if sabotage == "order" else links
        (folder / "register.html").write_text('<main id="content">' + "".join(f'<a href="{files[a]}#b">x</a>' for a in links) + "</main>")
        entries = [{"address": a, "layer": name, "op": op, "state": state, "file": f"content/organisations/{name}.yaml",
                    "line": lines[name]["at"].get(f"{a} {op}", lines[name]["where"].index(a)) + (sabotage == "line")}
                   for a, name, op, state in pages["provenance"]]
        if lid:
            (folder / "provenance.json").write_text(json.dumps(entries))
    return int(any(found.values()))


def spoil(pages, sabotage):
    every = [s for p in pages["pages"] for s in p["sections"]]
    own = [s for s in [*pages["pages"], *every] if s["origin"]]
    if sabotage == "origin" and own:
        own[0]["origin"] = "iemand"
    elif sabotage == "change" and own:
        own[-1]["change"] = "extend" if own[-1]["change"] != "extend" else "replace"
    elif sabotage == "title" and every:
        every[0]["title"] += "x"
    elif sabotage == "h1":
        pages["pages"][0]["title"] = "x"
    elif sabotage == "level" and every:
        every[0]["level"] += 1
    elif sabotage == "nesting" and every:
        every[0]["address"] += "x"
    elif sabotage == "lost-page":
        pages["pages"].pop()
    elif sabotage == "state" and pages["provenance"]:
        pages["provenance"][0] = (*pages["provenance"][0][:3], "stale")
    elif sabotage == "lost-entry" and pages["provenance"]:
        pages["provenance"].pop()


def pipeline():
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "leidraad"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{__file__}" "$SABOTAGE" "$@"\n')
        program.chmod(program.stat().st_mode | stat.S_IEXEC)
        for sabotage in ["", *SABOTAGES]:
            os.environ["SABOTAGE"] = sabotage
            for i in range(24):
                _, differences, _, _ = compare.case((str(program), "self", i, folder, True))
                if differences:
                    break
            assert bool(differences) == bool(sabotage), f"{sabotage or 'nothing spoilt'}: case {i}: {differences[:3]}"
            print(f"  {sabotage}: {differences[0].splitlines()[0]}" if sabotage else f"  nothing spoilt: {i + 1} cases pass")


def main():
    for name, test in (("hand-made cases", hand_made), ("laws", lambda: laws(60)), ("generator", lambda: generator(150)), ("pipeline", pipeline)):
        print(name)
        test()
    print("self-test passed")
    return 0


if __name__ == "__main__":
    sys.exit(fake(*sys.argv[1:]))
