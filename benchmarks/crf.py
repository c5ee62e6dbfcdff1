"""Time and peak memory of the dense CRF over 500 x 500 pixels of examples/photos/astronaut.png, 3 classes, 10 rounds;
and of the photo at 1280 x 720 from RGB to labels, with and without it, and to the alpha of its head by matting. Usage:
crf.py [RUNS]; the least counts."""

import resource
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

import faceseg

PHOTO = Path(__file__).resolve().parents[1] / "examples/photos/astronaut.png"


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def least(runs, function):
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        function()
        times.append(time.perf_counter() - begin)
    return min(times) * 1e3


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    whole = np.array(Image.open(PHOTO).convert("RGB"))
    maps = np.ascontiguousarray(faceseg.segment(whole, output="probabilities", refine="none")[:, :500, :500])
    photo = np.ascontiguousarray(whole[:500, :500])
    before = peak()
    for threads in (2, 1):
        milliseconds = least(runs, lambda: faceseg.crf(photo, maps, threads=threads))
        print(f"faceseg.crf, threads {threads}: {milliseconds:.0f} ms")
    print(f"memory beside what was there: {peak() - before:.0f} MB")
    wide = np.array(Image.open(PHOTO).convert("RGB").resize((1280, 720)))
    for refine in ("none", "guided", "crf"):
        for threads in (2, 1):
            with faceseg.Session(refine=refine, threads=threads, precision="fast") as session:
                milliseconds = least(runs, lambda: session.segment(wide))
            print(f"1280 x 720, refine {refine}, threads {threads}: {milliseconds:.1f} ms")
    for threads in (2, 1):
        with faceseg.Session(refine="matting", threads=threads, precision="fast") as session:
            milliseconds = least(max(runs // 4, 1), lambda: (session.run(wide), session.alpha("head")))
        print(f"1280 x 720, alpha of the head by matting, threads {threads}: {milliseconds:.1f} ms")
    print(f"memory beside what was there: {peak() - before:.0f} MB")


if __name__ == "__main__":
    main()
