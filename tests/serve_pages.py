#!/usr/bin/env python3
"""A handbook of any size for measuring: PAGES pages of 800 words, ORGANISATIONS layers with ten changes each.

    python3 tests/serve_pages.py FOLDER PAGES ORGANISATIONS
"""
import pathlib
import random
import sys

folder, pages, organisations = pathlib.Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
random.seed(1)
words = ("de stagiair plaatst een bericht op het kanaal van de organisatie en vraagt eerst akkoord aan de begeleider "
         "die meekijkt naar toon beeld en tijdstip voordat iemand reageert").split()
(folder / "content/organisations").mkdir(parents=True)
(folder / "book.toml").write_text('[book]\ntitle = "Maat"\nlanguage = "nl"\nlanguages = ["nl"]\n')


def paragraph():
    return " ".join(random.choices(words, k=80)).capitalize() + "."


def page(number):
    # The pages of one hundred stand in one folder.
    return f"deel{number // 100:02}/pagina{number:05}"


(folder / "content/index.md").write_text("# Begin\n\nAlle pagina's. MARK\n")
for number in range(pages):
    path = folder / f"content/{page(number)}.md"
    path.parent.mkdir(exist_ok=True)
    other = page((number * 7 + 1) % pages)
    sections = "\n".join(f"## Deel {s} {{#s{s}}}\n\n{paragraph()} [verder](/{other}.md#s1).\n\n{paragraph()}\n" for s in range(5))
    path.write_text(f"# Pagina {number}\n\nMARK\n\n{sections}")
for number in range(organisations):
    changed = random.sample(range(pages), min(10, pages))
    changes = "".join(f"  {page(at)}#s2: Wij van organisatie {number} doen dit anders.\n" for at in changed)
    (folder / f"content/organisations/org{number:03}.yaml").write_text(f"name: Organisatie {number}\nchanges:\n{changes}")
