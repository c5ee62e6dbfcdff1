"""A whole photo, RGB of 1280 x 720 in and labels out, by the built-in network: prints what it measured as a line of JSON.

    python benchmarks/pipeline.py THREADS PRECISION REPEATS

Through the C face by ctypes, into buffers made before. `run` turns the photo into the network's planes and runs it;
`labels` enlarges the scores and decides, without refinement. What the network alone takes is measured by itself
afterwards, and so is the whole with guided refinement.
"""

import json
import os
import statistics
import sys
import time

import cv2
import numpy as np

import faceseg
import measure

PHOTO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../examples/photos/astronaut.png")
WIDTH, HEIGHT, SIDE = 1280, 720, 256  # SIDE: of the square that the built-in network sees


def photo():
    return cv2.cvtColor(cv2.resize(cv2.imread(PHOTO), (WIDTH, HEIGHT)), cv2.COLOR_BGR2RGB)


def opened(threads, precision, refine="none"):
    return faceseg.Session(threads=threads, precision=precision, refine=refine)


def main():
    threads, precision, repeats = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    rgb, labels, middle = photo(), np.empty((HEIGHT, WIDTH), np.uint8), []
    with opened(threads, precision) as session:
        def whole():
            begin = time.perf_counter()
            session.run(rgb)
            middle.append((time.perf_counter() - begin) * 1000)
            session.labels(out=labels)
        whole()
        middle.clear()
        times = measure.repeated(whole, repeats)
        x = np.zeros((1, 3, SIDE, SIDE), np.float32)
        session.forward(x)
        network = measure.repeated(lambda: session.forward(x), repeats)
    with opened(threads, precision, "guided") as session:
        refined = session.segment(rgb)
        guided = measure.repeated(lambda: session.segment(rgb, out=refined), repeats)
    with opened(1, "exact") as session:
        right = session.segment(rgb)
    print(json.dumps({
        "median": statistics.median(times), "minimum": min(times), "run": statistics.median(middle),
        "labels": statistics.median(t - m for t, m in zip(times, middle)), "network": statistics.median(network),
        "guided": statistics.median(guided),
        "same": float((labels == right).mean())}))


if __name__ == "__main__":
    main()
