"""Time per pixel and memory from 256 x 256 to 4096 x 4096, for FCN-8s and the built-in network.

    make growth                        the table, a quarter of an hour with two threads
    python benchmarks/growth.py --sides 512,1024 --limit 200000000

Each net runs at each size in one session of its own, once before it is timed where a run takes less than ten seconds;
the fastest run counts. What the arena takes is what `faceseg info` says of the same size, limit and threads. FCN-8s is
that of the fixtures: ../shared/fixtures or FACESEG_FIXTURES.
"""

import argparse
import json
import os
import shutil
import subprocess
import tempfile
import time

import numpy as np

import faceseg
import full_size

HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURES = os.path.join(os.environ.get("FACESEG_FIXTURES", os.path.join(HERE, "../../shared/fixtures")), "inference")
PROGRAM = os.path.join(HERE, "../build/faceseg")
LONG, ENOUGH = 10, 2  # seconds: runs that are not repeated, and time that repeated ones take at least


def picture(side):
    """Numbers as a photo's have them, the same for the same side."""
    return np.random.default_rng(side).normal(0, 60, (1, 3, side, side)).astype(np.float32)


def fastest(session, numbers):
    times = []
    while not times or (times[0] < LONG and (len(times) < 3 or sum(times) < ENOUGH)):
        begin = time.perf_counter()
        session.forward(numbers)
        times.append(time.perf_counter() - begin)
    return min(times)


def arena(path, side, limit, threads):
    """Bytes that a run takes, from the program."""
    command = [PROGRAM, "info"] + ([path] if path else []) + ["--json", "--size", f"{side}x{side}"]
    if path:
        command += ["--prototxt", path.replace(".caffemodel", ".prototxt")]
    if limit:
        command += ["--memory-limit", str(limit)]
    told = subprocess.run(command + ["--threads", str(threads)], check=True, capture_output=True, text=True).stdout
    return json.loads(told)["memory"]["scratch"]


def rows(model, path, sides, limit, threads):
    """Side, seconds and bytes of each size."""
    for side in sides:
        with faceseg.Session(model, threads=threads, memory_limit=limit) as session:
            yield side, fastest(session, picture(side)), arena(path, side, limit, threads)


def table(title, measured):
    """Printed row by row, as they come: the ratio is to 512, or to the first where there is none."""
    print(f"\n{title}\n\n| side | ms | µs per pixel | of that at 512 | arena, MiB |\n|---:|---:|---:|---:|---:|")
    known = []
    for side, seconds, size in measured:
        known.append((side, seconds / side**2))
        reference = dict(known).get(512)
        ratio = f"{known[-1][1] / reference:.2f}" if reference else ""
        print(f"| {side} | {seconds * 1e3:,.1f} | {known[-1][1] * 1e6:.3f} | {ratio} | {size / 2**20:,.0f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sides", default="512,256,1024,2048,4096", help="in this order")
    parser.add_argument("--threads", type=int, default=faceseg.runtime().threads)
    parser.add_argument("--limit", type=int, default=1_500_000_000, help="bytes of scratch memory; 0: none")
    parser.add_argument("--nets", default="FCN-8s,built-in")
    options = parser.parse_args()
    sides = [int(side) for side in options.sides.split(",")]
    limited = f"{options.limit / 1e9:g} GB of scratch memory at most" if options.limit else "no limit of memory"
    print(f"faceseg {faceseg.runtime().version}, {faceseg.runtime().cpu}, {options.threads} threads, {limited}")
    with tempfile.TemporaryDirectory() as folder:
        if "FCN-8s" in options.nets:
            path = os.path.join(folder, "fcn8s.caffemodel")
            full_size.write_model(full_size.load(FIXTURES), path)
            shutil.copy(f"{FIXTURES}/fcn8s_full.prototxt", path.replace(".caffemodel", ".prototxt"))
            model = faceseg.Model(path, prototxt=path.replace(".caffemodel", ".prototxt"))
            table("FCN-8s for 3 classes", rows(model, path, sides, options.limit, options.threads))
        if "built-in" in options.nets:
            table("Built-in network", rows(None, None, sides, options.limit, options.threads))


if __name__ == "__main__":
    main()
