#!/usr/bin/env python3
"""Writes a handbook of a given size, the same bytes at every run.

    generate.py DIR PAGES [ORGANISATIONS] [--for=leidraad|hugo|mdbook] [--pins]

Pages have about 800 words in sections with explicit ids, in folders of 50, with a link to their
neighbours. Each organisation sets a parameter and changes twenty sections; with --pins it replaces all
twenty, each pinned to a fingerprint that no text has.
"""

import os
import random
import sys

WORDS = ("stagiair begeleider organisatie kanaal bericht klant antwoord vraag afspraak planning overdracht kennis "
         "verantwoordelijkheid toon beeld tekst reactie klacht account wachtwoord week dag maand school opdracht "
         "doel gesprek evaluatie collega verhaal product winkel gemeente inwoner en of maar want dus als dan dat die "
         "deze wij je een het de van voor met op in aan bij naar over onder zonder altijd nooit soms vaak").split()


def sentence(rng):
    words = [rng.choice(WORDS) for _ in range(rng.randint(7, 14))]
    return " ".join(words).capitalize() + "."


def paragraph(rng):
    return " ".join(sentence(rng) for _ in range(5))


def page(number, rng, neighbour):
    out = [f"# Pagina {number}", "", paragraph(rng), ""]
    for section in range(1, 6):
        out += [f"## Onderdeel {section} {{#onderdeel-{section}}}", "", paragraph(rng), ""]
        if section % 2:
            out += [f"- {sentence(rng)}" for _ in range(4)] + [""]
        else:
            out += [f"Zie ook [de volgende pagina]({neighbour}) en **{rng.choice(WORDS)}** of *{rng.choice(WORDS)}*.", ""]
        out += [paragraph(rng), ""]
    return "\n".join(out)


def path(number):
    return f"deel-{number // 50:03}/pagina-{number:05}.md"


def write(name, text):
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


def main():
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    kind = next((a.split("=")[1] for a in sys.argv if a.startswith("--for=")), "leidraad")
    root, pages = arguments[0], int(arguments[1])
    organisations = int(arguments[2]) if len(arguments) > 2 else 0
    rng = random.Random(20261123)
    content = {"leidraad": "content", "hugo": "content", "mdbook": "src"}[kind]
    texts = []
    for number in range(pages):
        neighbour = "../" + path((number + 1) % pages)
        text = page(number, rng, neighbour)
        if kind == "hugo":
            text = f"---\ntitle: Pagina {number}\nweight: {number + 1}\n---\n" + text.split("\n", 1)[1]
            text = text.replace(f"({neighbour})", '({{< relref "/' + path((number + 1) % pages) + '" >}})')
        write(f"{root}/{content}/{path(number)}", text)
        texts.append(f"- [Pagina {number}]({path(number)})")
    summary = "# Summary\n\n" + "\n".join(texts) + "\n"
    if kind == "leidraad":
        write(f"{root}/book.toml", '[book]\ntitle = "Bench"\nlanguage = "nl"\n')
        if organisations:
            write(f"{root}/content/handbook.yaml", "params:\n  weeks: {type: integer, min: 1, max: 99, default: 20}\n")
        for number in range(organisations):
            lines = [f"name: Organisatie {number}", f"params: {{weeks: {number % 90 + 1}}}", "changes:"]
            for change in range(min(20, pages)):
                target = (number * 37 + change * 11) % pages
                section = change % 5 + 1
                address = f"{path(target)[:-3]}#onderdeel-{section}"
                pinned = "--pins" in sys.argv
                lines.append(f"  {address}:\n    {'append' if change % 2 and not pinned else 'replace'}: {sentence(rng)}")
                if pinned:
                    lines.append("    accepted: v1-000000000000")
            write(f"{root}/content/organisations/org-{number:04}.yaml", "\n".join(lines) + "\n")
    elif kind == "mdbook":
        write(f"{root}/src/SUMMARY.md", summary)
        write(f"{root}/book.toml", '[book]\ntitle = "Bench"\n[output.html.search]\nenable = false\n')
    elif kind == "hugo":
        write(f"{root}/hugo.toml", 'title = "Bench"\nbaseURL = "https://example.org/"\ndisableKinds = ["taxonomy", "RSS", "sitemap"]\n')
        base = ('<!doctype html><html lang="nl"><head><meta charset="utf-8"><title>{{ .Title }}</title></head><body>'
                '<nav><ul>{{ range .Site.Home.Sections }}<li><a href="{{ .RelPermalink }}">{{ .Title }}</a></li>{{ end }}</ul></nav>'
                '<main><h1>{{ .Title }}</h1>{{ .Content }}</main></body></html>')
        write(f"{root}/layouts/_default/single.html", base)
        write(f"{root}/layouts/_default/list.html", base)


if __name__ == "__main__":
    main()
