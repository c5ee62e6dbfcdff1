"""How soon a cancelled call returns: Session.cancel from another thread at random moments of runs and results.

    python benchmarks/cancel.py [--times 40] [--model M.caffemodel --prototxt P]

The photo is examples/photos/astronaut.png, enlarged to 3000 x 2000. Prints for each mode how long the call takes when
nobody cancels it, and the median and the longest time from a cancel to its return; after each the session runs a small
photo, whose labels must be those of before.
"""

import argparse
import random
import statistics
import threading
import time
from pathlib import Path

import numpy as np
from PIL import Image

import faceseg

PHOTO = Path(__file__).resolve().parents[1] / "examples/photos/astronaut.png"


def call(session, photo, output):
    session.run(photo)
    if output == "labels":
        session.labels()
    elif output == "heads":
        session.heads()
    else:
        session.alpha("head")


def delays(session, photo, output, times, small, labels):
    """Seconds of a whole call, and those from each cancel to the call's return."""
    call(session, photo, output)
    begin = time.perf_counter()
    call(session, photo, output)
    whole, seen, chance = time.perf_counter() - begin, [], random.Random(1)
    while len(seen) < times:
        at = []

        def cancel():
            at.append(time.perf_counter())
            session.cancel()

        timer = threading.Timer(chance.uniform(0, whole), cancel)
        timer.start()
        try:
            call(session, photo, output)
        except faceseg.FaceSegError as error:
            assert error.status == faceseg.Status.CANCELLED, error
            seen.append(time.perf_counter() - at[0])
        timer.join()
        assert np.array_equal(session.segment(small), labels)
    return whole, seen


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=40)
    parser.add_argument("--model")
    parser.add_argument("--prototxt")
    arguments = parser.parse_args()
    photo = np.array(Image.open(PHOTO).convert("RGB").resize((3000, 2000)))
    small = np.array(Image.open(PHOTO).convert("RGB").resize((160, 160)))
    more = {"prototxt": arguments.prototxt} if arguments.prototxt else {}
    model = faceseg.Model(arguments.model, **more) if arguments.model else faceseg.Model()
    modes = [("none", -1, "labels"), ("guided", -1, "labels"), ("guided", 24, "heads"), ("matting", -1, "alpha"),
             ("crf", -1, "labels")]
    print("| refinement, smallest head, result | uncancelled, ms | median to return, ms | longest |\n|---|---|---|---|")
    for refine, smallest, output in modes:
        with faceseg.Session(model, refine=refine, smallest_head=smallest) as session:
            whole, seen = delays(session, photo, output, arguments.times, small, session.segment(small))
        print(f"| {refine}, {smallest}, {output} | {1e3 * whole:.0f} | {1e3 * statistics.median(seen):.1f} "
              f"| {1e3 * max(seen):.1f} |")


if __name__ == "__main__":
    main()
