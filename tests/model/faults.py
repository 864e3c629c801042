"""Faults for the projects of generate.py: `break_layers` gives most layers of a project one or two, each as an author might make it."""
import copy

import model


def break_layers(rng, words, project):
    faulty = []
    for lid in sorted(project["layers"], key=lambda lid: -len(model.chain(project, lid)[0])):  # leaves first
        below = [f for f in faulty if lid in model.chain(project, f)[0]]
        above = [f for f in faulty if f in model.chain(project, lid)[0]]
        if below or above or rng.random() > .9:
            continue
        for _ in range(rng.choice((1, 1, 1, 2))):
            for _ in range(12):
                new, trial = lid, {**project, **{block: {**project[block]} for block in ("layers", "files", "refused")}}
                trial["layers"][lid] = copy.deepcopy(project["layers"][lid])
                try:
                    new = rng.choice(FAULTS)(rng, words, trial, lid) or lid
                except IndexError:  # nothing there to break in this way
                    continue
                before, found = model.faults(project, lid)[lid], model.faults(trial, new)[new]
                per_place = [(a, code) for code, places in found for a in places]
                if len(before) < len(found) <= len(before) + 3 and len({a for a, _ in per_place}) == len({*per_place}):
                    project.clear()
                    project.update(trial)
                    lid = new
                    break
        if model.faults(project, lid)[lid]:
            faulty.append(lid)


def situation(project, lid):
    """(changes, inserts, inherited nodes, addresses that are free to be broken)."""
    layer = project["layers"][lid]
    lids, broken = model.chain(project, lid)
    nodes = model.resolve(project, [] if broken else lids[:-1])[0]["nodes"]
    changes, inserts = layer.setdefault("changes", {}), layer.setdefault("insert", {})
    related = lambda a, b: a == b or nodes[a] in model.up(nodes[b], True) or nodes[b] in model.up(nodes[a], True)
    busy = [b for b in changes if b in nodes]
    free = [a for a, n in nodes.items() if not any(related(a, b) for b in busy) and not model.lock_on(n)
            and not any(m.removed is not None for m in model.up(n, True))]
    return changes, inserts, nodes, free


def fault_unknown_page(rng, words, project, lid):
    changes, inserts, nodes, free = situation(project, lid)
    kind, none = rng.randrange(5), words.word()
    if kind == 0:
        changes[none] = {"append": words.text()}
    elif kind == 1:
        changes[f"{none}#{words.word()}"] = {"prepend": words.text()}
    elif kind == 2:
        inserts[f"{none}#{words.word()}"] = {"last_in": none, "title": words.title(), "text": words.text()}
    elif kind == 3:
        inserts[words.word()] = {rng.choice(model.PLACES): none, "title": words.title(), "text": words.text()}
    else:
        changes[rng.choice([a for a in free if "#" not in a])] = {"move": {rng.choice(("before", "after")): none}}


def fault_unknown_section(rng, words, project, lid):
    changes, inserts, nodes, free = situation(project, lid)
    page = rng.choice([a for a in free if "#" not in a])
    if rng.random() < .5:
        changes[f"{page}#{words.word()}"] = {"append": words.text()}
    else:
        elsewhere = [s for s in dict.fromkeys(a.split("#")[1] for a in nodes if "#" in a) if f"{page}#{s}" not in nodes]
        inserts[f"{page}#{words.word()}"] = {rng.choice(model.PLACES): rng.choice(elsewhere), "title": words.title(), "text": words.text()}


def fault_locked(rng, words, project, lid):
    changes, inserts, nodes, free = situation(project, lid)
    alive = lambda n: not any(m.removed is not None for m in model.up(n, True))
    held = [a for a, n in nodes.items() if model.lock_on(n) and a not in changes and alive(n)]
    above = [a for a in free if any(d.lock for d in model.down(nodes[a])) and a != project["pages"][0]["id"]]
    if above and rng.random() < .4:
        a = rng.choice(above)
        changes[a] = {"remove": True, "reason": words.paragraph()}
        others = [b for b in nodes if "#" not in b and nodes[a] not in model.up(nodes[b], True) and alive(nodes[b])]
        if "#" not in a and others and rng.random() < .5:
            changes[a] = {"move": {"after": rng.choice(others)}}
        return
    a = rng.choice(held)
    locked = model.lock_on(nodes[a]) == 2
    if locked and rng.random() < .4:
        target = a.split("#")[-1]
        inserts[f"{a.split('#')[0]}#{words.word()}"] = {rng.choice(("first_in", "last_in")): target, "title": words.title(), "text": words.text()}
    else:
        changes[a] = rng.choice(([{"append": words.text()}] if locked else []) + [
            {"replace": words.text(), "reason": words.paragraph()}, {"title": words.title()}, {"remove": True, "reason": words.paragraph()}])


