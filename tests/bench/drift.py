#!/usr/bin/env python3
"""What drift costs: `leidraad check` with and without pins.

    tests/bench/drift.py LEIDRAAD [--pages 1000] [--organisations 1000] [--runs 9]

Method. `generate.py --pins` writes organisations that replace twenty sections each, pinned to fingerprints that
no text has. `check` names the right ones (W201), which are put in their place; after that nothing is stale. Three
states of the same project are then checked in turn, as whole processes: all pins right, one word changed in every
pinned section of a tenth of the pages, and no pins at all. Reported are the medians of wall and CPU time; what
drift costs is the first less the last.
"""

import argparse
import json
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

from run import run

HERE = pathlib.Path(__file__).parent
NONE = "v1-000000000000"


def findings(leidraad, project):
    done = subprocess.run([leidraad, "check", "--format", "json", project], stdout=subprocess.PIPE, text=True)
    return [finding for finding in json.loads(done.stdout) if finding["code"] == "W201"]


def pin(leidraad, project):
    """Puts the fingerprints of today in the place of those that no text has; gives how many there are."""
    stale = findings(leidraad, project)
    by_file = {}
    for finding in stale:
        now = re.search(r"now (v1-[0-9a-f]{12})", finding["message"])[1]
        by_file.setdefault(finding["path"], []).append((finding["line"], now))
    for path, pins in by_file.items():
        file = project / path
        lines = file.read_text(encoding="utf-8").split("\n")
        for line, now in pins:
            at = next(at for at in range(line - 1, len(lines)) if NONE in lines[at])
            lines[at] = lines[at].replace(NONE, now)
        file.write_text("\n".join(lines), encoding="utf-8")
    return len(stale)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("leidraad", type=pathlib.Path)
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--organisations", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    leidraad = options.leidraad.resolve()
    root = pathlib.Path(tempfile.mkdtemp(prefix="leidraad-drift-"))
    right, stale, bare = root / "right", root / "stale", root / "bare"
    generate = [sys.executable, HERE / "generate.py", right, str(options.pages), str(options.organisations), "--pins"]
    subprocess.run(generate, check=True)
    pins = pin(leidraad, right)
    assert pins and not findings(leidraad, right), "pins that should be right are stale"
    shutil.copytree(right, stale)
    shutil.copytree(right, bare)
    for page in sorted((stale / "content").glob("deel-*/*.md"))[::10]:
        page.write_text(page.read_text(encoding="utf-8").replace("\n\n", "\n\nNieuw. ").replace("Nieuw. #", "#"), encoding="utf-8")
    for layer in (bare / "content/organisations").glob("*.yaml"):
        layer.write_text(re.sub(r"    accepted: .*\n", "", layer.read_text(encoding="utf-8")), encoding="utf-8")
    changed = len(findings(leidraad, stale))
    figures = {name: [] for name in (right, stale, bare)}
    for _ in range(options.runs):
        for project in figures:
            figures[project].append(run([leidraad, "check", "-q", project]))
    print(f"{options.organisations} organisations, {pins} pins, {options.pages} pages, {options.runs} runs; medians")
    said = {right: "pins right", stale: f"{changed} stale", bare: "no pins"}
    medians = {}
    for project, runs in figures.items():
        medians[project] = [statistics.median(column) for column in zip(*runs)]
        wall, cpu, memory = medians[project]
        print(f"{said[project]:>12}  {wall:6.3f} s wall  {cpu:6.3f} s CPU  {memory:6.0f} MiB")
    wall, cpu = (medians[right][at] - medians[bare][at] for at in (0, 1))
    print(f"drift costs {wall:.3f} s wall, {cpu:.3f} s CPU")


if __name__ == "__main__":
    main()
