"""Time and peak memory of the dense CRF over 500 x 500 pixels of examples/photos/astronaut.png, 3 classes, 10 rounds,
beside pydensecrf where it is installed. Usage: crf.py [RUNS]; the least of them counts."""

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
        result = function()
        times.append(time.perf_counter() - begin)
    return min(times) * 1e3, result


def rival(photo, maps):
    """None where it is not installed."""
    try:
        import pydensecrf.densecrf as densecrf
        from pydensecrf.utils import unary_from_softmax
    except ImportError:
        return None

    def run():
        field = densecrf.DenseCRF2D(photo.shape[1], photo.shape[0], len(maps))
        field.setUnaryEnergy(np.ascontiguousarray(unary_from_softmax(maps)))
        field.addPairwiseGaussian(sxy=3, compat=3)
        field.addPairwiseBilateral(sxy=80, srgb=13, rgbim=photo, compat=10)
        return np.array(field.inference(10)).reshape(maps.shape)

    return run


def main():
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    whole = np.array(Image.open(PHOTO).convert("RGB"))
    maps = np.ascontiguousarray(faceseg.segment(whole, output="probabilities", refine="none")[:, :500, :500])
    photo = np.ascontiguousarray(whole[:500, :500])
    before = peak()
    for threads in (2, 1):
        milliseconds, ours = least(runs, lambda: faceseg.crf(photo, maps, threads=threads))
        print(f"faceseg.crf, threads {threads}: {milliseconds:.0f} ms")
    print(f"memory beside what was there: {peak() - before:.0f} MB")
    other = rival(photo, maps)
    if other:
        milliseconds, theirs = least(runs, other)
        same = (theirs.argmax(axis=0) == ours.argmax(axis=0)).mean()
        print(f"pydensecrf, one thread: {milliseconds:.0f} ms; the same label on {100 * same:.2f} % of the pixels")


if __name__ == "__main__":
    main()