def fault_contradiction(rng, words, project, lid):
    changes, inserts, nodes, free = situation(project, lid)
    a, kind, why = rng.choice(free), rng.randrange(9), words.paragraph()
    page, text = a.split("#")[0], words.text
    new = lambda **c: {"title": words.title(), "text": text(), **c}
    if kind == 0:
        changes[a] = {"replace": text(), rng.choice(("prepend", "append")): text(), "reason": why}
    elif kind == 1:
        changes[a] = {"remove": True, rng.choice(("title", "append")): words.title(), "reason": why}
    elif kind == 2:  # an operation at, another below
        a = rng.choice([b for b in free if model.down(nodes[b]) and not any(d.lock for d in model.down(nodes[b]))])
        below = rng.choice([d.address for d in model.down(nodes[a]) if d.removed is None])
        changes[a], changes[below] = {"remove": True, "reason": why}, {"append": text()}
    elif kind == 3:
        changes[a] = rng.choice(({rng.choice(("prepend", "append")): ""}, {"replace": "", "reason": why}, {"append": " "}))
    elif kind == 4:
        changes[a] = rng.choice(({}, {"reason": why}))
    elif kind == 5:  # two inserts at one anchor
        word = rng.choice(("first_in", "last_in") if "#" not in a else model.PLACES)
        for _ in range(2):
            inserts[f"{page}#{words.word()}"] = new(**{word: a.split("#")[-1]})
    elif kind == 6:  # two moves, or a move and an insert, at one anchor
        pages = [b for b in free if "#" not in b and b != project["pages"][0]["id"]]
        b, c = rng.sample(pages, 2) if len(pages) > 1 else [][0]
        target, word = project["pages"][0]["id"], rng.choice(("before", "after"))
        changes[b] = {"move": {word: target}}
        if rng.random() < .5:
            changes[c] = {"move": {word: target}}
        else:
            inserts[words.word()] = new(**{word: target})
    elif kind == 7:
        inserts[f"{page}#{words.word()}"] = new(text="", last_in=page)
    else:
        inserts[f"{page}#{words.word()}"] = new(last_in=page, first_in=page)


def fault_removed(rng, words, project, lid):
    changes, inserts, nodes, free = situation(project, lid)
    gone = [a for a, n in nodes.items() if any(m.removed is not None for m in model.up(n, True))
            and not any(m.address in changes for m in model.up(n, True)) and not model.lock_on(n)]
    a = rng.choice(gone)
    page, section = a.split("#")[0], "#" in a
    if rng.random() < .6:
        changes[a] = rng.choice(({"append": words.text()}, {"title": words.title()}, {"remove": True, "reason": words.paragraph()}))
    elif section:
        inserts[f"{page}#{words.word()}"] = {rng.choice(model.PLACES): a.split("#")[1], "title": words.title(), "text": words.text()}
    else:
        inserts[words.word()] = {rng.choice(model.PLACES): a, "title": words.title(), "text": words.text()}


def fault_collision(rng, words, project, lid):
    changes, inserts, nodes, free = situation(project, lid)
    if rng.random() < .3 and not any(other.get("extends") == lid for other in project["layers"].values()):
        new = rng.choice(["nl", "base", "assets", "accepted", *project["folders"]])
        if new in project["layers"]:
            raise IndexError
        for block in ("layers", "files", "refused"):
            if lid in project[block]:
                project[block][new] = project[block].pop(lid)
        return new
    a = rng.choice([a for a in free if a not in inserts])
    anchor = {"last_in": a.split("#")[0]} if "#" in a else {"after": project["pages"][0]["id"]}
    inserts[a] = {**anchor, "title": words.title(), "text": words.text()}


def fault_chain(rng, words, project, lid):
    below = [other for other in project["layers"] if lid in model.chain(project, other)[0]]
    project["layers"][lid]["extends"] = rng.choice((words.word(), rng.choice(below)))


def fault_cycle(rng, words, project, lid):
    changes, inserts, nodes, free = situation(project, lid)
    kind, first = rng.randrange(5), project["pages"][0]["id"]
    new = lambda word, target: {word: target, "title": words.title(), "text": words.text()}
    pages = [a for a in free if "#" not in a and a != first and not any(d.lock for d in model.down(nodes[a]))]
    page, a, b = rng.choice([a for a in free if "#" not in a]), words.word(), words.word()
    if kind == 0:
        inserts[f"{page}#{a}"], inserts[f"{page}#{b}"] = new("after", b), new(rng.choice(model.PLACES), a)
    elif kind == 1:
        inserts[f"{page}#{a}"] = new(rng.choice(model.PLACES), a)
    elif kind == 2:
        page = rng.choice(pages)
        changes[page] = {"move": {"after": rng.choice([page] + [d.address for d in model.down(nodes[page]) if d.level == 1 and d.removed is None])}}
    elif kind == 3:
        one, two = rng.sample(pages, 2) if len(pages) > 1 else [][0]
        changes[one], changes[two] = {"move": {"after": two}}, {"move": {rng.choice(("before", "after")): one}}
    else:
        page = rng.choice(pages)
        inserts[a], changes[page] = new(rng.choice(model.PLACES), page), {"move": {"after": a}}


def fault_parameter(rng, words, project, lid):
    project["layers"][lid].setdefault("params", {})[words.word()] = rng.choice((True, "vooraf"))


def fault_reason(rng, words, project, lid):
    changes, inserts, nodes, free = situation(project, lid)
    op = rng.choice(list(project["explain"]))
    a = rng.choice([a for a in free if a != project["pages"][0]["id"] and not any(d.lock for d in model.down(nodes[a]))])
    changes[a] = {"remove": True} if op == "remove" else rng.choice((words.text(), {"nl": words.text()}, {"replace": words.text()}))


def fault_refused(rng, words, project, lid):
    """An operation that the model refused while the layer was drafted."""
    changes, inserts, nodes, free = situation(project, lid)
    a, (is_change, value) = rng.choice(list(project["refused"][lid].items()))
    (changes if is_change else inserts).setdefault(a, value)


FAULTS = [fault_unknown_page, fault_unknown_section, fault_locked, fault_locked, fault_contradiction, fault_contradiction, fault_removed,
          fault_removed, fault_removed, fault_collision, fault_chain, fault_cycle, fault_parameter, fault_reason, fault_refused, fault_refused]
