#!/usr/bin/env python3
"""Save → new bytes over HTTP, in milliseconds: median, 95th percentile, worst.

    python3 tests/serve_speed.py FOLDER 'command with {port}' URL FILE [TIMES]

FOLDER is the project, URL the page's path and FILE the file whose first `MARK` word is replaced each time. The server is
asked again as soon as it has answered, over one connection, until the page holds the new word.
"""
import http.client
import pathlib
import shlex
import socket
import statistics
import subprocess
import sys
import time

folder, command, url, file = sys.argv[1:5]
times = int(sys.argv[5]) if len(sys.argv) > 5 else 40
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
began = time.perf_counter()
server = subprocess.Popen(shlex.split(command.format(port=port)), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def get(connection):
    connection.request("GET", url)
    return connection.getresponse().read()


try:
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            get(connection)
            break
        except OSError:
            time.sleep(0.002)
    print(f"ready after {(time.perf_counter() - began) * 1e3:.0f} ms")
    path = pathlib.Path(folder, file)
    original = path.read_text()
    assert "MARK" in original, "the file needs a word MARK"
    took = []
    try:
        for number in range(times):
            time.sleep(0.9)
            word = f"WORD{number}X{time.time_ns()}"
            text = original.replace("MARK", word, 1)
            start = time.perf_counter()
            path.write_text(text)
            while word.encode() not in get(connection):
                assert time.perf_counter() - start < 60
            took.append((time.perf_counter() - start) * 1e3)
    finally:
        path.write_text(original)
    took.sort()
    print(f"median {statistics.median(took):.1f} ms, p95 {took[int(len(took) * .95)]:.1f} ms, worst {took[-1]:.1f} ms")
finally:
    server.terminate()
    server.wait()
